//! When a certificate is replaced, and how much time is left.

use jiff::{SignedDuration, Timestamp};

use super::fraction;

/// The window that an authority suggests (RFC 9773 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From.
    pub start: Timestamp,
    /// Until.
    pub end: Timestamp,
}

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Time enough.
    Fresh,
    /// It should have been replaced long ago, and was not: somebody should look why.
    Late,
    /// It ends within days.
    Urgent,
    /// It has ended: senders that have no policy in their cache get none (RFC 8461 §3.3).
    Expired,
}

/// The part of its life after which a certificate is replaced at the latest, unless its authority suggests another time.
const LATEST: f64 = 2.0 / 3.0;
/// The part of its life over which replacements are spread, so that names that came together do not stay together.
const SPREAD: f64 = 1.0 / 12.0;
/// What is left of its life when somebody should look why it was not replaced.
const LATE: f64 = 0.3;
/// What is left of its life when nothing else goes before it; for long lives, no more than [`URGENT_DAYS`].
const URGENT: f64 = 1.0 / 6.0;
/// A certificate younger than this is not replaced, whatever its authority suggests: one that always suggests what is over
/// would have us order without end. An authority that must revoke gives a day.
const YOUNGEST: SignedDuration = SignedDuration::from_hours(6);
/// Seven days: enough to mend a record over a weekend.
const URGENT_DAYS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// When to replace a certificate: at a random point of the window that the authority suggests (RFC 9773 §4.2), else after
/// two thirds of its life or a little before. Always the same for the same certificate. A time that is over means now. In
/// its first six hours nothing replaces a certificate.
#[must_use]
pub fn renew_at(
    name: &str,
    serial: &str,
    not_before: Timestamp,
    not_after: Timestamp,
    window: Option<Window>,
) -> Timestamp {
    let fraction = fraction(&["renewal", name, serial]);
    let point = match window {
        Some(Window { start, end }) => between(start, end.max(start), fraction)
            .max(not_before.saturating_add(YOUNGEST).unwrap_or(Timestamp::MAX)),
        None => between(not_before, not_after, LATEST - SPREAD * fraction),
    };
    // Whatever is suggested: a certificate that has ended is of no use.
    point.min(urgent_at(not_before, not_after))
}

/// From when on nothing goes before the replacing of this certificate.
#[must_use]
pub fn urgent_at(not_before: Timestamp, not_after: Timestamp) -> Timestamp {
    let by_part = between(not_before, not_after, 1.0 - URGENT);
    let by_days = not_after.saturating_sub(URGENT_DAYS).unwrap_or(Timestamp::MIN);
    by_part.max(by_days)
}

/// How a certificate stands.
#[must_use]
pub fn standing(not_before: Timestamp, not_after: Timestamp, now: Timestamp) -> Standing {
    if now >= not_after {
        Standing::Expired
    } else if now >= urgent_at(not_before, not_after) {
        Standing::Urgent
    } else if now >= between(not_before, not_after, 1.0 - LATE) {
        Standing::Late
    } else {
        Standing::Fresh
    }
}

fn between(start: Timestamp, end: Timestamp, part: f64) -> Timestamp {
    let millis = end.as_millisecond().saturating_sub(start.as_millisecond()).max(0);
    let into = SignedDuration::from_millis((millis as f64 * part) as i64);
    start.saturating_add(into).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * HOUR).unwrap()
    }

    #[test]
    fn stands_as_time_goes_by() {
        let day = 24;
        for (life, hours, is) in [
            (45 * day, 0, Standing::Fresh),
            (45 * day, 31 * day, Standing::Fresh),
            (45 * day, 32 * day, Standing::Late),
            (45 * day, 38 * day, Standing::Urgent),
            (45 * day, 45 * day, Standing::Expired),
            // Short lives have short alarms.
            (6 * day, 4 * day, Standing::Fresh),
            (6 * day, 5 * day, Standing::Urgent),
            (90 * day, 82 * day, Standing::Late),
            (90 * day, 83 * day, Standing::Urgent),
        ] {
            assert_eq!(standing(at(0), at(life), at(hours)), is, "{life} {hours}");
        }
    }

    #[test]
    fn a_window_in_the_past_means_now_but_not_without_end() {
        let window = Window { start: at(20), end: at(30) };
        let renew = renew_at("a.example", "01", at(0), at(1_000), Some(window));
        assert!(renew >= at(20) && renew <= at(30));
        let always_over = Window { start: at(-20), end: at(-10) };
        assert_eq!(renew_at("a.example", "01", at(0), at(1_000), Some(always_over)), at(6));
        let backwards = Window { start: at(10), end: at(-10) };
        assert_eq!(renew_at("a.example", "01", at(0), at(1_000), Some(backwards)), at(10));
    }

    proptest! {
        #[test]
        fn in_time_and_in_the_window(name in "[a-z]{1,9}", start in 0_i64..900, length in 0_i64..500) {
            let renew = renew_at(&name, "01", at(0), at(45 * 24), None);
            prop_assert!(renew >= at(45 * 24 * 7 / 12) && renew <= at(45 * 24 * 2 / 3));
            prop_assert_eq!(standing(at(0), at(45 * 24), renew), Standing::Fresh);
            let window = Window { start: at(start), end: at(start + length) };
            let renew = renew_at(&name, "01", at(0), at(45 * 24), Some(window));
            prop_assert!(renew <= urgent_at(at(0), at(45 * 24)));
            prop_assert!(renew >= window.start.min(urgent_at(at(0), at(45 * 24))) && renew <= window.end.max(at(6)));
        }
    }
}
