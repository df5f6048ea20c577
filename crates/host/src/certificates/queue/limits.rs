//! The limits of an authority, and how much of them is used.

use jiff::{SignedDuration, Timestamp};

/// How often something may happen: `burst` times at once, then once in `each`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How often at once, after a time of rest.
    pub burst: u32,
    /// How long until one more may happen.
    pub each: SignedDuration,
}

/// How much of a rate is used: the moment at which nothing of it will be (the generic cell rate algorithm, ITU-T I.371).
/// One number, so that it is kept in one column and changed in one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket(pub Timestamp);

/// The limits that an authority sets. `None`: it sets none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// New orders of one account.
    pub orders: Option<Rate>,
    /// Certificates for names below one registered domain.
    pub registered_domain: Option<Rate>,
    /// Certificates for exactly the same names.
    pub same_names: Option<Rate>,
    /// Whether an order that replaces a certificate at the time that the authority suggests counts for none of these.
    pub renewals_are_free: bool,
    /// Failures of one name. The authority's own limit is higher: it must never be the one to stop us.
    pub failures: Rate,
}

/// Of the orders, the part that is kept for what cannot wait.
const RESERVE: f64 = 0.1;

impl Limits {
    /// The published limits of Let's Encrypt: 300 orders of one account in 3 hours, 50 certificates of one registered
    /// domain and 5 for the same names in 7 days, 5 failures of one name in an hour; renewals at the suggested time are
    /// free of them.
    pub const LETS_ENCRYPT: Self = Self {
        orders: Some(Rate { burst: 300, each: SignedDuration::from_secs(36) }),
        registered_domain: Some(Rate { burst: 50, each: SignedDuration::from_secs(7 * 86_400 / 50) }),
        same_names: Some(Rate { burst: 5, each: SignedDuration::from_secs(7 * 86_400 / 5) }),
        renewals_are_free: true,
        failures: Self::FAILURES,
    };

    /// An authority that sets no limits, such as one of one's own.
    pub const NONE: Self = Self {
        orders: None,
        registered_domain: None,
        same_names: None,
        renewals_are_free: true,
        failures: Self::FAILURES,
    };

    /// One less than the five an hour of Let's Encrypt.
    const FAILURES: Rate = Rate { burst: 4, each: SignedDuration::from_mins(15) };

    /// The orders that are left to what can wait.
    #[must_use]
    pub fn orders_that_can_wait(&self) -> Option<Rate> {
        self.orders.map(|rate| {
            let kept = (f64::from(rate.burst) * RESERVE).ceil();
            Rate { burst: rate.burst.saturating_sub(kept as u32).max(1), ..rate }
        })
    }
}

impl Rate {
    /// Uses it once.
    ///
    /// # Errors
    /// When it is used up: from when on it is not.
    pub fn spend(&self, used: Option<Bucket>, now: Timestamp) -> Result<Bucket, Timestamp> {
        let slack = SignedDuration::from_millis(
            self.each.as_millis().saturating_mul(self.burst.into()).try_into().unwrap_or(i64::MAX),
        );
        // What lies further ahead than can be used up was written by a clock that went wrong.
        let from = used.map_or(now, |Bucket(until)| until.max(now).min(later(now, slack)));
        let next = later(from, self.each);
        match earlier(next, slack) {
            allowed if allowed <= now => Ok(Bucket(next)),
            allowed => Err(allowed),
        }
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn earlier(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn a_burst_and_then_one_at_a_time() {
        let rate = Rate { burst: 3, each: SignedDuration::from_secs(10) };
        let mut used = None;
        for _ in 0..3 {
            used = Some(rate.spend(used, at(0)).unwrap());
        }
        assert_eq!(rate.spend(used, at(0)), Err(at(10)));
        assert_eq!(rate.spend(used, at(9)), Err(at(10)));
        used = Some(rate.spend(used, at(10)).unwrap());
        assert_eq!(rate.spend(used, at(10)), Err(at(20)));
        assert!(rate.spend(used, at(1_000)).is_ok());
    }

    #[test]
    fn something_is_kept_for_what_cannot_wait() {
        let all = Limits::LETS_ENCRYPT.orders.unwrap();
        let waiting = Limits::LETS_ENCRYPT.orders_that_can_wait().unwrap();
        let mut used = None;
        while let Ok(more) = waiting.spend(used, at(0)) {
            used = Some(more);
        }
        let urgent = std::iter::successors(used, |used| all.spend(Some(*used), at(0)).ok()).count() - 1;
        assert_eq!(urgent, 30);
    }

    proptest! {
        /// In no span of time does more happen than the burst and what that time adds.
        #[test]
        fn never_more_than_allowed(pauses in prop::collection::vec(0_i64..30, 1..200)) {
            let rate = Rate { burst: 5, each: SignedDuration::from_secs(10) };
            let (mut now, mut used, mut spent) = (0, None, Vec::new());
            for pause in pauses {
                now += pause;
                if let Ok(more) = rate.spend(used, at(now)) {
                    used = Some(more);
                    spent.push(now);
                }
            }
            for (index, start) in spent.iter().enumerate() {
                for (count, end) in spent[index..].iter().enumerate() {
                    let allowed = 5 + (end - start) / 10;
                    prop_assert!(i64::try_from(count).unwrap() < allowed + 1, "{count} after {start}");
                }
            }
        }

        /// A clock that is set back, however far, stops nothing for longer than one turn.
        #[test]
        fn a_clock_set_back(by in 0_i64..1_000_000) {
            let rate = Rate { burst: 3, each: SignedDuration::from_secs(10) };
            let used = rate.spend(None, at(by)).unwrap();
            let again = rate.spend(Some(used), at(0));
            prop_assert!(again.is_ok() || again <= Err(at(10)), "{again:?}");
        }
    }
}
