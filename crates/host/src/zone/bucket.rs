//! How often something may happen, kept in one number.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

/// Ticks in a second: fine enough for 10,000 events a second. 40 bits are twelve days of them, after which an old number
/// looks new; at worst, one event too many is held back then.
const TICKS: u64 = 1 << 20;
const TIME_BITS: u32 = 40;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;

/// A rate and how much of it may come at once.
///
/// The generic cell rate algorithm: what is kept is the time at which the next event would be due if all had come evenly,
/// and an event passes unless it is too far ahead of that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    interval: u64,
    burst: u64,
}

impl Rate {
    /// So many a second on average, and as many at once as `seconds` bring; `None` for no bound.
    pub(super) fn per_second(count: u32, seconds: u32) -> Option<Self> {
        let interval = TICKS.checked_div(u64::from(count))?.max(1);
        Some(Self { interval, burst: TICKS * u64::from(seconds) })
    }

    /// Counts one event of whoever `mark` (its lowest 24 bits) stands for; whether it may pass. A cell that was another's
    /// is taken over: who shares one is chosen by a keyed hash.
    pub(super) fn passes(self, cell: &AtomicU64, mark: u64, now: u64) -> bool {
        let mark = (mark << TIME_BITS) & !TIME_MASK;
        let mut passes = true;
        let next = |old: u64| {
            let due =
                if old & !TIME_MASK == mark { (old & TIME_MASK).wrapping_sub(now) & TIME_MASK } else { 0 };
            // Further ahead than ever allowed: the time is in the past, or the clock was set back.
            let due = if due > self.burst + self.interval { 0 } else { due };
            passes = due <= self.burst;
            let due = if passes { due + self.interval } else { due };
            Some(mark | (now.wrapping_add(due) & TIME_MASK))
        };
        // Never refuses: `next` always has a value.
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        passes
    }
}

/// The time in ticks.
pub(super) fn ticks(now: Timestamp) -> u64 {
    let micros = u64::try_from(now.as_microsecond()).unwrap_or_default();
    // 2^20 / 10^6 = 16,384 / 15,625.
    (micros / 15_625).wrapping_mul(16_384).wrapping_add(micros % 15_625 * 16_384 / 15_625) & TIME_MASK
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> u64 {
        ticks(Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).expect("a time"))
    }

    fn passed(rate: Rate, cell: &AtomicU64, mark: u64, times: impl Iterator<Item = i64>) -> usize {
        times.filter(|time| rate.passes(cell, mark, at(*time))).count()
    }

    #[test]
    fn bursts_pass_and_then_the_rate() {
        let rate = Rate::per_second(10, 2).expect("a bound");
        let cell = AtomicU64::new(0);
        assert_eq!(passed(rate, &cell, 7, std::iter::repeat_n(0, 100)), 21);
        // A hundred a second for ten seconds: a tenth of them.
        let passed = passed(rate, &cell, 7, (0..1000).map(|n| n * 10));
        assert!((99..=101).contains(&passed), "{passed}");
    }

    #[test]
    fn a_clock_that_jumps_locks_nobody_out() {
        let rate = Rate::per_second(1, 1).expect("a bound");
        let cell = AtomicU64::new(0);
        assert_eq!(passed(rate, &cell, 7, [0, 0, 0].into_iter()), 2);
        assert_eq!(passed(rate, &cell, 7, [-3_600_000, 86_400_000].into_iter()), 2);
    }

    #[test]
    fn another_begins_anew_and_zero_is_no_bound() {
        let rate = Rate::per_second(1, 1).expect("a bound");
        let cell = AtomicU64::new(0);
        assert_eq!(passed(rate, &cell, 7, [0, 0, 0].into_iter()), 2);
        assert_eq!(passed(rate, &cell, 8, [0].into_iter()), 1);
        assert!(Rate::per_second(0, 1).is_none());
    }
}
