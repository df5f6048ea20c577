//! The lab's DNS: zones held in memory, signed when asked, and the servers that answer from them.

mod answer;
mod denial;
mod fault;
mod presentation;
mod responder;
mod rrset;
mod server;
mod signer;
mod zone;

pub(crate) use denial::NEGATIVE_TTL;
pub(crate) use fault::{Fault, FaultRule};
pub(crate) use presentation::{Line, parse_line, relative, text_strings, tlsa};
pub(crate) use responder::{Responder, Role};
pub(crate) use server::serve;
pub(crate) use signer::Signer;
pub(crate) use zone::{Signing, Zone};
