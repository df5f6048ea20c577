//! How far a domain has come.

use std::fmt;
use std::str::FromStr;

/// How far a domain has come, from its first mention to its end. R69.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DomainState {
    /// It has no policy yet.
    Draft,
    /// Its owner has not shown yet that it is the owner.
    OwnershipPending,
    /// A record of the domain is missing.
    DnsPending,
    /// Its policy host points here, and senders cannot fetch the policy yet.
    CertificatePending,
    /// Senders find the record and the policy.
    Live,
    /// Senders found both before, and something is wrong now.
    Degraded,
    /// Its owner has left: mode none is served until nobody can hold an older policy (RFC 8461 §8.3), then nothing.
    Retired,
}

/// A word that is no [`DomainState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the states are draft, ownership-pending, dns-pending, certificate-pending, live, degraded and retired"
)]
pub struct UnknownState;

impl DomainState {
    /// All, in the order of a domain's way.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::OwnershipPending,
        Self::DnsPending,
        Self::CertificatePending,
        Self::Live,
        Self::Degraded,
        Self::Retired,
    ];

    /// Its word, such as `dns-pending`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::OwnershipPending => "ownership-pending",
            Self::DnsPending => "dns-pending",
            Self::CertificatePending => "certificate-pending",
            Self::Live => "live",
            Self::Degraded => "degraded",
            Self::Retired => "retired",
        }
    }

    /// Whether the door answers for the domain. Nothing is served for a domain that may be another's.
    #[must_use]
    pub const fn is_served(self) -> bool {
        !matches!(self, Self::Draft | Self::OwnershipPending)
    }
}

impl fmt::Display for DomainState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DomainState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(UnknownState)
    }
}
