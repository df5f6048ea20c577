//! What can be said about a TXT record, valid or not: version, delimiters, names, octets. Shared by both kinds of record.

use std::collections::HashSet;
use std::ops::Range;

use crate::odd_octets::odd_octet;
use crate::oddity::{Oddities, Oddity, Weight};
use crate::record_grammar::{MAX_FIELD_NAME, is_wsp};

mod version;

/// What distinguishes one kind of record from the other.
pub(crate) struct Kind {
    /// `v=STSv1`.
    pub(crate) version: &'static [u8],
    /// The one field that must be there: `id` or `rua`.
    pub(crate) required: &'static str,
    /// `MTA-STS`.
    pub(crate) title: &'static str,
}

/// One field, loosely cut.
pub(crate) struct LooseField<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) value_at: usize,
    /// The whole field with the semicolon after it, to take it out.
    pub(crate) span: Range<usize>,
}

/// Cuts `text` into fields and notes what is odd about its structure; `None` when it is no record of this kind at all.
pub(crate) fn fields<'a>(
    text: &'a [u8],
    kind: &Kind,
    oddities: &mut Oddities,
) -> Option<Vec<LooseField<'a>>> {
    let mut at = version::inspect(text, kind, oddities)?;
    odd_octets(text, at, oddities);
    let mut fields = Vec::new();
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let end = rest.iter().position(|b| *b == b';');
        let raw = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let next = end.map_or(text.len(), |end| at + end + 1);
        let continues =
            fields.last().is_some_and(|last: &LooseField<'_>| last.name == kind.required.as_bytes());
        fields.extend(field(raw, at, next, (end.is_none(), continues), kind, oddities));
        at = next;
    }
    Some(fields)
}

fn odd_octets(text: &[u8], from: usize, oddities: &mut Oddities) {
    let mut at = from;
    while at < text.len() {
        let Some(odd) = odd_octet(text, at) else {
            at += 1;
            continue;
        };
        let end = at + odd.len;
        let last = odd.code == "line_break" && end == text.len();
        let mut oddity = if last {
            // Some senders trim the end of the record.
            Oddity::new(
                "trailing_line_break",
                Weight::Disputed,
                at..end,
                format!("The record ends with {}.", odd.name),
            )
        } else {
            Oddity::new(odd.code, Weight::Breaks, at..end, format!("There is {} in the record.", odd.name))
        };
        oddity.text.push_str(" Records are plain ASCII; take it out.");
        oddity.mend = odd.mend;
        oddities.push(oddity);
        at = end;
    }
}

fn field<'a>(
    raw: &'a [u8],
    at: usize,
    next: usize,
    (is_last, continues): (bool, bool),
    kind: &Kind,
    oddities: &mut Oddities,
) -> Option<LooseField<'a>> {
    let blanks = raw.iter().take_while(|b| is_wsp(**b)).count();
    let body = raw.get(blanks..).unwrap_or_default();
    let start = at + blanks;
    let trimmed = body.iter().rposition(|b| !is_wsp(*b)).map_or(0, |last| last + 1);
    if trimmed == 0 {
        if !is_last {
            let text = "There is an empty field: one of the semicolons is too many.";
            oddities.push(Oddity::new("empty_field", Weight::Breaks, at..next, text).mended_by(""));
        }
        return None;
    }
    if is_last && trimmed < body.len() {
        let text = "Blanks at the end are allowed only around a semicolon; some senders drop the record.";
        let span = start + trimmed..start + body.len();
        oddities.push(Oddity::new("trailing_blank", Weight::Disputed, span, text).mended_by(""));
    }
    let body = body.get(..trimmed).unwrap_or_default();
    let Some(equals) = body.iter().position(|b| *b == b'=') else {
        no_equals(body, start, (at, continues), kind, oddities);
        return None;
    };
    let (name, value) = (body.get(..equals).unwrap_or_default(), body.get(equals + 1..).unwrap_or_default());
    let name_end = name.iter().rposition(|b| !is_wsp(*b)).map_or(0, |last| last + 1);
    let value_blanks = value.iter().take_while(|b| is_wsp(**b)).count();
    let around =
        [(start + name_end, start + equals), (start + equals + 1, start + equals + 1 + value_blanks)];
    for (from, to) in around {
        if from < to {
            let text = "There must be no blank before or after `=`.";
            oddities.push(Oddity::new("blank_around_equals", Weight::Breaks, from..to, text).mended_by(""));
        }
    }
    let name = name.get(..name_end).unwrap_or_default();
    let value = value.get(value_blanks..).unwrap_or_default();
    inspect_name(name, start, kind, oddities);
    if value.is_empty() {
        let text = "The field has no value.";
        oddities.push(Oddity::new("value_empty", Weight::Breaks, start..start + body.len(), text));
    }
    Some(LooseField { name, value, value_at: start + equals + 1 + value_blanks, span: at..next })
}

