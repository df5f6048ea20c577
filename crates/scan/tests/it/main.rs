//! Scans on both kinds of store, against a name server of our own on loopback.

mod answerer;
mod claims;
mod list;
mod stand;
mod trouble;
mod workers;
