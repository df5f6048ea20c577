//! Why a change to a domain was not made.

use database::DatabaseError;
use protocol::Domain;

use super::label::NoRandomness;

/// Why a change to a domain was not made. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum DomainsError {
    /// It is hosted already.
    #[error("{0} is hosted here already")]
    Exists(Domain),
    /// It is not hosted here, or not for that owner: which of both is not said.
    #[error("{0} is not hosted here")]
    Unknown(Domain),
    /// The owner has as many as allowed.
    #[error("{owner} has {allowed} domains, and may have no more")]
    Quota {
        /// The owner.
        owner: String,
        /// How many are allowed.
        allowed: u32,
    },
    /// Somebody else was quicker.
    #[error("{domain} has version {found} now, and not version {expected}: look at it again")]
    Changed {
        /// The domain.
        domain: Domain,
        /// What the author knew.
        expected: u32,
        /// What is there.
        found: u32,
    },
    /// It has no policy yet.
    #[error("{0} has no policy yet")]
    NoPolicy(Domain),
    /// It has no such version.
    #[error("{domain} has no version {number}; it has {known}")]
    NoVersion {
        /// The domain.
        domain: Domain,
        /// The version asked for.
        number: u32,
        /// The versions that it has, in words.
        known: String,
    },
    /// Its owner has left.
    #[error("{0} is retired: `mta-sts domain add` takes it in again")]
    Retired(Domain),
    /// A name is kept that cannot be read.
    #[error("the database holds something that this version cannot read: {0}")]
    Kept(String),
    /// No id is left.
    #[error("no id is left for {0}: a million versions were made within a second")]
    NoId(Domain),
    /// No random octets.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
