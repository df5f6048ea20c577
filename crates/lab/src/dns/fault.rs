//! Faults of name servers: what goes wrong when a certain name and type is asked.

use hickory_proto::rr::{Name, RecordType};
use serde::Deserialize;

/// What the server does instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// Answers SERVFAIL.
    Servfail,
    /// Answers REFUSED.
    Refused,
    /// Says nothing, over UDP and TCP alike.
    Drop,
    /// Over UDP says only "truncated"; over TCP answers in full.
    Truncate,
    /// Says "truncated" over UDP, and closes the connection over TCP.
    TruncateOnly,
    /// Sends octets that are no DNS message.
    Garbage,
    /// Sends the answer to another question (another id), never the right one.
    WrongId,
    /// The data was changed after signing.
    Tampered,
}

/// One line of a scenario's `faults`: a name, a type (or any), and what happens.
#[derive(Debug, Clone)]
pub(crate) struct FaultRule {
    /// `None` stands for every name.
    pub(crate) name: Option<Name>,
    /// `None` stands for every type.
    pub(crate) kind: Option<RecordType>,
    pub(crate) fault: Fault,
}

impl FaultRule {
    /// True if the rule speaks of this question.
    pub(crate) fn applies(&self, name: &Name, kind: RecordType) -> bool {
        self.name.as_ref().is_none_or(|own| own == name) && self.kind.is_none_or(|own| own == kind)
    }
}
