//! The lines of a policy, field by field.

use std::collections::HashMap;
use std::ops::Range;

use super::line::{self, Line};
use super::{name, value};
use crate::MxPattern;
use crate::excerpt::printable;
use crate::odd_octets::odd_octet;
use crate::oddity::{Oddities, Oddity, Weight};
use crate::record_grammar::{Defect, check_name, is_wsp};

/// One field, loosely cut; the value is without blanks around it.
pub(super) struct LooseField<'a> {
    pub(super) value: &'a [u8],
    pub(super) value_span: Range<usize>,
    /// The whole line with its end, to take it out.
    pub(super) line: Range<usize>,
}

/// What has been seen so far.
#[derive(Default)]
struct Seen {
    /// First value of each field name.
    first: HashMap<Vec<u8>, Vec<u8>>,
    mx: HashMap<MxPattern, ()>,
    mode_is_none: bool,
}

/// Notes what is odd about the lines of `text`.
pub(super) fn inspect(text: &[u8], oddities: &mut Oddities) {
    let mut seen = Seen::default();
    for line in line::split(text, oddities) {
        let content = text.get(line.content.clone()).unwrap_or_default();
        if content.iter().all(|b| is_wsp(*b)) {
            // Rule 44: outside the grammar; senders differ.
            let words = "There is a blank line; some senders refuse the whole policy for it. Take it out.";
            oddities.push(
                Oddity::new("blank_line", Weight::Disputed, line.content.start..line.next, words)
                    .mended_by(""),
            );
        } else {
            inspect_line(content, &line, &mut seen, oddities);
        }
    }
    missing(text.len(), &seen, oddities);
}

fn inspect_line(content: &[u8], line: &Line, seen: &mut Seen, oddities: &mut Oddities) {
    let start = line.content.start;
    let whole = start..line.next;
    let blanks = content.iter().take_while(|b| is_wsp(**b)).count();
    let body = content.get(blanks..).unwrap_or_default();
    if [b"#".as_slice(), b"//", b";"].iter().any(|sign| body.starts_with(sign)) {
        let words = "A policy has no comments; take the line out.";
        oddities.push(Oddity::new("comment", Weight::Breaks, whole, words).mended_by(""));
        return;
    }
    let Some(colon) = content.iter().position(|b| *b == b':') else {
        if let Some(name) = no_colon(body, start + blanks..start + content.len(), start, oddities) {
            seen.first.entry(name.as_bytes().to_vec()).or_default();
            seen.mode_is_none |= name == "mode" && body.ends_with(b"none");
        }
        return;
    };
    if blanks > 0 {
        let words = "The line begins with a blank; take it out.";
        oddities
            .push(Oddity::new("leading_blank", Weight::Breaks, start..start + blanks, words).mended_by(""));
    }
    let name = content.get(blanks..colon).unwrap_or_default();
    let name_end = name.iter().rposition(|b| !is_wsp(*b)).map_or(0, |last| last + 1);
    if name_end < name.len() {
        let words = "There is a blank before the colon; take it out.";
        let span = start + blanks + name_end..start + colon;
        oddities.push(Oddity::new("blank_before_colon", Weight::Breaks, span, words).mended_by(""));
    }
    let name = name.get(..name_end).unwrap_or_default();
    inspect_name(name, start + blanks, oddities);
    // A byte order mark has been named; the field behind it is there.
    let name = name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name);
    let raw = content.get(colon + 1..).unwrap_or_default();
    let front = raw.iter().take_while(|b| is_wsp(**b)).count();
    let value = raw.get(front..).unwrap_or_default();
    let value =
        value.get(..value.iter().rposition(|b| !is_wsp(*b)).map_or(0, |last| last + 1)).unwrap_or_default();
    let value_at = start + colon + 1 + front;
    let field = LooseField { value, value_span: value_at..value_at + value.len(), line: whole };
    inspect_field(name, &field, seen, oddities);
}

/// The name of the field that the line is meant to be, if that can be told.
fn no_colon(
    body: &[u8],
    span: Range<usize>,
    line_start: usize,
    oddities: &mut Oddities,
) -> Option<&'static str> {
    let text = String::from_utf8_lossy(body);
    let trimmed = text.trim_end_matches([' ', '\t', ',']);
    if span.start > line_start && MxPattern::parse(trimmed).is_ok_and(|mx| mx.as_str().contains('.')) {
        let words = "A line cannot be continued on the next; each MX host needs its own `mx:` line.";
        let mend = format!("mx: {trimmed}");
        oddities
            .push(Oddity::new("folded_line", Weight::Breaks, line_start..span.end, words).mended_by(mend));
        return Some("mx");
    }
    let named = name::KNOWN.iter().find_map(|name| {
        let after = body.strip_prefix(name.as_bytes())?;
        let sign = after.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'=')).count();
        (sign > 0).then_some((name, sign))
    });
    match named {
        Some((name, sign)) => {
            let at = span.start + name.len();
            let words = "There is no colon after the name of the field.";
            oddities.push(Oddity::new("colon_missing", Weight::Breaks, at..at + sign, words).mended_by(": "));
            Some(name)
        }
        None => {
            let words = "The line is no field: a field is written `name: value`.";
            oddities.push(Oddity::new("no_colon", Weight::Breaks, span, words));
            None
        }
    }
}