/// A field without `=`; `continues`: right after the required one, whose list of addresses it may go on with.
fn no_equals(
    body: &[u8],
    start: usize,
    (at, continues): (usize, bool),
    kind: &Kind,
    oddities: &mut Oddities,
) {
    let end = start + body.len();
    let required = kind.required.as_bytes();
    if body.starts_with(required) && body.get(required.len()) == Some(&b':') {
        let span = start + required.len()..start + required.len() + 1;
        let text = format!("Write `{0}=`, not `{0}:`.", kind.required);
        oddities.push(Oddity::new("colon_for_equals", Weight::Breaks, span, text).mended_by("="));
    } else if kind.required == "rua" && continues && body.contains(&b':') {
        let text = "Addresses of one `rua` field are separated by commas, not semicolons.";
        oddities.push(
            Oddity::new("rua_semicolon", Weight::Breaks, at.saturating_sub(1)..start, text).mended_by(","),
        );
    } else {
        let text = "The field has no `=`; a field is written `name=value`.";
        oddities.push(Oddity::new("no_equals", Weight::Breaks, start..end, text));
    }
}

// Rules 8 and 13.
fn inspect_name(name: &[u8], at: usize, kind: &Kind, oddities: &mut Oddities) {
    let span = at..at + name.len();
    let required = kind.required.as_bytes();
    if name.eq_ignore_ascii_case(required) && name != required {
        let text = format!("Field names are case-sensitive: write `{}`.", kind.required);
        // Only when the right one is missing does this break the record; the caller says so.
        oddities.push(Oddity::new("name_case", Weight::Noted, span, text).mended_by(kind.required));
        return;
    }
    let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let code = if name.is_empty() {
        "name_empty"
    } else if !name.iter().all(fits) || !name.first().is_some_and(u8::is_ascii_alphanumeric) {
        "name_charset"
    } else if name.len() > MAX_FIELD_NAME {
        "name_length"
    } else {
        return;
    };
    let text =
        "A field name has 1 to 32 letters, digits, `_`, `-` and `.`, and begins with a letter or digit.";
    oddities.push(Oddity::new(code, Weight::Breaks, span, text));
}

/// What is to be said about fields that senders ignore: unknown ones, and later ones of a name.
pub(crate) fn ignored_fields(fields: &[LooseField<'_>], kind: &Kind, oddities: &mut Oddities) {
    let mut seen = HashSet::new();
    for field in fields {
        let first = seen.insert(field.name);
        let shown = String::from_utf8_lossy(field.name);
        if field.name == b"v" {
            let text = "The version comes once, in front; some senders drop a record with another `v` field.";
            oddities.push(
                Oddity::new("duplicate_version", Weight::Disputed, field.span.clone(), text).mended_by(""),
            );
        } else if field.name == kind.required.as_bytes() {
            if !first && kind.required == "id" {
                let text = "There is a second `id`: senders use the first, some drop the record.";
                let oddity = Oddity::new("duplicate_id", Weight::Disputed, field.span.clone(), text);
                oddities.push(oddity.mended_by(""));
            }
            continue;
        } else if !first {
            let text = format!(
                "The field `{}` comes again; the first counts.",
                crate::excerpt::printable(&shown, 40)
            );
            oddities.push(Oddity::new("duplicate_field", Weight::Noted, field.span.clone(), text));
        } else if !field.name.eq_ignore_ascii_case(kind.required.as_bytes()) {
            let text = format!("Senders ignore the field `{}`.", crate::excerpt::printable(&shown, 40));
            oddities.push(Oddity::new("unknown_field", Weight::Noted, field.span.clone(), text));
        }
        inspect_extension_value(field, oddities);
    }
}

// RFC 8461 §3.1: visible ASCII but `=` and `;` (rule 13). Other octets have been named already.
fn inspect_extension_value(field: &LooseField<'_>, oddities: &mut Oddities) {
    if let Some(at) = field.value.iter().position(|b| matches!(b, b'=' | b' ' | b'\t')) {
        let at = field.value_at + at;
        let text = "The value of a field holds neither blanks nor `=`.";
        oddities.push(Oddity::new("value_charset", Weight::Breaks, at..at + 1, text));
    }
}
