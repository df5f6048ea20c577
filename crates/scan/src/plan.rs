//! What a scan is to do: kept in its store, the same for every worker and after every interruption.

use protocol::observed::Profile;
use serde::{Deserialize, Serialize};

use crate::InputKind;

/// What a scan is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// How far to go.
    pub stage: Stage,
    /// How much to look at in the deep survey.
    pub profile: Profile,
    /// How names stand in the list.
    pub input: InputKind,
    /// The list's name, for people.
    pub list: String,
    /// Tells the list from another, see [`crate::Source::fingerprint`].
    pub fingerprint: String,
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The TXT records alone.
    Txt,
    /// Also a deep survey of each domain that has one.
    Full,
}
