//! The id of the next version.

use jiff::Timestamp;

/// RFC 8461 §3.1: an id is 1 to 32 letters and digits; the time takes sixteen.
const TRIES: u32 = 1_000_000;

/// An id that says when the policy was made and that the domain never used, whatever the clock did. RFC 8461 §3.1:
/// senders compare nothing but ids, so that one must never stand for two policies.
///
/// `None` when a million versions were made in one second.
pub(super) fn unused(now: Timestamp, is_used: impl Fn(&str) -> bool) -> Option<String> {
    let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    if !is_used(&time) {
        return Some(time);
    }
    (2..TRIES).map(|number| format!("{time}{number}")).find(|id| !is_used(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn never_twice_also_when_the_clock_stands_still_or_goes_back() {
        let now: Timestamp = "2026-04-29T12:00:00Z".parse().expect("a time");
        let before: Timestamp = "2026-04-29T11:00:00Z".parse().expect("a time");
        let mut used = BTreeSet::new();
        for at in [now, now, now, before, now, before] {
            let id = unused(at, |id| used.contains(id)).expect("an id");
            assert!(id.len() <= 32 && id.bytes().all(|octet| octet.is_ascii_alphanumeric()), "{id}");
            assert!(used.insert(id));
        }
        assert_eq!(used.first().map(String::as_str), Some("20260429T110000Z"));
    }
}
