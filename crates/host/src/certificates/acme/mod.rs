//! Certificates from an authority by ACME (RFC 8555): the account, one order for each name, and when to renew (RFC 9773).

mod account;
mod moment;
mod order;
mod patience;
mod proofs;
mod renewal_window;
mod transport;
mod trouble;

pub use account::{AcmeSettings, Authority, Reached};
pub(crate) use moment::Moment;
pub(crate) use order::{Course, Ended, carry_out};
pub(crate) use patience::again;
pub use proofs::Proofs;
pub(crate) use renewal_window::{Suggested, ask};
pub use trouble::{Kind, Trouble};
