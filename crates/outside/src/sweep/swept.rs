//! What the sweep saw of one name.

use protocol::observed::Octets;
use serde::{Deserialize, Serialize};

/// What came of the question for TXT at `_mta-sts.` + name. Not validated: whoever builds on a hit asks again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Swept {
    /// The TXT records, the strings of each joined (RFC 8461 §3.1), whatever they say.
    Records(Vec<Octets>),
    /// The name is there, with no TXT record.
    NoData,
    /// There is no such name.
    NxDomain,
    /// Not asked for: whoever has the name asked not to be looked at. Said by whoever keeps the list, never by the sweep.
    Excluded,
    /// No answer that says anything.
    Failed(SweepFailure),
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepFailure {
    /// Nothing came back within the time and the tries allowed.
    Timeout,
    /// SERVFAIL from every resolver tried.
    ServFail,
    /// REFUSED from every resolver tried.
    Refused,
    /// Another response code, or a response that does not fit the question.
    Malformed,
    /// Trouble of our own: the socket, or the question cannot be written (name too long).
    Unsent,
}

impl Swept {
    /// Whether a record begins as an MTA-STS record does, `v=STSv1` (RFC 8461 §3.1): worth a deep survey, be it valid
    /// or not.
    #[must_use]
    pub fn is_hit(&self) -> bool {
        // Old drafts and look-alikes are worth a look too: letters in any case.
        matches!(self, Self::Records(records) if records.iter().any(|record| {
            record.as_slice().get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"v=STSv1"))
        }))
    }
}
