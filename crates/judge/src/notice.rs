//! When senders notice a new policy: an interval, never a moment (C17, R77).

use jiff::{SignedDuration, Timestamp};

/// What senders may hold at the time of a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// How long resolvers may keep the answer for the record as it was, in seconds: its TTL, or when there was none the
    /// TTL of negative answers (RFC 2308 §5).
    pub record_ttl: u32,
    /// The policies that senders may still have: until when each was served, and its `max_age` in seconds.
    pub policies: Vec<(Timestamp, u64)>,
}

/// When senders notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Those that hold nothing: at once.
    pub earliest: Timestamp,
    /// Those that compare the id whenever they deliver (RFC 8461 §5.1): when the old answer has left the cache of their
    /// resolver (§8.1).
    pub likely: Timestamp,
    /// Those that do not compare ids: when the longest-lived policy that they may hold runs out.
    pub latest: Timestamp,
}

/// When senders notice a change made at `now`.
///
/// RFC 8461 §3.1 lets senders compare the id, and §3.3 suggests a refresh once a day; neither is certain, and a sender
/// that cannot reach the record or the policy keeps what it has (§3.3). Only `max_age` ends that.
#[must_use]
pub fn noticed(held: &Held, now: Timestamp) -> Notice {
    let after = |from: Timestamp, seconds: u64| {
        let span = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        from.checked_add(span).unwrap_or(Timestamp::MAX)
    };
    let likely = after(now, held.record_ttl.into());
    let ends = held.policies.iter().map(|(until, max_age)| after((*until).min(now), *max_age));
    Notice { earliest: now, likely, latest: ends.fold(likely, Timestamp::max) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    #[test]
    fn an_interval_with_its_reasons() {
        let now = at(0);
        let fresh = Held { record_ttl: 300, policies: Vec::new() };
        assert_eq!(noticed(&fresh, now), Notice { earliest: now, likely: at(300), latest: at(300) });
        // The old policy is served until this moment; an earlier one with a longer life counts too.
        let held = Held { record_ttl: 300, policies: vec![(now, 86_400), (at(-1_000), 604_800)] };
        assert_eq!(noticed(&held, now).latest, at(603_800));
        let endless = Held { record_ttl: 0, policies: vec![(now, u64::MAX)] };
        assert_eq!(noticed(&endless, now).latest, Timestamp::MAX);
    }

    proptest! {
        /// A fleet of senders, each with what it fetched at some time before the change, delivering all the time.
        #[test]
        fn no_sender_is_outside_of_the_interval(
            ttl in 0..100_000_u32,
            max_age in 0..1_000_000_u64,
            senders in proptest::collection::vec((0..1_000_000_i64, 0..100_000_i64, any::<bool>()), 1..40),
        ) {
            let now = at(0);
            let notice = noticed(&Held { record_ttl: ttl, policies: vec![(now, max_age)] }, now);
            for (fetched, looked_up, compares) in senders {
                // Its resolver's answer and its policy run out, each so long after it was got.
                let record_ends = (i64::from(ttl) - looked_up).max(0);
                let policy_ends = (i64::try_from(max_age).expect("small") - fetched).max(0);
                let notices = at(if compares { record_ends } else { policy_ends });
                prop_assert!(notice.earliest <= notices && notices <= notice.latest);
                prop_assert!(!compares || notices <= notice.likely);
            }
        }
    }
}
