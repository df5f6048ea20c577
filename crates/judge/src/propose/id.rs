//! The id of the record: how the next one is made. RFC 8461 §3.1.

use jiff::Timestamp;
use protocol::sts::{Record, read_records};
use sha2::{Digest, Sha256};

use crate::IdDate;
use crate::draft::quoted;

/// Longest id in characters. RFC 8461 §3.1: `1*32(ALPHA / DIGIT)`.
const MAX_ID: usize = 32;

/// How the next id is made. Senders compare ids for equality only (RFC 8461 §3.1), so that any of these will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdStrategy {
    /// Date and time, `20260429T120000Z`: says when the policy changed, and is never the same twice.
    Timestamp,
    /// The number after the one before; without one, the date and a two-digit count, `2026042901`.
    Counter,
    /// The beginning of the policy's SHA-256 in hexadecimal digits: the same policy has the same id.
    ContentHash,
}

impl IdStrategy {
    /// The three, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Timestamp, Self::Counter, Self::ContentHash];

    /// Its word: `timestamp`, `counter` or `content-hash`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::Counter => "counter",
            Self::ContentHash => "content-hash",
        }
    }
}

/// Where an id comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdWish {
    /// It is made.
    Made(IdStrategy),
    /// It is given, and fits the grammar.
    Given(String),
}

/// A text that cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is no id: {why}; use `{mend}`, or one of the words timestamp, counter, content-hash")]
pub struct IdRefused {
    /// A bounded piece of the text.
    pub shown: String,
    /// What is wrong with it.
    pub why: &'static str,
    /// An id near to what was meant.
    pub mend: String,
}

impl IdWish {
    /// Reads a word of [`IdStrategy`], or an id.
    ///
    /// # Errors
    /// [`IdRefused`] for what no record may hold, such as `2026-04-29`, with what to write instead.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, IdRefused> {
        if let Some(strategy) = IdStrategy::ALL.into_iter().find(|strategy| strategy.as_str() == text) {
            return Ok(Self::Made(strategy));
        }
        if is_id(text) {
            return Ok(Self::Given(text.to_owned()));
        }
        let why = match text.len() {
            0 => "there is nothing",
            _ if text.bytes().any(|b| !b.is_ascii_alphanumeric()) => {
                "an id has letters and digits only, no hyphens, colons, dots or blanks (RFC 8461 §3.1)"
            }
            _ => "an id has 32 characters at most (RFC 8461 §3.1)",
        };
        Err(IdRefused { shown: quoted(text), why, mend: mend(text, now) })
    }
}

/// What was probably meant: without punctuation, and with the time of day where only a date is left.
fn mend(text: &str, now: Timestamp) -> String {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).take(MAX_ID).collect();
    match plain.len() {
        0 => timestamp(now),
        // A date alone would collide with the second change of a day.
        _ if is_date(&plain) => format!("{plain}{}", now.strftime("T%H%M%SZ")),
        _ => plain,
    }
}

/// The id for a policy of these octets, after `previous`, the id in use; always 1 to 32 letters and digits.
///
/// It differs from `previous`, but for [`IdStrategy::ContentHash`] when the octets are the same.
#[must_use]
pub fn next_id(strategy: IdStrategy, previous: Option<&str>, body: &[u8], now: Timestamp) -> String {
    match strategy {
        IdStrategy::Timestamp => after_in_one_second(timestamp(now), previous),
        IdStrategy::Counter => counted(previous, now),
        IdStrategy::ContentHash => content_hash(body),
    }
}

/// Whether a text fits the grammar of an id.
pub(super) fn is_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether an id is a bare date, also with zeros for the time: two changes on one day would collide (C14).
pub(super) fn is_bare_date(id: &str) -> bool {
    IdDate::read(id).is_some_and(|date| date.is_day)
}

/// The record with an id.
pub(super) fn record(id: &str) -> String {
    Record { id: id.to_owned(), extensions: Vec::new() }.to_string()
}

