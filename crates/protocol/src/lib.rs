//! What RFC 8461 (MTA-STS), RFC 8460 (TLSRPT) and RFC 6698, 7671, 7672 (DANE for SMTP) say, as values: names, records,
//! policies, TLSA records, the decision per MX host. No I/O, no clock, no async, no logs: time is an argument, failure is
//! data, and every reader takes hostile octets. Each text has two readers: a strict one, which says what a sender must
//! obey, and an inspecting one, which never fails and says what a person wants to hear.

mod domain;
mod excerpt;
mod extensions;
mod ldh;
mod loose_record;
mod mend;
mod mx_pattern;
mod odd_octets;
mod oddity;
mod party;
mod record_grammar;

pub mod dane;
pub mod identity;
pub mod observed;
pub mod sts;
pub mod tlsrpt;
pub mod vectors;
pub mod zone;

pub use domain::{Domain, DomainError, DomainFault};
pub use mx_pattern::{MxPattern, MxPatternError, MxPatternFault};
pub use oddity::{Oddity, Weight};
pub use party::Party;
pub use record_grammar::{Defect, SyntaxError};
