//! The room from outside, with real sockets on loopback: certificates by an authority of the tests and by Debian's Pebble where
//! it is installed, domains and certificates in SQLite and in the PostgreSQL that `MTA_STS_TEST_POSTGRES` names, DNS.

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
mod databases;
mod domains;
mod jose;
mod keeping;
mod ordering;
mod pebble;
mod stand;
mod zone;
