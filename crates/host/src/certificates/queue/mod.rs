//! When what is ordered: limits of authorities, waiting after failures, times of renewal. Pure: time is an argument.

mod back_off;
mod limits;
#[cfg(test)]
mod on_paper;
mod renewal;

pub use back_off::after_failure;
pub use limits::{Bucket, Limits, Rate};
pub use renewal::{Standing, Window, renew_at, standing, urgent_at};

use serde::{Deserialize, Serialize};

/// What is ordered first when there is not enough of the authority's limits for all. What is about to expire goes before
/// everything, whatever its priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    /// A person waits for it.
    Waiting,
    /// A certificate that is there is to be replaced in time.
    Renewal,
    /// One of many that were brought along together.
    Bulk,
}

impl Priority {
    /// As a number, the lower the sooner.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Waiting => 1,
            Self::Renewal => 2,
            Self::Bulk => 3,
        }
    }

    /// The priority of that rank; the last for any other number.
    #[must_use]
    pub const fn of_rank(rank: i64) -> Self {
        match rank {
            1 => Self::Waiting,
            2 => Self::Renewal,
            _ => Self::Bulk,
        }
    }
}

/// A number from 0 to 1 that is always the same for the same words: what is spread by it stays where it is when the
/// program starts again.
fn fraction(words: &[&str]) -> f64 {
    let mut all = Vec::new();
    for word in words {
        all.extend_from_slice(word.as_bytes());
        all.push(0);
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &all);
    let bits = digest.as_ref().iter().take(6).fold(0_u64, |sum, octet| sum << 8 | u64::from(*octet));
    // 48 bits: exact in a double.
    bits as f64 / (1_u64 << 48) as f64
}
