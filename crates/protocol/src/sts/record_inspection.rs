//! The `_mta-sts` TXT record, read for a person.

use super::record::{MAX_ID, Record, RecordError, VERSION, read_records};
use crate::Oddity;
use crate::loose_record::{Kind, LooseField, fields, ignored_fields};
use crate::mend::{Inspection, mend, patched};
use crate::oddity::{Oddities, Weight};

const KIND: Kind = Kind { version: VERSION, required: "id", title: "MTA-STS" };

/// Says all that is worth saying about the text of one record. Never fails; the record is there exactly when
/// [`read_records`] accepts the text as the only one.
///
/// The text need not be a record at all: then the oddities say what it is instead.
pub fn inspect_record(text: &[u8]) -> (Option<Record>, Vec<Oddity>) {
    let mut oddities = Oddities::default();
    if let Some(fields) = fields(text, &KIND, &mut oddities) {
        inspect_ids(&fields, text.len(), &mut oddities);
        ignored_fields(&fields, &KIND, &mut oddities);
    }
    match read_records(&[text]) {
        Ok(record) => (Some(record), oddities.sorted()),
        Err(RecordError::Syntax(error)) => (None, oddities.with_refusal(text, &error)),
        Err(_) => (None, oddities.sorted()),
    }
}

/// The text with every mechanical mend applied, if senders then accept it; unchanged if they do already.
pub fn mend_record(text: &[u8]) -> Option<String> {
    mend(text, Inspection::by(inspect_record))
}

/// The text with every mechanical mend applied, whether senders then accept it or not; unchanged where there is none.
pub fn patch_record(text: &[u8]) -> Vec<u8> {
    patched(text, Inspection::by(inspect_record))
}

fn inspect_ids(fields: &[LooseField<'_>], end: usize, oddities: &mut Oddities) {
    match fields.iter().find(|field| field.name == b"id") {
        Some(field) => inspect_id(field, oddities),
        None => {
            if !oddities.promote("name_case") && !oddities.any(|oddity| oddity.code == "colon_for_equals") {
                let text =
                    "There is no `id`; add `id=` and 1 to 32 letters and digits that change with the policy.";
                oddities.push(Oddity::new("id_missing", Weight::Breaks, end..end, text));
            }
        }
    }
}

// Rule 9.
fn inspect_id(field: &LooseField<'_>, oddities: &mut Oddities) {
    let value = field.value;
    let span = field.value_at..field.value_at + value.len();
    if value.is_empty() {
        return; // said already
    }
    if let Some(blank) = second_field(value) {
        let at = field.value_at + blank;
        let text = "There is no semicolon between two fields.";
        oddities.push(Oddity::new("semicolon_missing", Weight::Breaks, at..at, text).mended_by(";"));
        return;
    }
    let kept: String = value.iter().filter(|b| b.is_ascii_alphanumeric()).map(|b| char::from(*b)).collect();
    let short: String = kept.chars().take(MAX_ID).collect();
    let mut oddity = if kept.len() < value.len() {
        let text =
            "The id may hold only letters and digits: no hyphens, dots, colons, quotation marks or blanks.";
        Oddity::new("id_charset", Weight::Breaks, span, text)
    } else if value.len() > MAX_ID {
        let text = format!("The id has {} characters; at most {MAX_ID} are allowed.", value.len());
        Oddity::new("id_length", Weight::Breaks, span, text)
    } else {
        return;
    };
    oddity.mend = (!short.is_empty()).then_some(short);
    oddities.push(oddity);
}

/// Where a blank is followed by another `name=value`.
fn second_field(value: &[u8]) -> Option<usize> {
    let blank = value.iter().position(|b| matches!(b, b' ' | b'\t'))?;
    let after = value.get(blank..)?;
    after.contains(&b'=').then_some(blank)
}

#[cfg(test)]
mod tests;
