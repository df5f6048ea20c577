//! What `check` also says of a record or a policy that senders accept.

use std::ops::Range;

use judge::{Catalogue, IdDate, MaxAgeAdvice, MaxAgeProfile, Severity, is_too_wide};
use protocol::{MxPattern, Weight, sts};

use super::linted::Spotted;

/// Advice on a valid record: an id that is a bare date (C14).
pub(super) fn of_record(text: &[u8], record: &sts::Record) -> Option<Spotted> {
    let id = record.id.as_str();
    IdDate::read(id).filter(|date| date.is_day)?;
    let field = format!("id={id}");
    let at = text.windows(field.len()).position(|found| found == field.as_bytes())? + 3;
    let words =
        "The id is a date: a second change on the same day needs another one. Put the time into it too.";
    Some(advice("id_day_granularity", Severity::Info, at..at + id.len(), words.to_owned()))
}

/// Advice on a valid policy: how long it is kept, and patterns that strangers' hosts can match.
pub(super) fn of_policy(text: &[u8], policy: &sts::Policy, profile: MaxAgeProfile) -> Vec<Spotted> {
    let mut found: Vec<Spotted> =
        values_of(text, "mx").filter_map(|(at, value)| too_wide(at, value)).collect();
    if let Some((at, _)) = values_of(text, "max_age").next() {
        found.extend(profile.advice(policy.mode, policy.max_age).map(|advice| max_age(at, advice, profile)));
    }
    found
}

fn max_age(at: Range<usize>, given: MaxAgeAdvice, profile: MaxAgeProfile) -> Spotted {
    let settled = profile.wanted(sts::Mode::Enforce);
    match given {
        MaxAgeAdvice::Short { is_mild, .. } => {
            let words = format!(
                "max_age is short: senders soon forget the policy. Use {settled} or more when the policy is settled."
            );
            advice("max_age_short", severity("mta_sts_max_age_short", is_mild), at, words)
        }
        MaxAgeAdvice::VeryLong => {
            let words = "max_age is over 180 days: senders that fetch rarely keep an old policy that long after a change.";
            advice("max_age_very_long", severity("mta_sts_max_age_very_long", false), at, words.to_owned())
        }
    }
}

fn too_wide(at: Range<usize>, value: &[u8]) -> Option<Spotted> {
    let pattern = MxPattern::parse(std::str::from_utf8(value).ok()?).ok()?;
    is_too_wide(&pattern).then(|| {
        let words = format!(
            "Strangers can have hosts that match `{pattern}` (RFC 8461 §10.4). Name the MX hosts themselves."
        );
        advice("mx_pattern_too_wide", severity("mta_sts_mx_pattern_too_wide", false), at, words)
    })
}

/// How soon to act by the catalogue of `check`.
fn severity(code: &str, is_mild: bool) -> Severity {
    let Some(entry) = Catalogue::find(code) else { return Severity::Info };
    entry.milder.filter(|_| is_mild).unwrap_or(entry.severity.otherwise)
}

/// Each value of a field of that name, and where it is.
fn values_of<'a>(text: &'a [u8], name: &'static str) -> impl Iterator<Item = (Range<usize>, &'a [u8])> {
    let mut start = 0;
    text.split_inclusive(|b| *b == b'\n').filter_map(move |line| {
        let begin = start;
        start += line.len();
        let value = line.strip_prefix(name.as_bytes())?.strip_prefix(b":")?;
        let at = begin + line.len() - value.trim_ascii_start().len();
        let value = value.trim_ascii();
        Some((at..at + value.len(), value))
    })
}

fn advice(code: &str, severity: Severity, span: Range<usize>, text: String) -> Spotted {
    Spotted {
        code: code.to_owned(),
        weight: Weight::Noted,
        severity,
        start: span.start,
        end: span.end,
        text,
        mend: None,
        owner: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R18, rule 56: what is said of a policy that senders accept, and where.
    #[test]
    fn advice_on_policies() {
        use MaxAgeProfile::{Ncsc, Rfc, Seed};
        for (profile, mode, mx, max_age, expected) in [
            (Seed, "enforce", "mx.example.com", "604800", &[][..]),
            (Seed, "enforce", "mx.example.com", "86400", &[("max_age_short", "86400", Severity::Info)][..]),
            (Seed, "testing", "mx.example.com", "3600", &[("max_age_short", "3600", Severity::Medium)][..]),
            (
                Ncsc,
                "enforce",
                "mx.example.com",
                "604800",
                &[("max_age_short", "604800", Severity::Medium)][..],
            ),
            (Rfc, "testing", "mx.example.com", "604800", &[("max_age_short", "604800", Severity::Info)][..]),
            (Rfc, "none", "mx.example.com", "0", &[][..]),
            (
                Seed,
                "enforce",
                "*.com",
                "31557600",
                &[
                    ("mx_pattern_too_wide", "*.com", Severity::Medium),
                    ("max_age_very_long", "31557600", Severity::Info),
                ][..],
            ),
            (Seed, "enforce", "*.example.com", "604800", &[][..]),
        ] {
            let text = format!("version: STSv1\nmode: {mode}\nmx:  {mx}\r\nmax_age: {max_age}\n");
            let read = sts::PolicyText::read(text.as_bytes()).expect("valid");
            let found = of_policy(text.as_bytes(), read.policy(), profile);
            let found: Vec<_> = found
                .iter()
                .map(|spotted| {
                    let shown = text.get(spotted.start..spotted.end).expect("in the text");
                    (spotted.code.as_str(), shown, spotted.severity)
                })
                .collect();
            assert_eq!(found, expected, "{profile} {mode} {mx} {max_age}");
        }
    }
}
