//! One embedded (SQLite) or shared (PostgreSQL) database behind one handle. Owns no table but those of its migrations
//! and leases.
//!
//! Rooms write one SQL text for both kinds: the types `BIGINT`, `TEXT`, `BYTEA` and `DOUBLE PRECISION`, placeholders
//! `$1`, times as numbers. Where the kinds must differ, both texts stand side by side in one [`Sql`].

mod database;
mod error;
mod lease;
mod migrations;
mod options;
mod place;
mod row;
mod sql;
mod transaction;
mod value;

pub use database::Database;
pub use error::{DatabaseError, DatabaseFault};
pub use lease::Lease;
pub use migrations::{Migration, Migrations};
pub use options::{Access, Durability, Options};
pub use place::{Place, Server};
pub use row::Row;
pub use sql::Sql;
pub use transaction::Transaction;
pub use value::Value;
