//! Certificates on loopback: an authority of the tests, Debian's Pebble where it is installed, SQLite, and PostgreSQL where
//! `MTA_STS_TEST_POSTGRES` names one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests stop at the first surprise"
)]

mod authority;
mod crashes;
mod jose;
mod keeping;
mod ordering;
mod pebble;
mod stand;
