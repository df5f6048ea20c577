//! Ids that read as a date. To senders an id has no order and no meaning (RFC 8461 §3.1, C15); to its owner it often has.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The years in which an id can be a date: MTA-STS is not older, and larger numbers are counters.
const YEARS: std::ops::RangeInclusive<i16> = 2015..=2099;

/// The time that an id names, read as UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdDate {
    /// Its beginning.
    pub at: Timestamp,
    /// Whether it names a day only: two changes on one day then carry the same id (C14).
    pub is_day: bool,
}

impl IdDate {
    /// Reads `YYYYMMDD` or `YYYYMMDDhhmmss`, with or without `T` between them and `Z` at the end; a time of zeros, however
    /// long, counts as none. `None` for everything else.
    #[must_use]
    pub fn read(id: &str) -> Option<Self> {
        let digits = id.strip_suffix('Z').unwrap_or(id);
        let (day, time) = digits.split_at_checked(8)?;
        let time = time.strip_prefix('T').unwrap_or(time);
        if ![day, time].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        let number = |text: &str, range| text.get(range).and_then(|part: &str| part.parse::<i8>().ok());
        let year = day.get(..4).and_then(|year| year.parse().ok()).filter(|year| YEARS.contains(year))?;
        let date = Date::new(year, number(day, 4..6)?, number(day, 6..8)?).ok()?;
        let is_day = time.bytes().all(|b| b == b'0');
        let at = match (is_day, time.len()) {
            (true, _) => date.to_datetime(jiff::civil::Time::midnight()),
            (false, 6) => DateTime::new(
                year,
                date.month(),
                date.day(),
                number(time, 0..2)?,
                number(time, 2..4)?,
                number(time, 4..6)?,
                0,
            )
            .ok()?,
            (false, _) => return None,
        };
        let at = TimeZone::UTC.to_timestamp(at).ok()?;
        Some(Self { at, is_day })
    }

    /// Whether a file of that time is clearly newer: by more than a day after an id that names a day is over, else by more
    /// than an hour. Less is the time between writing the file and the record.
    #[must_use]
    pub fn is_clearly_before(&self, modified: Timestamp) -> bool {
        let slack = SignedDuration::from_hours(if self.is_day { 48 } else { 1 });
        modified.duration_since(self.at) > slack
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are_dates() {
        for (id, at, is_day) in [
            ("20260429", "2026-04-29T00:00:00Z", true),
            ("20260429Z", "2026-04-29T00:00:00Z", true),
            ("2026042900", "2026-04-29T00:00:00Z", true),
            ("20260429000000", "2026-04-29T00:00:00Z", true),
            ("20260429T000000Z", "2026-04-29T00:00:00Z", true),
            ("20260429120001", "2026-04-29T12:00:01Z", false),
            ("20260429T120001", "2026-04-29T12:00:01Z", false),
            ("20260429120001Z", "2026-04-29T12:00:01Z", false),
            ("20260429T120001Z", "2026-04-29T12:00:01Z", false),
            ("20280229", "2028-02-29T00:00:00Z", true),
        ] {
            assert_eq!(IdDate::read(id), Some(IdDate { at: at.parse().unwrap(), is_day }), "{id}");
        }
    }

    #[test]
    fn ids_that_are_none() {
        for id in [
            "",
            "1",
            "2026",
            "20269929",
            "20260230",
            "19991231",
            "21000101",
            "20260429T",
            "2026042912",
            "20260429250000",
            "2026042é",
            "abcdefgh",
            "20260429T12000Z",
            "20260429-120001",
            "202604291200011",
            "2026+429",
            "1780000000",
        ] {
            assert_eq!(IdDate::read(id).filter(|date| !date.is_day), None, "{id}");
        }
        assert_eq!(IdDate::read("20269929"), None);
        assert_eq!(IdDate::read("2026+429"), None);
    }

    #[test]
    fn what_is_clearly_before() {
        for (id, modified, before) in [
            ("20260429", "2026-04-29T23:59:59Z", false),
            ("20260429", "2026-05-01T00:00:00Z", false),
            ("20260429", "2026-05-01T00:00:01Z", true),
            ("20260429", "2020-01-01T00:00:00Z", false),
            ("20260429T120000Z", "2026-04-29T13:00:00Z", false),
            ("20260429T120000Z", "2026-04-29T13:00:01Z", true),
        ] {
            let date = IdDate::read(id).unwrap();
            assert_eq!(date.is_clearly_before(modified.parse().unwrap()), before, "{id} {modified}");
        }
    }
}
