//! How a database is opened.

use std::time::Duration;

/// How a database is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether a SQLite file may be written to. A PostgreSQL server knows by itself.
    pub access: Access,
    /// Whether a SQLite file that is not there is made. A PostgreSQL database must be there in any case.
    pub create: bool,
    /// What a commit waits for (SQLite; PostgreSQL has its own setting, `synchronous_commit`).
    pub durability: Durability,
    /// How long one statement waits for another process's lock (SQLite).
    pub busy_timeout: Duration,
    /// Memory for pages of the file, in KiB, for the connection that writes; each reader has a quarter of it (SQLite).
    pub cache_kib: u32,
    /// Connections that read at the same time (SQLite), or connections in all (PostgreSQL).
    pub connections: u32,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
}

/// Whether a SQLite file may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It may, and so may files beside it.
    Write,
    /// Neither it nor its folder: it must be complete, without a log beside it, and nobody may change it meanwhile.
    Read,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// What is committed survives a power cut.
    Full,
    /// What is committed survives the death of the process. A power cut may take the last commits back, whole ones
    /// only: for work that can be done again.
    Normal,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            access: Access::Write,
            create: true,
            durability: Durability::Full,
            busy_timeout: Duration::from_secs(10),
            // Two thousand pages: enough for the inner pages of an index of a hundred million rows.
            cache_kib: 8 << 10,
            connections: 4,
            connect_timeout: Duration::from_secs(10),
        }
    }
}