fn timestamp(now: Timestamp) -> String {
    crate::layer::wording::id(now)
}

/// Two changes in one second: the second has a number behind the time. So has the very first second of a day, which would
/// be taken for a date alone.
fn after_in_one_second(stamp: String, previous: Option<&str>) -> String {
    let number = match previous.and_then(|previous| previous.strip_prefix(&stamp)) {
        None if is_bare_date(&stamp) => 1,
        None => return stamp,
        Some("") => 2,
        Some(digits) => digits.parse::<u16>().ok().and_then(|number| number.checked_add(1)).unwrap_or(2),
    };
    format!("{stamp}{number}")
}

fn counted(previous: Option<&str>, now: Timestamp) -> String {
    let today = now.strftime("%Y%m%d").to_string();
    let first = format!("{today}01");
    let Some(previous) = previous.filter(|previous| is_id(previous)) else { return first };
    // A date, or a date and a count, from an earlier day: count today's from the beginning.
    let day = previous.get(..8).filter(|day| is_date(day) && previous.len() <= 11);
    if day.is_some_and(|day| day < today.as_str()) && previous.bytes().all(|b| b.is_ascii_digit()) {
        return first;
    }
    let mut next = if previous == today { first.clone() } else { incremented(previous) };
    // A number that reads as a date would be taken for one; there are 31 in a row at most.
    while is_bare_date(&next) {
        next = incremented(&next);
    }
    if is_id(&next) { next } else { first }
}

/// The text with the number at its end raised by one; with `1` behind it when it does not end in a number.
fn incremented(text: &str) -> String {
    let head = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let Some(digits) = text.get(head.len()..).filter(|digits| !digits.is_empty()) else {
        return format!("{text}1");
    };
    let mut carry = true;
    let mut raised: Vec<char> = digits
        .chars()
        .rev()
        .map(|digit| match (carry, digit) {
            (true, '9') => '0',
            (true, digit) => {
                carry = false;
                char::from_digit(digit.to_digit(10).unwrap_or(0) + 1, 10).unwrap_or('0')
            }
            (false, digit) => digit,
        })
        .collect();
    if carry {
        raised.push('1');
    }
    head.chars().chain(raised.into_iter().rev()).collect()
}

fn content_hash(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(MAX_ID / 2).map(|b| format!("{b:02x}")).collect()
}

/// Whether eight digits are a day of our time.
fn is_date(text: &str) -> bool {
    text.len() == 8 && is_bare_date(text)
}

