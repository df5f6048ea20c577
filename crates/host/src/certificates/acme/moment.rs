//! The time of day within one attempt.

use jiff::{SignedDuration, Timestamp};
use outside::{Clock, Stopwatch};

/// The time that the attempt was begun at, and what has gone by since: an attempt takes minutes, and its beginner says
/// what time it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    begun: Timestamp,
    watch: Stopwatch,
}

impl Moment {
    /// An attempt that begins at `now`.
    pub(crate) fn beginning(now: Timestamp, clock: &Clock) -> Self {
        Self { begun: now, watch: clock.stopwatch() }
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        let gone_by = SignedDuration::try_from(self.watch.elapsed()).unwrap_or(SignedDuration::ZERO);
        self.begun.saturating_add(gone_by).unwrap_or(Timestamp::MAX)
    }
}
