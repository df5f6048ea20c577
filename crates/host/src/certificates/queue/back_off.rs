//! How long to wait after a failure.

use jiff::{SignedDuration, Timestamp};

use super::fraction;

/// Minutes until the next try, by how often it failed. The first come soon, for whoever is mending a record at this
/// moment; four fit into an hour and no more, whatever happens, so that the authority's own limit is never met.
const MINUTES: [i64; 8] = [1, 4, 15, 60, 120, 240, 480, 960];
/// After that: once a day, for as long as the name is wanted.
const LONGEST: i64 = 24 * 60;

/// When to try again after `failures` failures in a row, the last of them at `now`. Spread by a tenth, so that names that
/// failed together (for a fault of ours, or of a provider) do not all come back together.
#[must_use]
pub fn after_failure(name: &str, failures: u32, now: Timestamp) -> Timestamp {
    let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
    let minutes = MINUTES.get(index).copied().unwrap_or(LONGEST);
    let seconds = minutes * 60;
    let spread = (seconds as f64 * 0.1 * fraction(&["back-off", name, &failures.to_string()])) as i64;
    now.saturating_add(SignedDuration::from_secs(seconds + spread)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn four_failures_an_hour_at_most(name in "[a-z]{1,12}\\.example") {
            let mut now = Timestamp::from_second(1_800_000_000).unwrap();
            let mut failed = Vec::new();
            for failures in 1..20 {
                failed.push(now);
                now = after_failure(&name, failures, now);
            }
            for window in failed.windows(5) {
                let hours = window[4].duration_since(window[0]).as_hours();
                prop_assert!(hours >= 1, "{window:?}");
            }
            prop_assert!(now.duration_since(*failed.last().unwrap()).as_hours() >= 24);
        }
    }
}
