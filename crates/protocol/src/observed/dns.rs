//! DNS answers with their DNSSEC state.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{NotTested, Octets, Tested};

/// One question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer<T> {
    /// The name asked for, in presentation form, lower case, no final dot.
    pub name: String,
    /// The record type asked for, such as `TXT`.
    pub rtype: String,
    /// What came back.
    pub outcome: Outcome<T>,
    /// The DNSSEC state of that answer, positive or negative, by our own validation.
    pub security: Security,
    /// CNAME targets followed, in order; empty when the name itself carries the data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether a CNAME was seen beside other data at the name (a zone fault, RFC 1034 §3.6.2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alias_beside_data: bool,
    /// The smallest TTL of the answer, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// How long the question took, in milliseconds.
    #[serde(default)]
    pub millis: u64,
}

/// What a question brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<T> {
    /// At least one record of the type.
    Records(Vec<T>),
    /// The name exists, this type does not (NODATA).
    NoData,
    /// The name does not exist.
    NxDomain,
    /// No answer that may be believed: the state is unknown (RFC 8461 §3.3: a cached policy stays).
    Failed(DnsFailure),
    /// The question was not asked or our own resolver is down.
    NotTested(NotTested),
}

/// Why there is no answer that may be believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DnsFailure {
    /// The servers answered SERVFAIL (the resolver could not get an answer).
    ServFail,
    /// The servers answered REFUSED.
    Refused,
    /// Another response code.
    Rcode(String),
    /// The domain's servers did not answer in time, while the resolver answers other questions.
    Timeout,
    /// DNSSEC validation failed; the reason is in [`Answer::security`].
    Bogus,
    /// The CNAMEs go round in a circle, or on for too long.
    CnameLoop,
    /// The answer could not be read.
    Malformed(String),
    /// The answer is larger than we take.
    TooLarge,
}

/// The DNSSEC state of an answer (RFC 4033 §5), with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Security {
    /// The state.
    pub status: SecurityStatus,
    /// Why, in words, where the validator says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The states of RFC 4033 §5, and not validated at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityStatus {
    /// A chain of signatures reaches the trust anchor.
    Secure,
    /// It is proven that no such chain need exist.
    Insecure,
    /// A chain should exist and is broken.
    Bogus,
    /// There is no trust anchor that covers the name, or the chain could not be fetched.
    Indeterminate,
    /// Validation was switched off.
    Unchecked,
}

/// One TXT record: its character-strings as received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Txt {
    /// The character-strings, in order.
    pub strings: Vec<Octets>,
}

/// One MX record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MxRecord {
    /// Lower is tried first.
    pub preference: u16,
    /// The host as published, lower case, no final dot; empty for the null MX (RFC 7505).
    pub host: String,
}

/// What one authoritative server said when asked directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerAnswer {
    /// The server's name.
    pub server: String,
    /// The address that was asked.
    pub address: IpAddr,
    /// What it said for TXT at `_mta-sts`.
    pub answer: Tested<Outcome<Txt>>,
}

impl Txt {
    /// The strings joined with nothing between (RFC 8461 §3.1).
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        self.strings.iter().flat_map(|s| s.0.iter().copied()).collect()
    }
}

impl<T> Answer<T> {
    /// The records, none when there are none for whatever reason.
    #[must_use]
    pub fn records(&self) -> &[T] {
        match &self.outcome {
            Outcome::Records(records) => records,
            _ => &[],
        }
    }

    /// Whether it is known that there are no records: NODATA or NXDOMAIN.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self.outcome, Outcome::NoData | Outcome::NxDomain)
    }

    /// Whether the answer is DNSSEC-secure.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.security.status == SecurityStatus::Secure
    }

    /// An answer for a question that was not asked.
    pub fn not_tested(name: impl Into<String>, rtype: &str, why: NotTested) -> Self {
        Self {
            name: name.into(),
            rtype: rtype.to_owned(),
            outcome: Outcome::NotTested(why),
            security: Security { status: SecurityStatus::Unchecked, reason: None },
            aliases: Vec::new(),
            alias_beside_data: false,
            ttl: None,
            millis: 0,
        }
    }
}
