//! The lab as its visitors see it: a validator, a web client, a mail client.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it fails; not all of these functions are tests"
)]
#![allow(clippy::disallowed_methods, reason = "visitors of the lab have clocks of their own")]

mod catalogue;
mod dns;
mod mail;
mod validator;
mod visitor;
mod web;

use lab::{Lab, Options};

/// A lab with these scenarios only.
async fn lab(only: &[&str]) -> Lab {
    let only = only.iter().map(|name| (*name).to_owned()).collect();
    Lab::start(Options { only, ..Options::default() }).await.unwrap()
}
