//! What findings are measured by, where that is a matter of taste.

use crate::{MaxAgeProfile, SeverityProfile};

/// What findings are measured by. A [`SeverityProfile`] alone stands for one with the usual thresholds.
#[derive(Debug, Clone, Copy)]
pub struct Yardstick<'a> {
    /// How soon to act.
    pub severities: &'a SeverityProfile,
    /// Which lifetimes of a policy are short.
    pub max_age: MaxAgeProfile,
}

impl<'a> From<&'a SeverityProfile> for Yardstick<'a> {
    fn from(severities: &'a SeverityProfile) -> Self {
        Self { severities, max_age: MaxAgeProfile::default() }
    }
}
