//! The time allowed for one whole look, and for its parts.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::observed::{NotTested, NotTestedReason};

use crate::{Clock, Stopwatch};

/// The end of one look. Every wait of the look goes through [`Deadline::within`], so that whatever happens the
/// evidence is returned on time. While the look waits for its turn at somebody's address the time stands still
/// ([`Deadline::pause`]): politeness must not make a look poorer.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    stopwatch: Stopwatch,
    total: Duration,
    /// When waiting ends; what is left of the total is for putting the evidence together.
    end: Duration,
    pauses: Arc<Mutex<Pauses>>,
}

/// The time that the look has waited for its turns, where several waits at once count once.
#[derive(Debug, Default)]
struct Pauses {
    waiting: usize,
    since: Duration,
    past: Duration,
}

/// The time of a look stands still as long as this lives.
pub(crate) struct Pause(Deadline);

/// The most that is kept back for putting the evidence together.
const MAX_MARGIN: Duration = Duration::from_millis(500);
/// How often a wait that reaches the end looks whether a pause has moved it.
const RECHECK: Duration = Duration::from_millis(50);

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
        Self { stopwatch: clock.stopwatch(), total, end, pauses: Arc::default() }
    }

    /// What is left of the whole look.
    pub(crate) fn remaining(&self) -> Duration {
        let elapsed = self.stopwatch.elapsed();
        (self.end + self.paused(elapsed)).saturating_sub(elapsed)
    }

    /// Time since the look began, in milliseconds.
    pub(crate) fn millis(&self) -> u64 {
        self.stopwatch.millis()
    }

    /// Lets the time stand still until the pause is dropped.
    pub(crate) fn pause(&self) -> Pause {
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        if pauses.waiting == 0 {
            pauses.since = self.stopwatch.elapsed();
        }
        pauses.waiting += 1;
        Pause(self.clone())
    }

    fn paused(&self, elapsed: Duration) -> Duration {
        let pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        let now = if pauses.waiting == 0 { Duration::ZERO } else { elapsed.saturating_sub(pauses.since) };
        pauses.past + now
    }

    /// Waits for `future`, at most for `limit`, and never beyond the end of the look.
    pub(crate) async fn within<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Late> {
        let mut future = pin!(future);
        let remaining = self.remaining();
        if remaining >= limit {
            return tokio::time::timeout(limit, future).await.map_err(|_| Late::Limit);
        }
        let began = self.stopwatch.elapsed();
        let mut allowed = remaining;
        loop {
            if let Ok(output) = tokio::time::timeout(allowed, &mut future).await {
                return Ok(output);
            }
            let left = limit.saturating_sub(self.stopwatch.elapsed().saturating_sub(began));
            let remaining = self.remaining();
            if left.is_zero() {
                return Err(Late::Limit);
            }
            if remaining.is_zero() {
                return Err(Late::Deadline);
            }
            allowed = remaining.max(RECHECK).min(left);
        }
    }

    /// The outcome of everything that the look had no time for.
    pub(crate) fn not_tested(&self) -> NotTested {
        NotTested::new(
            NotTestedReason::Deadline,
            format!("the {} s allowed for the whole look were used up", self.total.as_secs_f32()),
        )
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        let elapsed = self.0.stopwatch.elapsed();
        let mut pauses = self.0.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.waiting = pauses.waiting.saturating_sub(1);
        if pauses.waiting == 0 {
            let waited = elapsed.saturating_sub(pauses.since);
            pauses.past += waited;
        }
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

    #[tokio::test]
    async fn a_pause_does_not_count() {
        let deadline = Deadline::new(&Clock::system(), Duration::from_millis(100));
        let pauses = (deadline.pause(), deadline.pause());
        tokio::time::sleep(Duration::from_millis(150)).await;
        drop(pauses.0);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(deadline.remaining() > Duration::ZERO, "it stands still as long as one waits");
        drop(pauses.1);
        assert_eq!(deadline.within(Duration::from_secs(60), pending::<()>()).await, Err(Late::Deadline));
        assert_eq!(deadline.remaining(), Duration::ZERO);
    }
}
