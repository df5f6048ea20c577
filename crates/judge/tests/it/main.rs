//! The judge's tests: one change to a healthy domain per case, truth tables, properties, words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    unreachable_pub,
    reason = "tests"
)]

mod cases;
mod healthy;
mod one_change;
mod properties;
mod propose;
mod readiness;
mod verdicts;
mod who_delivers;
mod words;