fn inspect_name(name: &[u8], at: usize, oddities: &mut Oddities) {
    let span = at..at + name.len();
    if let Some(meant) = std::str::from_utf8(name).ok().and_then(name::meant) {
        let shown = printable(&String::from_utf8_lossy(name), 40);
        let words = format!("Senders ignore the field `{shown}`; did you mean `{meant}`?");
        // Raised when the right one turns out to be missing, or the name is none at all.
        let weight = if check_name(name).is_ok() { Weight::Noted } else { Weight::Breaks };
        oddities.push(Oddity::new("field_typo", weight, span, words).mended_by(meant));
        return;
    }
    let mut named = false;
    for at in at..span.end {
        if let Some(odd) = odd_octet(name, at - span.start).filter(|odd| odd.mend.is_some()) {
            let words = format!("There is {} in the name of the field; take it out.", odd.name);
            let mut oddity = Oddity::new(odd.code, Weight::Breaks, at..at + odd.len, words);
            oddity.mend = odd.mend;
            oddities.push(oddity);
            named = true;
        }
    }
    let code = match check_name(name) {
        Ok(()) => return,
        Err(_) if named => return,
        Err((_, Defect::NameEmpty)) => "name_empty",
        Err((_, Defect::NameLength)) => "name_length",
        Err(_) => "name_charset",
    };
    let words =
        "A field name has 1 to 32 letters, digits, `_`, `-` and `.`, and begins with a letter or digit.";
    oddities.push(Oddity::new(code, Weight::Breaks, span, words));
}

fn inspect_field(name: &[u8], field: &LooseField<'_>, seen: &mut Seen, oddities: &mut Oddities) {
    let first = seen.first.get(name).cloned();
    if first.is_none() {
        seen.first.insert(name.to_vec(), field.value.to_vec());
    }
    if field.value.is_empty() {
        let words = "The field has no value.";
        let mut oddity = Oddity::new("value_empty", Weight::Breaks, field.line.clone(), words);
        oddity.mend = (name == b"mx").then(String::new);
        oddities.push(oddity);
        return;
    }
    match (name, first) {
        (b"mx", _) => inspect_mx(field, seen, oddities),
        (b"version" | b"mode" | b"max_age", Some(first)) => {
            value::free_text(field, oddities);
            // Rule 58: the first counts; not all senders agree when the later one differs.
            let weight = if first == field.value { Weight::Noted } else { Weight::Disputed };
            let words = format!("`{}` comes again; the first counts, but not for all senders.", shown(name));
            oddities.push(Oddity::new("duplicate_field", weight, field.line.clone(), words).mended_by(""));
        }
        (b"version", None) => value::version(field, oddities),
        (b"mode", None) => {
            seen.mode_is_none = field.value.eq_ignore_ascii_case(b"none");
            value::mode(field, oddities);
        }
        (b"max_age", None) => value::max_age(field, oddities),
        (_, first) => {
            value::free_text(field, oddities);
            let is_typo = std::str::from_utf8(name).ok().and_then(name::meant).is_some();
            if first.is_some() {
                let words = format!("The field `{}` comes again; the first counts.", shown(name));
                oddities.push(Oddity::new("duplicate_field", Weight::Noted, field.line.clone(), words));
            } else if check_name(name).is_ok() && !is_typo {
                let words = format!("Senders ignore the field `{}`.", shown(name));
                oddities.push(Oddity::new("unknown_field", Weight::Noted, field.line.clone(), words));
            }
        }
    }
}

fn inspect_mx(field: &LooseField<'_>, seen: &mut Seen, oddities: &mut Oddities) {
    if let Some(pattern) = value::mx(field, oddities)
        && seen.mx.insert(pattern, ()).is_some()
    {
        let words = "This MX host is listed twice.";
        oddities.push(Oddity::new("mx_duplicate", Weight::Noted, field.line.clone(), words));
    }
}

fn shown(name: &[u8]) -> String {
    printable(&String::from_utf8_lossy(name), 40)
}

// Rules 46, 47, 48 and 51.
fn missing(len: usize, seen: &Seen, oddities: &mut Oddities) {
    for name in name::KNOWN {
        if seen.first.contains_key(name.as_bytes()) || (name == "mx" && seen.mode_is_none) {
            continue;
        }
        if oddities
            .promote_where(|oddity| oddity.code == "field_typo" && oddity.mend.as_deref() == Some(name))
        {
            continue;
        }
        let (code, words) = match name {
            "version" => ("version_missing", "There is no `version: STSv1` line."),
            "mode" => ("mode_missing", "There is no `mode` line; add `mode: testing` or `mode: enforce`."),
            "max_age" => ("max_age_missing", "There is no `max_age` line; `max_age: 604800` is one week."),
            _ => ("mx_line_missing", "There is no `mx` line; add one for each MX host."),
        };
        let at = if name == "version" { 0 } else { len };
        let mut oddity = Oddity::new(code, Weight::Breaks, at..at, words);
        oddity.mend = (name == "version").then(|| "version: STSv1\n".to_owned());
        oddities.push(oddity);
    }
}
