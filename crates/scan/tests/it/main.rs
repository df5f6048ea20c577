//! Scans on both kinds of store, against a name server of our own on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod answerer;
mod list;
#[path = "../../../database/tests/it/stand.rs"]
mod stand;
mod trouble;
mod workers;
