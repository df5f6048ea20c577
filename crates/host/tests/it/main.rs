//! Hosted domains in a real database.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so by failing")]

mod domains;
mod stand;
