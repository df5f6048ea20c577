//! DANE for SMTP: TLSA records and how they match a presented chain. RFC 6698, RFC 7671, RFC 7672.

mod judgement;
mod tlsa;

pub use judgement::{Certificate, Chain, Mismatch, Outcome, judge};
pub use tlsa::{Tlsa, TlsaError, Unusable, strongest};
