//! What can go wrong with a database, and whether it mends itself.

use std::fmt;

/// What went wrong, where, and how to mend it. Never holds a password.
#[derive(Debug)]
pub struct DatabaseError {
    fault: DatabaseFault,
    place: String,
    doing: &'static str,
    source: Option<Box<sqlx::Error>>,
}

/// The ways in which a database fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DatabaseFault {
    /// No room on the disk that it is on.
    DiskFull,
    /// Something could not be written: SQLite does not say whether a quota is used up or the disk is failing.
    WriteFailed,
    /// The server does not answer, is starting or is going down.
    Gone,
    /// Another process holds it for longer than we waited; or two transactions stood in each other's way.
    Locked,
    /// The file is something else, or damaged.
    NotADatabase,
    /// There is no such file or database.
    Missing,
    /// Wrong user or password.
    WrongPassword,
    /// Not allowed to read or write it.
    Forbidden,
    /// Its tables were made by a newer or a changed version of this program.
    Newer,
    /// The URL cannot be read.
    Place,
    /// A row that must be unique is there already.
    Unique,
    /// Anything else: an input/output error, or a fault of ours.
    Other,
}

impl DatabaseError {
    pub(crate) fn new(
        fault: DatabaseFault,
        place: String,
        doing: &'static str,
        source: Option<sqlx::Error>,
    ) -> Self {
        Self { fault, place, doing, source: source.map(Box::new) }
    }

    pub(crate) fn of(error: sqlx::Error, place: String, doing: &'static str) -> Self {
        Self::new(DatabaseFault::of(&error), place, doing, Some(error))
    }

    /// What is wrong.
    #[must_use]
    pub const fn fault(&self) -> DatabaseFault {
        self.fault
    }

    /// Whether it may be well again later without anyone changing what we do.
    #[must_use]
    pub const fn waiting_helps(&self) -> bool {
        matches!(
            self.fault,
            DatabaseFault::DiskFull
                | DatabaseFault::WriteFailed
                | DatabaseFault::Gone
                | DatabaseFault::Locked
        )
    }
}

impl DatabaseFault {
    fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => Self::Gone,
            sqlx::Error::Configuration(_) => Self::Place,
            sqlx::Error::Database(said) => {
                let code = said.code();
                let code = code.as_deref().unwrap_or_default();
                // SQLSTATE has five signs, a result code of SQLite at most four digits.
                if code.len() == 5 { Self::of_sqlstate(code) } else { Self::of_sqlite(code) }
            }
            _ => Self::Other,
        }
    }

    /// <https://www.sqlite.org/rescode.html>: the low eight bits are the primary code.
    fn of_sqlite(code: &str) -> Self {
        let code: u32 = code.parse().unwrap_or(0);
        match (code & 0xff, code) {
            // SQLITE_FULL; SQLITE_IOERR_SHMSIZE: no room for the index of the log.
            (13, _) | (_, 4874) => Self::DiskFull,
            // SQLITE_IOERR_WRITE, what EDQUOT becomes; SQLITE_IOERR_FSYNC, _DIR_FSYNC, _TRUNCATE: where the file system
            // finds room late.
            (_, 778 | 1034 | 1290 | 1546) => Self::WriteFailed,
            // SQLITE_BUSY, SQLITE_LOCKED.
            (5 | 6, _) => Self::Locked,
            // SQLITE_CORRUPT, SQLITE_NOTADB.
            (11 | 26, _) => Self::NotADatabase,
            // SQLITE_READONLY_DBMOVED; SQLITE_CANTOPEN.
            (_, 1032) | (14, _) => Self::Missing,
            // SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH.
            (3 | 8 | 23, _) => Self::Forbidden,
            // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID.
            (_, 1555 | 2067 | 2579) => Self::Unique,
            _ => Self::Other,
        }
    }

    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn of_sqlstate(code: &str) -> Self {
        match code {
            "53100" => Self::DiskFull,
            // An input/output error of the server, what EDQUOT becomes.
            "58030" => Self::WriteFailed,
            "28P01" | "28000" => Self::WrongPassword,
            "3D000" => Self::Missing,
            // Also a server that was demoted to a read-only standby: another may take over.
            "25006" | "53300" | "57P01" | "57P02" | "57P03" | "57P05" => Self::Gone,
            "40001" | "40P01" | "55P03" => Self::Locked,
            "42501" => Self::Forbidden,
            "23505" => Self::Unique,
            _ if code.starts_with("08") => Self::Gone,
            _ => Self::Other,
        }
    }

    const fn advice(self) -> Option<&'static str> {
        match self {
            Self::DiskFull => Some("make room on its disk"),
            Self::WriteFailed => Some("see that its disk has room and is well, and that no quota is used up"),
            Self::Gone => Some("see that the server runs and can be reached"),
            Self::Locked => Some("another process is using it; wait for it or end it"),
            Self::NotADatabase => Some("name another file; this one is damaged or something else"),
            Self::Missing => Some("see that it is there, its folder exists, and the name is right"),
            Self::WrongPassword => {
                Some("give the user in the URL and the password there, in PGPASSWORD or in ~/.pgpass")
            }
            Self::Forbidden => Some("see that this user may read and write it"),
            Self::Newer => Some("use the version of mta-sts that made it, or a newer one"),
            Self::Place => Some("write it as postgres://USER@HOST:PORT/DATABASE"),
            Self::Unique | Self::Other => None,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::DiskFull => "its disk is full",
            Self::WriteFailed => "it cannot be written to",
            Self::Gone => "it does not answer",
            Self::Locked => "it is locked",
            Self::NotADatabase => "this is no database",
            Self::Missing => "there is no such database",
            Self::WrongPassword => "the user or the password is not accepted",
            Self::Forbidden => "access is not allowed",
            Self::Newer => "it was made by another version of mta-sts",
            Self::Place => "the URL cannot be read",
            Self::Unique => "a row is there already",
            Self::Other => "it failed",
        }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database {}: {} ({}", self.place, self.fault.words(), self.doing)?;
        match &self.source {
            // A URL that cannot be read may hold a password.
            Some(source) if self.fault != DatabaseFault::Place => match source.as_ref() {
                sqlx::Error::Database(said) => write!(f, ": {}", said.message())?,
                other => write!(f, ": {other}")?,
            },
            _ => {}
        }
        f.write_str(")")?;
        match self.fault.advice() {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for DatabaseError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (code, fault) in [
            ("13", DatabaseFault::DiskFull),
            ("4874", DatabaseFault::DiskFull),
            ("778", DatabaseFault::WriteFailed),
            ("266", DatabaseFault::Other),
            ("5", DatabaseFault::Locked),
            ("517", DatabaseFault::Locked),
            ("26", DatabaseFault::NotADatabase),
            ("14", DatabaseFault::Missing),
            ("8", DatabaseFault::Forbidden),
            ("1032", DatabaseFault::Missing),
            ("1555", DatabaseFault::Unique),
            ("1", DatabaseFault::Other),
        ] {
            assert_eq!(DatabaseFault::of_sqlite(code), fault, "{code}");
        }
        for (code, fault) in [
            ("53100", DatabaseFault::DiskFull),
            ("58030", DatabaseFault::WriteFailed),
            ("28P01", DatabaseFault::WrongPassword),
            ("57P01", DatabaseFault::Gone),
            ("08006", DatabaseFault::Gone),
            ("40P01", DatabaseFault::Locked),
            ("3D000", DatabaseFault::Missing),
            ("42P01", DatabaseFault::Other),
        ] {
            assert_eq!(DatabaseFault::of_sqlstate(code), fault, "{code}");
        }
    }
}
