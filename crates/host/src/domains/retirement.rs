//! How long a domain that leaves must be served. RFC 8461 §8.3.

use jiff::{SignedDuration, Timestamp};
use protocol::sts::{Mode, Policy, PolicyText};

use super::version::PolicyVersion;

/// `max_age` of the policy that ends all others, in seconds. RFC 8461 §8.3 asks for a small one; a day is what it names.
const LAST_MAX_AGE: u64 = 86_400;
/// Nodes learn of a change within seconds; a node that was cut off from the database may have served the older policy a
/// little longer than it should.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// The policy that ends a domain's others: mode none, kept for a day, with the MX hosts of `last`, since not every sender
/// reads a policy without them.
#[must_use]
pub fn last_policy(last: &Policy) -> Policy {
    Policy { mode: Mode::None, max_age: LAST_MAX_AGE, mx: last.mx.clone(), extensions: Vec::new() }
}

/// Until when mode none must be served, if it takes the place of the last of `versions` at `now`: until no sender can hold
/// an earlier policy that it fetched from us. Each was fetched at the latest when the next one took its place, and is
/// kept for its `max_age` (RFC 8461 §3.2) from then on.
#[must_use]
pub fn served_until(versions: &[PolicyVersion], now: Timestamp) -> Timestamp {
    let after = |from: Timestamp, seconds: u64| {
        let span = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        from.checked_add(span).unwrap_or(Timestamp::MAX)
    };
    let replaced = versions.iter().skip(1).map(|next| next.at.min(now)).chain([now]);
    versions
        .iter()
        .zip(replaced)
        .filter(|(version, _)| binds(&version.body))
        .map(|(version, until)| after(until, version.body.policy().max_age))
        .fold(now, Timestamp::max)
        .checked_add(GRACE)
        .unwrap_or(Timestamp::MAX)
}

/// Whether a sender that holds the policy does anything that it would not do without one.
fn binds(text: &PolicyText) -> bool {
    text.policy().mode != Mode::None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
    }

    fn version(number: u32, made: i64, mode: &str, max_age: u64) -> PolicyVersion {
        let text = format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: {max_age}\n");
        PolicyVersion {
            number,
            id: number.to_string(),
            body: PolicyText::read(text.as_bytes()).expect("a policy"),
            at: at(made),
            author: String::new(),
            reason: String::new(),
            back_to: None,
            announced: None,
        }
    }

    #[test]
    fn the_policy_that_ends_all_others() {
        let last = last_policy(version(1, 0, "enforce", 31_557_600).body.policy());
        let text = "version: STSv1\nmode: none\nmx: mx.example.com\nmax_age: 86400\n";
        assert_eq!(last.to_string(), text);
        assert!(PolicyText::read(text.as_bytes()).is_ok());
    }

    #[test]
    fn the_longest_life_counts_from_when_it_was_replaced() {
        let hour = 3_600;
        let long = version(1, 0, "enforce", 604_800);
        let short = version(2, 1_000, "testing", 86_400);
        assert_eq!(served_until(&[], at(0)), at(hour));
        assert_eq!(served_until(std::slice::from_ref(&long), at(50)), at(50 + 604_800 + hour));
        assert_eq!(served_until(&[long.clone(), short.clone()], at(2_000)), at(1_000 + 604_800 + hour));
        assert_eq!(served_until(&[long.clone(), short.clone()], at(800_000)), at(800_000 + 86_400 + hour));
        let none = version(3, 2_000, "none", 31_557_600);
        assert_eq!(
            served_until(&[long, short, none], at(3_000)),
            at(1_000 + 604_800 + hour),
            "none binds nobody"
        );
    }

    proptest! {
        /// Whenever a sender fetched, and whatever it got, it holds nothing that binds it after that time.
        #[test]
        fn no_sender_holds_a_policy_afterwards(
            lives in proptest::collection::vec((1..100_000_i64, 0..1_000_000_u64, any::<bool>()), 1..8),
            rest in 0..100_000_i64,
            fetched in 0..1_000_000_i64,
        ) {
            let mut made = 0;
            let mut versions = Vec::new();
            for (number, (gap, max_age, enforce)) in (1..).zip(lives) {
                versions.push(version(number, made, if enforce { "enforce" } else { "testing" }, max_age));
                made += gap;
            }
            let now = at(made + rest);
            let until = served_until(&versions, now);
            let fetch = at(fetched).min(now);
            let got = versions.iter().rev().find(|version| version.at <= fetch).expect("the first is from 0");
            let held = fetch + SignedDuration::from_secs(i64::try_from(got.body.policy().max_age).expect("small"));
            prop_assert!(held <= until);
        }
    }
}
