//! A policy, and the text that it was read from. RFC 8461 §3.2.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::policy_defect::PolicyError;
use super::policy_reader::{self, Tolerance};
use crate::MxPattern;

/// Largest `max_age` in seconds, about one year. RFC 8461 §3.2.
pub const MAX_AGE_LIMIT: u64 = 31_557_600;

/// Largest policy that is read, in octets. RFC 8461 §3.3 suggests 64 KiB.
pub const MAX_POLICY_OCTETS: usize = 65_536;

/// What senders shall do when a host fails. RFC 8461 §5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// No mail to hosts that fail.
    Enforce,
    /// Deliver as before, and report.
    Testing,
    /// As if there were no policy.
    None,
}

impl Mode {
    /// The word in the policy: `enforce`, `testing` or `none`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no [`Mode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mode is one of `enforce`, `testing` and `none`, in lower case")]
pub struct UnknownMode;

impl FromStr for Mode {
    type Err = UnknownMode;
    fn from_str(word: &str) -> Result<Self, UnknownMode> {
        // RFC 8461 §3.2: sts-policy-mode-value, case-sensitive (rule 47)
        match word {
            "enforce" => Ok(Self::Enforce),
            "testing" => Ok(Self::Testing),
            "none" => Ok(Self::None),
            _ => Err(UnknownMode),
        }
    }
}

/// A valid policy; its version is always `STSv1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What senders shall do when a host fails.
    pub mode: Mode,
    /// How long senders may keep the policy, in seconds.
    pub max_age: u64,
    /// The allowed MX hosts, in the order of the text, duplicates included. Empty only in mode none.
    pub mx: Vec<MxPattern>,
    /// Unknown fields in order, the first of duplicates. Senders ignore them.
    pub extensions: Vec<(String, String)>,
}

impl fmt::Display for Policy {
    /// The policy as it is served, a line for each field, ended by LF.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version: STSv1\nmode: {}\n", self.mode)?;
        self.mx.iter().try_for_each(|mx| writeln!(f, "mx: {mx}"))?;
        writeln!(f, "max_age: {}", self.max_age)?;
        self.extensions.iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))
    }
}

/// The octets of a policy and what they say, inseparable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyText {
    text: Box<str>,
    policy: Policy,
}

impl PolicyText {
    /// Reads a policy by the grammar of RFC 8461 §3.2.
    ///
    /// # Errors
    /// [`PolicyError`] names the first defect.
    pub fn read(bytes: &[u8]) -> Result<Self, PolicyError> {
        Self::read_with(bytes, Tolerance::Strict)
    }

    /// Reads a policy as our sending side does: blank lines are skipped and a `max_age` above the limit counts as the
    /// limit, since to refuse such a policy would lose the protection that its owner asked for.
    ///
    /// # Errors
    /// [`PolicyError`] names the first defect that even so cannot be passed over.
    pub fn read_tolerantly(bytes: &[u8]) -> Result<Self, PolicyError> {
        Self::read_with(bytes, Tolerance::Daemon)
    }

    fn read_with(bytes: &[u8], tolerance: Tolerance) -> Result<Self, PolicyError> {
        let (text, policy) = policy_reader::read(bytes, tolerance)?;
        Ok(Self { text: text.into(), policy })
    }

    /// What the text says.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The octets as they were served.
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The octets as text: a valid policy is always UTF-8.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the octets.
    pub fn body_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.bytes()).into()
    }
}
