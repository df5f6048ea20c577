//! What earlier looks and looks from elsewhere add to one look.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::sts::Mode;

/// Memory and other vantage points. Both may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Earlier looks at the same domain, oldest first.
    pub looks: Vec<Look>,
    /// Looks of about the same time from other places.
    pub vantages: Vec<Evidence>,
}

/// What one earlier look said about record and policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When.
    pub taken_at: Timestamp,
    /// The id of the record, when one valid record was there.
    pub id: Option<String>,
    /// Whether it is certain that there was no record (as opposed to unknown).
    pub record_absent: bool,
    /// The policy, when a valid one was served.
    pub policy: Option<PastPolicy>,
}

/// A policy that was served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastPolicy {
    /// SHA-256 of its text, hex.
    pub sha256: String,
    /// Its mode.
    pub mode: Mode,
    /// Its max_age, in seconds.
    pub max_age: u64,
}
