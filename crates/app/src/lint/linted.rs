//! One text, read.

use judge::Severity;
use protocol::{Oddity, Weight, sts, tlsrpt};
use serde::Serialize;
use serde_json::Value;

use super::zone;
use crate::cli::LintKind;

/// One text, read.
#[derive(Debug)]
pub(crate) struct Linted {
    /// What it was read as.
    pub(crate) kind: LintKind,
    /// Whether the strict reader accepts it (of a zone file: all records concerned).
    pub(crate) valid: bool,
    /// What it says, when it is valid; of a zone file: each record with its owner.
    pub(crate) read: Option<Value>,
    /// What is odd, in the order of the text.
    pub(crate) oddities: Vec<Spotted>,
    /// The text with every mechanical mend, when that makes it valid.
    pub(crate) mended: Option<Vec<u8>>,
}

/// An oddity and where it is in the file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Spotted {
    /// Its stable name.
    pub(crate) code: String,
    /// How much it matters.
    pub(crate) weight: Weight,
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
    /// An oddity, moved to where it is in the file.
    pub(super) fn of(oddity: Oddity, place: impl Fn(usize) -> usize, owner: Option<&str>) -> Self {
        Self {
            code: oddity.code.to_owned(),
            weight: oddity.weight,
            start: place(oddity.start),
            end: place(oddity.end),
            text: oddity.text,
            mend: oddity.mend,
            owner: owner.map(str::to_owned),
        }
    }
}

/// The severity that an oddity counts as for `--fail-on`.
pub(crate) const fn severity_of(weight: Weight) -> Severity {
    match weight {
        Weight::Breaks => Severity::High,
        Weight::Disputed => Severity::Low,
        Weight::Noted => Severity::Info,
    }
}

/// Reads a text of a kind. `origin` is where the names of a zone file start.
pub(crate) fn lint_text(kind: LintKind, text: &[u8], origin: Option<&str>) -> Linted {
    match kind {
        LintKind::Policy | LintKind::Mx => {
            let (policy, oddities) = sts::inspect_policy(text);
            let mended = sts::mend_policy(text);
            linted(LintKind::Policy, policy.map(|policy| value(&policy)), oddities, mended, text, text.len())
        }
        LintKind::Sts => {
            // The line end belongs to the file, not to the record.
            let record = without_line_end(text);
            let (read, oddities) = sts::inspect_record(record);
            let mended = sts::mend_record(record);
            linted(kind, read.map(|read| value(&read)), oddities, mended, text, record.len())
        }
        LintKind::Tlsrpt => {
            let record = without_line_end(text);
            let (read, oddities) = tlsrpt::inspect_record(record);
            let mended = tlsrpt::mend_record(record);
            linted(kind, read.map(|read| tlsrpt_value(&read)), oddities, mended, text, record.len())
        }
        LintKind::Zone => zone::lint_zone(text, origin),
    }
}

fn linted(
    kind: LintKind,
    read: Option<Value>,
    oddities: Vec<Oddity>,
    mended: Option<String>,
    text: &[u8],
    length: usize,
) -> Linted {
    Linted {
        kind,
        valid: read.is_some(),
        read,
        oddities: oddities.into_iter().map(|oddity| Spotted::of(oddity, |at| at, None)).collect(),
        mended: mended.map(|mended| {
            let mut whole = mended.into_bytes();
            whole.extend_from_slice(text.get(length..).unwrap_or_default());
            whole
        }),
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
