//! The third outcome beside pass and fail: not tested, because…

use serde::{Deserialize, Serialize};

/// Something that was looked at, or a reason why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tested<T> {
    /// It was looked at; this was seen.
    Seen(T),
    /// It was not looked at. Never a finding about the domain.
    NotTested(NotTested),
}

/// Why something was not tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotTested {
    /// The kind of reason.
    pub reason: NotTestedReason,
    /// One clause for people, to follow "not tested, because".
    pub text: String,
}

/// The kinds of reason for not testing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotTestedReason {
    /// The chosen profile, or the choice of one address family, leaves it out.
    NotAsked,
    /// This machine has no route for that address family.
    NoRoute,
    /// This network does not let connections to port 25 out.
    PortBlocked,
    /// Our resolver does not answer.
    ResolverDown,
    /// The address is private, loopback or otherwise not public, and not allowed by the user.
    TargetNotAllowed,
    /// What it depends on was not seen (no record, so no target).
    Dependency,
    /// A bound on the number of things looked at was reached.
    Limit,
    /// The total time allowed was used up.
    Deadline,
    /// The other side put us off for now (SMTP 4xx, greylisting, rate limits).
    PutOff,
}

impl<T> Tested<T> {
    /// What was seen, if it was tested.
    pub const fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(value) => Some(value),
            Self::NotTested(_) => None,
        }
    }

    /// Not tested, for a reason.
    pub fn not(reason: NotTestedReason, text: impl Into<String>) -> Self {
        Self::NotTested(NotTested { reason, text: text.into() })
    }
}

impl NotTested {
    /// A reason with its words.
    pub fn new(reason: NotTestedReason, text: impl Into<String>) -> Self {
        Self { reason, text: text.into() }
    }
}
