//! Domain names as senders compare them. (Replaced by the full reader.)

use serde::{Deserialize, Serialize};

/// A domain name: A-labels, lower case, no final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Domain(String);

/// Why a text is no domain name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a domain name")]
pub struct DomainError;

impl Domain {
    /// Reads a domain name.
    ///
    /// # Errors
    /// When the text is no domain name.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        Ok(Self(text.trim_end_matches('.').to_ascii_lowercase()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