/// The id of the one valid record among texts; `None` when there is none.
#[must_use]
pub fn id_of<T: AsRef<[u8]>>(texts: &[T]) -> Option<String> {
    read_records(texts).ok().map(|record| record.id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn noon() -> Timestamp {
        "2026-04-29T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn ids_that_no_record_may_hold_are_refused_with_one_that_may() {
        for (text, mend) in [
            ("2026-04-29", "20260429T120000Z"),
            ("2026-04-29T12:00:00Z", "20260429T120000Z"),
            ("2026.04.29", "20260429T120000Z"),
            ("v1.2", "v12"),
            ("a b", "ab"),
            ("", "20260429T120000Z"),
            ("---", "20260429T120000Z"),
            ("123456789012345678901234567890123", "12345678901234567890123456789012"),
        ] {
            let refused = IdWish::parse(text, noon()).expect_err(text);
            assert_eq!(refused.mend, mend, "{text}");
            assert_eq!(IdWish::parse(&refused.mend, noon()), Ok(IdWish::Given(mend.to_owned())));
        }
        assert_eq!(IdWish::parse("counter", noon()), Ok(IdWish::Made(IdStrategy::Counter)));
        assert_eq!(IdWish::parse("20260429", noon()), Ok(IdWish::Given("20260429".to_owned())));
    }

    #[test]
    fn bare_dates_are_known() {
        for (id, bare) in [
            ("20250315", true),
            ("20250315000000", true),
            ("20250315T1", false),
            ("20251315", false),
            ("1", false),
        ] {
            assert_eq!(is_bare_date(id), bare, "{id}");
        }
    }

    #[test]
    fn the_next_id() {
        for (strategy, previous, next) in [
            (IdStrategy::Timestamp, None, "20260429T120000Z"),
            (IdStrategy::Timestamp, Some("20250101T000000Z"), "20260429T120000Z"),
            (IdStrategy::Timestamp, Some("20260429T120000Z"), "20260429T120000Z2"),
            (IdStrategy::Timestamp, Some("20260429T120000Z2"), "20260429T120000Z3"),
            (IdStrategy::Timestamp, Some("20260429T120000Zx"), "20260429T120000Z2"),
            (IdStrategy::Counter, None, "2026042901"),
            (IdStrategy::Counter, Some("2026042901"), "2026042902"),
            (IdStrategy::Counter, Some("2026042999"), "2026043001"),
            (IdStrategy::Counter, Some("20991230"), "20991232"),
            (IdStrategy::Counter, Some("2026042807"), "2026042901"),
            (IdStrategy::Counter, Some("20260429"), "2026042901"),
            (IdStrategy::Counter, Some("20260428"), "2026042901"),
            (IdStrategy::Counter, Some("7"), "8"),
            (IdStrategy::Counter, Some("099"), "100"),
            (IdStrategy::Counter, Some("99"), "100"),
            (IdStrategy::Counter, Some("v9"), "v10"),
            (IdStrategy::Counter, Some("abc"), "abc1"),
            (IdStrategy::Counter, Some("not-an-id"), "2026042901"),
            (IdStrategy::Counter, Some("99999999999999999999999999999999"), "2026042901"),
            (IdStrategy::ContentHash, None, "e3b0c44298fc1c149afbf4c8996fb924"),
        ] {
            assert_eq!(next_id(strategy, previous, b"", noon()), next, "{strategy:?} {previous:?}");
        }
    }

    #[test]
    fn the_first_second_of_a_day() {
        let midnight = "2026-04-29T00:00:00Z".parse().expect("a time");
        let first = next_id(IdStrategy::Timestamp, None, b"", midnight);
        assert_eq!(first, "20260429T000000Z1");
        assert_eq!(next_id(IdStrategy::Timestamp, Some(&first), b"", midnight), "20260429T000000Z2");
        assert!(!is_bare_date(&first));
    }

    proptest! {
        #[test]
        fn every_id_fits_the_grammar_and_is_new(
            previous in prop::option::of("[A-Za-z0-9]{1,32}|20260429[0-9]{0,6}|\\PC{0,40}"),
            body in any::<Vec<u8>>(),
        ) {
            for strategy in IdStrategy::ALL {
                let id = next_id(strategy, previous.as_deref(), &body, noon());
                prop_assert_eq!(id_of(&[record(&id)]), Some(id.clone()));
                prop_assert!(strategy == IdStrategy::ContentHash || Some(&id) != previous.as_ref());
                prop_assert!(!is_bare_date(&id), "{}", id);
            }
        }

        #[test]
        fn a_digest_follows_the_content(body in prop::collection::vec(any::<u8>(), 1..200), at in any::<prop::sample::Index>()) {
            let same = content_hash(&body);
            prop_assert_eq!(&same, &next_id(IdStrategy::ContentHash, Some("x"), &body, noon()));
            let mut other = body.clone();
            let at = at.index(other.len());
            other[at] ^= 1;
            prop_assert_ne!(same, content_hash(&other));
        }

        #[test]
        fn what_is_mended_is_an_id(text in "\\PC{0,60}") {
            if let Err(refused) = IdWish::parse(&text, noon()) {
                prop_assert!(is_id(&refused.mend), "{}", refused.mend);
            }
        }
    }
}
