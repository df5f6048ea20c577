//! What `check` also says of a record or a policy that senders accept.

use std::ops::Range;

use judge::{IdDate, Severity};
use protocol::{Weight, sts};

use super::linted::Spotted;

/// Under this many seconds senders that come rarely never hold the policy when they need it (R18).
const SHORT_MAX_AGE: u64 = 86_400;
/// Less than what RFC 8461 §3.2 expects in mode enforce, in seconds (R20).
const MODEST_MAX_AGE: u64 = 604_800;

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

/// Advice on a valid policy: how long it is kept.
pub(super) fn of_policy(text: &[u8], policy: &sts::Policy) -> Option<Spotted> {
    // A policy that is being retired has a short life on purpose (RFC 8461 §8.3).
    let short = policy.max_age < SHORT_MAX_AGE;
    let modest = policy.mode == sts::Mode::Enforce && policy.max_age < MODEST_MAX_AGE;
    if policy.mode == sts::Mode::None || !(short || modest) {
        return None;
    }
    let words = format!(
        "max_age is short: senders soon forget the policy. Use {MODEST_MAX_AGE} or more when the policy is settled."
    );
    let severity = if short { Severity::Medium } else { Severity::Info };
    Some(advice("max_age_short", severity, value_of(text, b"max_age:")?, words))
}

/// Where the value of the first line with that name is.
fn value_of(text: &[u8], name: &[u8]) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive(|b| *b == b'\n') {
        if let Some(value) = line.strip_prefix(name) {
            let blanks = value.len() - value.trim_ascii_start().len();
            let at = start + name.len() + blanks;
            return Some(at..at + value.trim_ascii().len());
        }
        start += line.len();
    }
    None
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
