//! One text, read.

use judge::{MaxAgeProfile, Severity};
use protocol::{Oddity, Weight, sts, tlsrpt};
use serde::Serialize;
use serde_json::Value;

use super::{advice, zone};
use crate::cli::LintKind;

/// Most oddities of one text that are shown: a person reads few, a hostile zone file has millions.
const MAX_SHOWN: usize = 1_000;

/// One text, read.
#[derive(Debug)]
pub(crate) struct Linted {
    /// What it was read as.
    pub(crate) kind: LintKind,
    /// Whether the strict reader accepts it (of a zone file: all records concerned).
    pub(crate) valid: bool,
    /// Whether there was anything to judge; a zone file may have no record of ours.
    pub(crate) seen: bool,
    /// What it says, when it is valid; of a zone file: each record with its owner.
    pub(crate) read: Option<Value>,
    /// What is odd, in the order of the text; at most 1,000.
    pub(crate) oddities: Vec<Spotted>,
    /// How many oddities there are beyond those.
    pub(crate) more: usize,
    /// The text with every mechanical mend, when there is one.
    pub(crate) mended: Option<Vec<u8>>,
}

/// An oddity and where it is in the file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Spotted {
    /// Its stable name.
    pub(crate) code: String,
    /// How much it matters to senders.
    pub(crate) weight: Weight,
    /// How soon to act, as `check` says it.
    pub(crate) severity: Severity,
    /// Offset of the first octet.
    pub(crate) start: usize,
    /// Offset after the last octet.
    pub(crate) end: usize,
    /// What is wrong and how to mend it.
    pub(crate) text: String,
    /// What to put there instead, when that is mechanical.
    pub(crate) mend: Option<String>,
    /// Of a zone file: the record's owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
}

impl Spotted {
    /// The oddities of a text of that kind.
    pub(super) fn all(kind: LintKind, oddities: Vec<Oddity>) -> Vec<Self> {
        let of = |oddity: Oddity| Self {
            code: oddity.code.to_owned(),
            weight: oddity.weight,
            severity: severity_of(kind, oddity.code, oddity.weight),
            start: oddity.start,
            end: oddity.end,
            text: oddity.text,
            mend: oddity.mend,
            owner: None,
        };
        oddities.into_iter().map(of).collect()
    }
}

/// Oddities while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Spots {
    kept: Vec<Spotted>,
    /// How many there are beyond those that are kept.
    pub(super) more: usize,
    /// Whether a record is refused.
    pub(super) refused: bool,
}

impl Spots {
    /// Keeps one, or counts it.
    pub(super) fn push(&mut self, spotted: Spotted) {
        self.refused |= spotted.weight == Weight::Breaks;
        if self.kept.len() < MAX_SHOWN {
            self.kept.push(spotted);
        } else {
            self.more += 1;
        }
    }

    /// Whether anything is refused by senders.
    pub(super) fn breaks(&self) -> bool {
        self.refused
    }

    /// Those kept, by place, and how many more there are.
    pub(super) fn in_order(mut self) -> (Vec<Spotted>, usize) {
        self.kept.sort_by_key(|spotted| spotted.start);
        (self.kept, self.more)
    }
}

/// How soon to act, in agreement with the catalogue of `check`.
pub(super) fn severity_of(kind: LintKind, code: &str, weight: Weight) -> Severity {
    match (code, weight) {
        // mta_sts_max_age_too_large, tlsrpt_rua_scheme
        ("max_age_too_large" | "rua_http" | "rua_scheme_unknown", _) => Severity::Medium,
        // tlsrpt_syntax is MEDIUM; mta_sts_record_syntax and mta_sts_policy_syntax are HIGH
        (_, Weight::Breaks) if kind == LintKind::Tlsrpt => Severity::Medium,
        (_, Weight::Breaks) => Severity::High,
        (_, Weight::Disputed) => Severity::Low,
        (_, Weight::Noted) => Severity::Info,
    }
}

/// Reads a text of a kind. `origin` is where the names of a zone file start, `max_age` says which lifetime is short.
pub(crate) fn lint_text(kind: LintKind, text: &[u8], origin: Option<&str>, max_age: MaxAgeProfile) -> Linted {
    match kind {
        LintKind::Policy | LintKind::Mx => {
            let (policy, oddities) = sts::inspect_policy(text);
            let mut oddities = Spotted::all(LintKind::Policy, oddities);
            oddities.extend(policy.iter().flat_map(|policy| advice::of_policy(text, policy, max_age)));
            let read = policy.map(|policy| value(&policy));
            linted(LintKind::Policy, read, oddities, sts::patch_policy(text), text, text.len())
        }
        LintKind::Sts => {
            // The line end belongs to the file, not to the record.
            let record = without_line_end(text);
            let (read, oddities) = sts::inspect_record(record);
            let mut oddities = Spotted::all(kind, oddities);
            oddities.extend(read.iter().filter_map(|read| advice::of_record(record, read)));
            let read = read.map(|read| value(&read));
            linted(kind, read, oddities, sts::patch_record(record), text, record.len())
        }
        LintKind::Tlsrpt => {
            let record = without_line_end(text);
            let (read, oddities) = tlsrpt::inspect_record(record);
            let read = read.map(|read| tlsrpt_value(&read));
            let oddities = Spotted::all(kind, oddities);
            linted(kind, read, oddities, tlsrpt::patch_record(record), text, record.len())
        }
        LintKind::Zone => zone::lint_zone(text, origin),
    }
}

fn linted(
    kind: LintKind,
    read: Option<Value>,
    mut oddities: Vec<Spotted>,
    mended: Vec<u8>,
    text: &[u8],
    length: usize,
) -> Linted {
    oddities.sort_by_key(|spotted| spotted.start);
    let changed = Some(mended.as_slice()) != text.get(..length);
    let whole = [mended.as_slice(), text.get(length..).unwrap_or_default()].concat();
    Linted {
        kind,
        valid: read.is_some(),
        seen: true,
        read,
        oddities,
        more: 0,
        mended: changed.then_some(whole),
    }
}

fn without_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// A value as JSON; these values have no failing case.
pub(super) fn value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// A TLSRPT record as JSON.
pub(super) fn tlsrpt_value(record: &tlsrpt::Record) -> Value {
    let rua: Vec<&str> = record.rua.iter().map(tlsrpt::Rua::as_str).collect();
    serde_json::json!({ "rua": rua, "extensions": record.extensions })
}
