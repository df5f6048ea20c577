//! Why a scan cannot go on.

use std::io;

use database::DatabaseError;
use outside::SweepError;

use crate::Difference;

/// Why a scan cannot go on. None of these is about a name of the list, and what was done so far is in the store.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The store.
    #[error(transparent)]
    Store(#[from] DatabaseError),
    /// The resolvers.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// The resolvers answer, but nothing can be learned from them.
    #[error(
        "the resolvers have failed every question for {0} seconds; no name counts as unanswered for that"
    )]
    Resolvers(u64),
    /// The list cannot be read.
    #[error("the list cannot be read: {0}")]
    List(#[from] io::Error),
    /// What is in the store is not what this program writes.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// There is a scan of that name already.
    #[error("there is a scan `{0}` already")]
    Exists(String),
    /// There is no scan of that name.
    #[error("there is no scan `{name}` in {place}")]
    Unknown {
        /// The name.
        name: String,
        /// The store.
        place: String,
    },
    /// The list given is not the one that the scan began with, or not as it was then.
    #[error("the list is not as it was when the scan began: {0}; give that one, or begin a new scan")]
    OtherList(Difference),
    /// The list is not loaded whole, and nobody gives the rest of it.
    #[error("the list was not read to its end and nobody is reading it; give it once more")]
    ListNeeded,
    /// A part of the scan died.
    #[error("a part of the scan ended unexpectedly: {0}")]
    Died(String),
}

impl ScanError {
    /// Whether it may be well again later without anyone changing what we do.
    #[must_use]
    pub const fn waiting_helps(&self) -> bool {
        match self {
            Self::Store(error) => error.waiting_helps(),
            _ => false,
        }
    }
}
