//! What a scan is to do: kept in its store, the same for every worker and after every interruption.

use std::collections::BTreeMap;
use std::path::PathBuf;

use protocol::observed::Profile;
use serde::{Deserialize, Serialize};

use crate::{Fingerprint, InputKind};

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
    /// Where the list is on the machine that began the scan; `None` for what can be read only once.
    pub path: Option<PathBuf>,
    /// Tells the list from another.
    pub fingerprint: Fingerprint,
    /// What else holds for the whole scan, by its name: kept for whoever runs it, and not looked at here.
    pub settings: Kept,
}

/// Settings by name, each with its values as text.
pub type Kept = BTreeMap<String, Vec<String>>;

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The TXT records alone.
    Txt,
    /// Also a deep survey of each domain that has one.
    Full,
}
