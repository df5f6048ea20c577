//! The time allowed for one whole look, and for its parts.

use std::future::Future;
use std::time::Duration;

use protocol::observed::{NotTested, NotTestedReason};

use crate::{Clock, Stopwatch};

/// The end of one look. Every wait of the look goes through [`Deadline::within`], so that whatever happens the
/// evidence is returned on time.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    stopwatch: Stopwatch,
    total: Duration,
    /// When waiting ends; what is left of the total is for putting the evidence together.
    end: Duration,
}

/// The most that is kept back for putting the evidence together.
const MAX_MARGIN: Duration = Duration::from_millis(500);

/// Why a wait ended without its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// The wait's own limit was reached: the other side is slow.
    Limit,
    /// The whole look ran out of time: says nothing about the other side.
    Deadline,
}

impl Deadline {
    pub(crate) fn new(clock: &Clock, total: Duration) -> Self {
        let end = total - (total / 20).min(MAX_MARGIN);
        Self { stopwatch: clock.stopwatch(), total, end }
    }

    /// What is left of the whole look.
    pub(crate) fn remaining(&self) -> Duration {
        self.end.saturating_sub(self.stopwatch.elapsed())
    }

    /// Time since the look began, in milliseconds.
    pub(crate) fn millis(&self) -> u64 {
        self.stopwatch.millis()
    }

    /// Waits for `future`, at most for `limit`, and never beyond the end of the look.
    pub(crate) async fn within<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Late> {
        let remaining = self.remaining();
        let (allowed, late) =
            if remaining < limit { (remaining, Late::Deadline) } else { (limit, Late::Limit) };
        tokio::time::timeout(allowed, future).await.map_err(|_| late)
    }

    /// The outcome of everything that the look had no time for.
    pub(crate) fn not_tested(&self) -> NotTested {
        NotTested::new(
            NotTestedReason::Deadline,
            format!("the {} s allowed for the whole look were used up", self.total.as_secs_f32()),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn tells_a_slow_part_from_a_look_that_ran_out_of_time() {
        let deadline = Deadline::new(&Clock::system(), Duration::from_secs(60));
        assert_eq!(deadline.within(Duration::ZERO, pending::<()>()).await, Err(Late::Limit));
        let over = Deadline::new(&Clock::system(), Duration::ZERO);
        assert_eq!(over.within(Duration::from_secs(60), pending::<()>()).await, Err(Late::Deadline));
        assert_eq!(over.not_tested().reason, NotTestedReason::Deadline);
    }
}
