//! The table of single changes.

mod fetch;
mod mail;
mod policy;
mod record;
mod tls;
mod tlsrpt;

use crate::healthy::Setup;

/// One change to the healthy domain, and the findings that it brings: `code` or `code/detail`.
pub struct OneChange {
    pub name: &'static str,
    pub change: fn(&mut Setup),
    pub expected: &'static [&'static str],
}

pub fn all() -> impl Iterator<Item = OneChange> {
    record::cases()
        .into_iter()
        .chain(fetch::cases())
        .chain(policy::cases())
        .chain(mail::cases())
        .chain(tls::cases())
        .chain(tlsrpt::cases())
}

pub fn case(name: &'static str, expected: &'static [&'static str], change: fn(&mut Setup)) -> OneChange {
    OneChange { name, change, expected }
}
