//! 200,000 names at 45 days, on paper: what the limits of Let's Encrypt leave of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::{SignedDuration, Timestamp};

use super::{Limits, Standing, Window, renew_at, standing};

const NAMES: usize = 200_000;
const LIFE: SignedDuration = SignedDuration::from_hours(45 * 24);

/// What came of it.
struct Course {
    /// When the last name had its first certificate.
    all_issued: Option<Timestamp>,
    /// Renewals in the busiest hour after that.
    busiest_hour: u32,
    /// Certificates that were late or worse before they were replaced.
    late: usize,
}

fn begin() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

/// Lets days go by, with as many new orders as the limits allow; a new name every second at most, and with an
/// authority that suggests windows or none.
fn course(days: i64, limits: &Limits, suggests: bool) -> Course {
    let mut due = BinaryHeap::new();
    // Each name in a registered domain of its own: that limit stops nobody here.
    let (mut used, mut next_new, mut all_issued, mut late) = (None, 0, None, 0);
    let mut hours = vec![0_u32; usize::try_from(days * 24 + 1).unwrap()];
    let mut now = begin();
    let end = begin() + SignedDuration::from_hours(days * 24);
    while now < end {
        while let Some(&Reverse((at, name, from))) = due.peek()
            && at <= now
        {
            due.pop();
            let _: Timestamp = from;
            late += usize::from(standing(from, from + LIFE, now) != Standing::Fresh);
            let hour = usize::try_from(now.duration_since(begin()).as_hours()).unwrap();
            hours[hour] += u32::from(all_issued.is_some());
            due.push(Reverse((renewal(name, now, suggests), name, now)));
        }
        if next_new < NAMES {
            match limits.orders_that_can_wait().map_or(Ok(None), |rate| rate.spend(used, now).map(Some)) {
                Ok(more) => {
                    used = more;
                    due.push(Reverse((renewal(next_new, now, suggests), next_new, now)));
                    next_new += 1;
                    all_issued = (next_new == NAMES).then_some(now);
                }
                Err(at) => {
                    now = due.peek().map_or(at, |Reverse((due, ..))| at.min(*due)).max(now);
                    continue;
                }
            }
            now += SignedDuration::from_millis(if limits.orders.is_some() { 1_000 } else { 100 });
        } else {
            now = due.peek().map_or(end, |Reverse((at, ..))| (*at).max(now));
        }
    }
    Course { all_issued, busiest_hour: hours.into_iter().max().unwrap_or_default(), late }
}

fn renewal(name: usize, from: Timestamp, suggests: bool) -> Timestamp {
    let third = SignedDuration::from_hours(15 * 24);
    let end = from + LIFE - third;
    let window = Window { start: end - SignedDuration::from_hours(48), end };
    renew_at(&name.to_string(), &from.to_string(), from, from + LIFE, suggests.then_some(window))
}

#[test]
fn first_certificates_take_as_long_as_the_authority_lets_them() {
    let course = course(130, &Limits::LETS_ENCRYPT, true);
    let days = course.all_issued.unwrap().duration_since(begin()).as_hours() / 24;
    // 300 in 3 hours: 83 days for all, of which none is late meanwhile, since renewals are free.
    assert!((82..=84).contains(&days), "{days} days");
    assert_eq!(course.late, 0);
    // 0.077 a second on average: never more than 0.2.
    assert!(course.busiest_hour <= 720, "{} in an hour", course.busiest_hour);
}

#[test]
fn names_that_came_together_do_not_stay_together() {
    let course = course(35, &Limits::NONE, false);
    let hours = course.all_issued.unwrap().duration_since(begin()).as_hours();
    assert!(hours <= 6, "{hours} hours");
    assert_eq!(course.late, 0);
    // All within six hours, their renewals over four days: 0.6 a second, and less with each round.
    assert!(course.busiest_hour <= 2_600, "{} in an hour", course.busiest_hour);
}
