//! What RFC 8461 (MTA-STS), RFC 8460 (TLSRPT) and RFC 7672 (DANE for SMTP) say, as values: names, records,
//! policies, TLSA, decisions, and observations of the wire. No I/O, no clock, no async, no logs.

mod domain;

pub mod observed;

pub use domain::{Domain, DomainError};

/// DANE (placeholder until the readers land).
pub mod dane {
    use serde::{Deserialize, Serialize};
    /// A TLSA record.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Tlsa {
        /// Usage.
        pub usage: u8,
        /// Selector.
        pub selector: u8,
        /// Matching.
        pub matching: u8,
        /// Data.
        pub data: Vec<u8>,
    }
}
/// MTA-STS (placeholder until the readers land).
pub mod sts {
    use serde::{Deserialize, Serialize};
    /// A policy's mode.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    pub enum Mode {
        /// enforce
        Enforce,
        /// testing
        Testing,
        /// none
        None,
    }
}
