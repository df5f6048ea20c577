//! The readers of hostile octets as plain functions, for fuzzing and for reading recorded octets again.

use std::str::FromStr;

use bytes::Bytes;
use domain::base::{Message, Name};
use protocol::observed::{Certificate, Outcome, PathFacts, Reply, Txt};

use crate::certificate::{chain_facts, read_certificate};
use crate::dns::read_answer;
use crate::smtp::{self, Progress};
use crate::tls;

/// Reads one SMTP reply from the beginning of `octets` (RFC 5321 §4.2): the reply and the octets that it took, `None`
/// while it is not complete.
///
/// # Errors
/// In words, when what came is no SMTP reply or larger than we take.
pub fn smtp_reply(octets: &[u8]) -> Result<Option<(Reply, usize)>, String> {
    match smtp::read_reply(octets) {
        Progress::Unfinished => Ok(None),
        Progress::Complete(reply, taken) => Ok(Some((reply, taken))),
        Progress::Fault(text) => Err(text),
    }
}

/// The version of TLS that a server chose, by the first octets that it sent (RFC 5246 §7.4.1.3): `None` as long as
/// they are too few, `Some(None)` when they are no ServerHello.
#[must_use]
pub fn server_hello_version(octets: &[u8]) -> Option<Option<(u8, u8)>> {
    match tls::read_first_answer(octets) {
        tls::FirstAnswer::Unfinished => None,
        tls::FirstAnswer::Hello(major, minor) => Some(Some((major, minor))),
        tls::FirstAnswer::Alert(_) | tls::FirstAnswer::Other => Some(None),
    }
}

/// What a DNS message says about TXT at `name`; `None` when it is no message or that is no name.
#[must_use]
pub fn txt_answer(message: &[u8], name: &str) -> Option<Outcome<Txt>> {
    let message = Message::from_octets(Bytes::copy_from_slice(message)).ok()?;
    let name = Name::<Bytes>::from_str(name).ok()?;
    Some(read_answer::<Txt>(&message, &name, usize::MAX).outcome)
}

/// What a certificate in DER says (RFC 5280 §4.1). One that cannot be read keeps its octets and says nothing.
#[must_use]
pub fn certificate(der: &[u8]) -> Certificate {
    read_certificate(der)
}

/// The path of a chain as a server sent it, leaf first, with the roots that this program carries, regardless of dates.
#[must_use]
pub fn certificate_path(chain: &[&[u8]]) -> PathFacts {
    chain_facts(chain, webpki_roots::TLS_SERVER_ROOTS)
}
