//! The first field of a TXT record, and the many ways to miss it.

use super::Kind;
use crate::odd_octets::odd_octet;
use crate::oddity::{Oddities, Oddity, Weight};
use crate::record_grammar::is_wsp;

/// Records that people publish at the wrong name, by their first words.
const FOREIGN: [(&str, &str); 6] = [
    ("v=spf1", "an SPF record"),
    ("v=DMARC1", "a DMARC record"),
    ("v=DKIM1", "a DKIM key"),
    ("v=TLSRPTv1", "a TLSRPT record"),
    ("v=STSv1", "an MTA-STS record"),
    ("v=BIMI1", "a BIMI record"),
];

/// Notes what is odd about the version; returns where the first field begins, or `None` when there is nothing to read.
pub(super) fn inspect(text: &[u8], kind: &Kind, oddities: &mut Oddities) -> Option<usize> {
    let start = before_version(text, oddities);
    let rest = text.get(start..).unwrap_or_default();
    if let Some(after) = rest.strip_prefix(kind.version) {
        return after_version(after, start + kind.version.len(), kind, oddities);
    }
    let token_len = rest.iter().position(|b| matches!(b, b';' | b',')).unwrap_or(rest.len());
    let token = rest.get(..token_len).unwrap_or_default();
    let trimmed = token.iter().rposition(|b| !is_wsp(*b)).map_or(0, |last| last + 1);
    let squeezed: Vec<u8> = token.iter().copied().filter(|b| !is_wsp(*b)).collect();
    let title = kind.title;
    let version = String::from_utf8_lossy(kind.version);
    let span = start..start + trimmed;
    if squeezed.eq_ignore_ascii_case(kind.version) {
        let code = if squeezed.len() < trimmed { "version_blank" } else { "version_case" };
        let words = format!("The record must begin `{version};` exactly; senders do not see it.");
        oddities.push(Oddity::new(code, Weight::Breaks, span, words).mended_by(version));
        return Some((start + token_len + 1).min(text.len()));
    }
    let foreign = FOREIGN.iter().find(|(prefix, _)| starts_with_ignoring_case(rest, prefix.as_bytes()));
    if let Some((_, name)) = foreign.filter(|(prefix, _)| prefix.as_bytes() != kind.version) {
        let text = format!("This is {name}, not an {title} record; it belongs at another name.");
        oddities.push(Oddity::new("foreign_record", Weight::Breaks, 0..text_len(rest, start), text));
        return None;
    }
    if starts_with_ignoring_case(rest, kind.version.get(..kind.version.len() - 1).unwrap_or_default()) {
        let text = format!("The only version that senders know is `{version}`.");
        oddities.push(Oddity::new("version_unknown", Weight::Breaks, span, text));
        return None;
    }
    match find(text, kind.version) {
        Some(at) => version_not_first(text, at, kind, oddities),
        None => {
            let text = format!("This is no {title} record: it does not begin `{version};`.");
            oddities.push(Oddity::new("not_a_record", Weight::Breaks, 0..text_len(rest, start), text));
        }
    }
    None
}

fn text_len(rest: &[u8], start: usize) -> usize {
    start + rest.len()
}

/// Blanks, quotation marks and invisible characters in front; returns where the record proper begins.
fn before_version(text: &[u8], oddities: &mut Oddities) -> usize {
    let mut at = 0;
    while let Some(b) = text.get(at) {
        let (len, code, what) = match odd_octet(text, at) {
            Some(odd) if odd.mend.is_some() => (odd.len, odd.code, odd.name),
            Some(_) => return at,
            None if is_wsp(*b) => (1, "leading_blank", "a blank".to_owned()),
            None if *b == b'"' => (1, "quoted", "a quotation mark".to_owned()),
            None => break,
        };
        let text = format!("The record begins with {what}, so that senders do not see it; take it out.");
        oddities.push(Oddity::new(code, Weight::Breaks, at..at + len, text).mended_by(""));
        at += len;
    }
    let quoted = text.get(..at).unwrap_or_default().contains(&b'"');
    if quoted && text.len() > at && text.last() == Some(&b'"') {
        let span = text.len() - 1..text.len();
        let text = "The record ends with a quotation mark; take it out.";
        oddities.push(Oddity::new("quoted", Weight::Breaks, span, text).mended_by(""));
    }
    at
}

/// What stands between the version and the first field.
fn after_version(after: &[u8], at: usize, kind: &Kind, oddities: &mut Oddities) -> Option<usize> {
    let blanks = after.iter().take_while(|b| is_wsp(**b)).count();
    let next = at + blanks;
    match after.get(blanks..).unwrap_or_default() {
        [b';', ..] => {
            if blanks > 0 {
                // Erratum 6285 (rule 7).
                let text = "Some senders drop a record with a blank before the first semicolon; take it out.";
                let oddity = Oddity::new("blank_before_semicolon", Weight::Disputed, at..next, text);
                oddities.push(oddity.mended_by(""));
            }
            Some(next + 1)
        }
        [b'\\', b';', ..] => {
            let text = "There is a backslash before the semicolon, left by a zone file; take it out.";
            oddities.push(Oddity::new("backslash", Weight::Breaks, next..next + 1, text).mended_by(""));
            Some(next + 2)
        }
        [b',', ..] => {
            let text = "Fields are separated by semicolons, not commas.";
            oddities
                .push(Oddity::new("comma_delimiter", Weight::Breaks, next..next + 1, text).mended_by(";"));
            Some(next + 1)
        }
        [] => {
            let text = format!("The record ends after its version: `; {}=…` is missing.", kind.required);
            oddities.push(Oddity::new("version_only", Weight::Breaks, next..next, text));
            None
        }
        _ if blanks > 0 => {
            let text = "There is no semicolon after the version.";
            oddities.push(Oddity::new("semicolon_missing", Weight::Breaks, at..at, text).mended_by(";"));
            Some(next)
        }
        _ => {
            let version = String::from_utf8_lossy(kind.version);
            let text = format!("The record must begin `{version};` exactly.");
            let span = at - kind.version.len()..at;
            oddities.push(Oddity::new("version_unknown", Weight::Breaks, span, text));
            None
        }
    }
}

fn version_not_first(text: &[u8], at: usize, kind: &Kind, oddities: &mut Oddities) {
    let end = at + kind.version.len();
    let mut oddity =
        Oddity::new("version_not_first", Weight::Breaks, 0..text.len(), "The version must come first.");
    let trim = |part: &[u8]| {
        let part = String::from_utf8_lossy(part).into_owned();
        part.trim_matches([' ', '\t', ';', ',']).to_owned()
    };
    let (front, back) = (text.get(..at).unwrap_or_default(), text.get(end..).unwrap_or_default());
    if text.is_ascii() {
        let mended = format!("{}; {}; {}", String::from_utf8_lossy(kind.version), trim(front), trim(back));
        oddity = oddity.mended_by(mended.trim_end_matches([' ', ';']));
    }
    oddities.push(oddity);
}

fn starts_with_ignoring_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|front| front.eq_ignore_ascii_case(prefix))
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}
