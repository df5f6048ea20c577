//! The only place of the whole workspace that reads a clock.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Tells the time of day. Everything below the faces gets `now` as an argument instead.
///
/// DNSSEC signatures are an exception: their dates are always compared with the machine's own time, by the library
/// that checks them.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Fixed(Timestamp),
}

/// Measures how long something takes, with the machine's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    started: Instant,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still: for replays and for looking as if it were another time.
    #[must_use]
    pub const fn fixed(at: Timestamp) -> Self {
        Self(Source::Fixed(at))
    }

    /// The time of day.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock of the workspace")]
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Source::System => Timestamp::now(),
            Source::Fixed(at) => at,
        }
    }

    /// A stopwatch that starts now. Elapsed time is real even when the time of day is fixed.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one clock of the workspace")]
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch { started: Instant::now() }
    }
}

impl Stopwatch {
    /// The time since it was started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The same in whole milliseconds.
    #[must_use]
    pub fn millis(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stands_still() {
        let at: Timestamp = "2026-04-29T12:00:00Z".parse().unwrap();
        let clock = Clock::fixed(at);
        assert_eq!(clock.now(), at);
        assert_eq!(clock.now(), at);
    }
}
