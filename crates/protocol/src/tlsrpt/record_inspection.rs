//! The `_smtp._tls` TXT record, read for a person.

use std::collections::HashSet;

use super::record::{Record, RecordError, VERSION, read_records, uris};
use super::rua_inspection::{self, Found};
use crate::Oddity;
use crate::excerpt::printable;
use crate::loose_record::{Kind, LooseField, fields, ignored_fields};
use crate::mend::{Inspection, mend, patched};
use crate::oddity::{Oddities, Weight};

const KIND: Kind = Kind { version: VERSION, required: "rua", title: "TLSRPT" };

/// Says all that is worth saying about the text of one record. Never fails; the record is there exactly when
/// [`read_records`] accepts the text as the only one.
///
/// The text need not be a record at all: then the oddities say what it is instead.
pub fn inspect_record(text: &[u8]) -> (Option<Record>, Vec<Oddity>) {
    let mut oddities = Oddities::default();
    if let Some(fields) = fields(text, &KIND, &mut oddities) {
        inspect_rua(&fields, text.len(), &mut oddities);
        dmarc_fields(&fields, &mut oddities);
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

fn inspect_rua(fields: &[LooseField<'_>], end: usize, oddities: &mut Oddities) {
    let mut usable = false;
    let mut seen = HashSet::new();
    let mut lists = fields.iter().filter(|field| field.name == b"rua").peekable();
    if lists.peek().is_none() {
        if !oddities.promote("name_case") && !oddities.any(|oddity| oddity.code == "colon_for_equals") {
            let text = "There is no `rua`; add `rua=mailto:` and an address, or an `https:` URI.";
            oddities.push(Oddity::new("rua_missing", Weight::Breaks, end..end, text));
        }
        return;
    }
    for (n, field) in lists.enumerate() {
        if n > 0 {
            // Rule 110.
            let text = "There is more than one `rua`; some senders use only the first. Put all addresses into one list.";
            oddities.push(Oddity::new("rua_repeated", Weight::Disputed, field.span.clone(), text));
        }
        for (uri, at) in uris(field.value) {
            let start = field.value_at + at;
            if uri.is_empty() && !field.value.is_empty() {
                empty_place(field, at, oddities);
                continue;
            }
            if !uri.is_empty() && !seen.insert(uri) {
                let text = "This address comes twice in the list; senders report to it once.";
                oddities.push(Oddity::new("rua_duplicate", Weight::Noted, start..start + uri.len(), text));
            }
            usable |= rua_inspection::inspect(uri, start, oddities) != Found::NoReporterUses;
        }
    }
    if !usable {
        oddities.promote("rua_http");
        oddities.promote("rua_scheme_unknown");
    }
}

fn empty_place(field: &LooseField<'_>, at: usize, oddities: &mut Oddities) {
    let is_named = |comma: usize, oddities: &Oddities| {
        oddities.any(|oddity| oddity.code == "rua_empty" && oddity.start == field.value_at + comma)
    };
    let commas = |from: usize| {
        field.value.iter().enumerate().skip(from).filter(|(_, octet)| **octet == b',').map(|(place, _)| place)
    };
    // The comma after the place goes, or at the end the one before. Two empty places may have one comma between them: then
    // there is nothing more to say.
    let mut after = commas(at).peekable();
    let comma = match after.peek() {
        Some(comma) => Some(*comma).filter(|comma| !is_named(*comma, oddities)),
        None => commas(0).rfind(|comma| !is_named(*comma, oddities)),
    };
    let Some(comma) = comma else { return };
    let span = field.value_at + comma..field.value_at + comma + 1;
    let text = "The list of addresses has an empty place: one of the commas is too many.";
    oddities.push(Oddity::new("rua_empty", Weight::Breaks, span, text).mended_by(""));
}

// Rule 106: fields that come from DMARC records.
fn dmarc_fields(fields: &[LooseField<'_>], oddities: &mut Oddities) {
    for field in
        fields.iter().filter(|field| matches!(field.name, b"ruf" | b"p" | b"sp" | b"pct" | b"fo" | b"ri"))
    {
        let name = printable(&String::from_utf8_lossy(field.name), 8);
        let text =
            format!("`{name}` belongs to DMARC records; TLSRPT has no such field and senders ignore it.");
        oddities.push(Oddity::new("dmarc_field", Weight::Noted, field.span.clone(), text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_comma_too_many_is_named_once() {
        for (list, commas) in [(",", 1), (",,", 2), ("mailto:a@x.example,,", 2), (",mailto:a@x.example,", 2)]
        {
            let (_, oddities) = inspect_record(format!("v=TLSRPTv1; rua={list}").as_bytes());
            let mut places: Vec<usize> = oddities
                .iter()
                .filter(|oddity| oddity.code == "rua_empty")
                .map(|oddity| oddity.start)
                .collect();
            assert_eq!(places.len(), commas, "{list}: {oddities:?}");
            places.dedup();
            assert_eq!(places.len(), commas, "{list}: {oddities:?}");
        }
    }

    #[test]
    fn slips_are_named_and_mended() {
        for (list, code, mended) in [
            ("a@x.example", "rua_scheme", Some("mailto:a@x.example")),
            ("x.example/tls", "rua_scheme", None),
            ("mailto://a@x.example", "mailto_slashes", Some("mailto:a@x.example")),
            ("mailto:<a@x.example>", "rua_angle_brackets", Some("mailto:a@x.example")),
            ("<mailto:a@x.example>", "rua_angle_brackets", Some("mailto:a@x.example")),
            ("mailto: a@x.example", "rua_blank", Some("mailto:a@x.example")),
            ("mailto:a@x.example!10m", "rua_size_suffix", Some("mailto:a@x.example")),
            ("mailto:a@x.example,", "rua_empty", Some("mailto:a@x.example")),
            (",mailto:a@x.example", "rua_empty", Some("mailto:a@x.example")),
            (
                "mailto:a@x.example,,https://x.example",
                "rua_empty",
                Some("mailto:a@x.example,https://x.example"),
            ),
            (
                "mailto:a@x.example https://x.example",
                "rua_blank",
                Some("mailto:a@x.example,https://x.example"),
            ),
            (
                "mailto:a@x.example; mailto:b@x.example",
                "rua_semicolon",
                Some("mailto:a@x.example,mailto:b@x.example"),
            ),
            ("mailto:a@b\u{fc}cher.example", "not_ascii", Some("mailto:a@xn--bcher-kva.example")),
            ("mailto:\u{fc}@x.example", "not_ascii", Some("mailto:%C3%BC@x.example")),
            ("https://x.example/a^b", "rua_uri", Some("https://x.example/a%5Eb")),
            ("mailto:a%2@x.example", "rua_uri", None),
            ("mailto:", "rua_mailto", None),
            ("http://x.example/", "rua_http", None),
            ("ftp://x.example/", "rua_scheme_unknown", None),
            ("https:///x", "rua_https", None),
            ("https:/x.example/x", "rua_https", Some("https://x.example/x")),
            ("https://x.example:99999/", "rua_https", None),
        ] {
            let text = format!("v=TLSRPTv1; rua={list}");
            let (record, oddities) = inspect_record(text.as_bytes());
            assert!(record.is_none(), "{text}");
            let codes: Vec<_> = oddities.iter().map(|oddity| oddity.code).collect();
            assert!(codes.contains(&code), "{text}: {codes:?}");
            let mended = mended.map(|list| format!("v=TLSRPTv1; rua={list}"));
            assert_eq!(mend_record(text.as_bytes()), mended, "{text}");
        }
    }

    #[test]
    fn what_is_worth_saying_about_a_valid_record() {
        for (text, expected) in [
            ("v=TLSRPTv1; rua=mailto:a@x.example", &[][..]),
            ("v=TLSRPTv1; rua=mailto:a@x.example?subject=s", &["rua_headers"]),
            ("v=TLSRPTv1; rua=mailto:a@x.example,mailto:a@x.example", &["rua_duplicate"]),
            ("v=TLSRPTv1; rua=mailto:a@x.example,http://x.example/", &["rua_http"]),
            ("v=TLSRPTv1; rua=mailto:a@x.example; rua=mailto:b@x.example", &["rua_repeated"]),
            ("v=TLSRPTv1; rua=mailto:a@a_b.example", &["rua_domain"]),
            ("v=TLSRPTv1; rua=mailto:a@x.example; ruf=x", &["dmarc_field", "unknown_field"]),
            ("v=TLSRPTv1 ; rua=mailto:a@x.example", &["blank_before_semicolon"]),
        ] {
            let (record, oddities) = inspect_record(text.as_bytes());
            assert!(record.is_some(), "{text}");
            assert_eq!(oddities.iter().map(|oddity| oddity.code).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn missing_and_misspelt() {
        for (text, code, mended) in [
            ("v=TLSRPTv1; foo=bar", "rua_missing", None),
            ("v=TLSRPTv1;", "rua_missing", None),
            ("v=TLSRPTv1; RUA=mailto:a@x.example", "name_case", Some("v=TLSRPTv1; rua=mailto:a@x.example")),
            (
                "v=TLSRPTv1; rua:mailto:a@x.example",
                "colon_for_equals",
                Some("v=TLSRPTv1; rua=mailto:a@x.example"),
            ),
            ("v=TLSRPTv1; rua=", "value_empty", None),
            ("v=STSv1; id=a", "foreign_record", None),
        ] {
            let (record, oddities) = inspect_record(text.as_bytes());
            assert!(
                record.is_none() && oddities.iter().any(|oddity| oddity.code == code),
                "{text}: {oddities:?}"
            );
            assert_eq!(mend_record(text.as_bytes()).as_deref(), mended, "{text}");
        }
    }
}
