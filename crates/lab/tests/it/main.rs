//! The lab as its visitors see it: a validator, a web client, a mail client.

mod catalogue;
mod dns;
mod mail;
mod validator;
mod web;

use lab::{Lab, Options};

/// A lab with these scenarios only.
async fn lab(only: &[&str]) -> Lab {
    let only = only.iter().map(|name| (*name).to_owned()).collect();
    Lab::start(Options { only, ..Options::default() }).await.unwrap()
}
