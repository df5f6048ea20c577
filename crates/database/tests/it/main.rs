//! What both kinds of database must do, by the same code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests stop at the first surprise"
)]

mod contract;
mod faults;
mod lease;
mod migrations;
mod stand;
