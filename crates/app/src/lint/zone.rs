//! Zone files: the records at `_mta-sts` and `_smtp._tls`.

use std::collections::BTreeMap;
use std::ops::Range;

use judge::Severity;
use protocol::zone::{TxtEntry, Zone, is_sts_name, is_tlsrpt_name, quoted, read_zone};
use protocol::{Weight, sts, tlsrpt};
use serde_json::{Value, json};

use super::advice;
use super::linted::{Linted, Spots, Spotted, severity_of, tlsrpt_value, value};
use crate::cli::LintKind;

type Edits = Vec<(Range<usize>, String)>;

/// Reads a zone file.
pub(super) fn lint_zone(text: &[u8], origin: Option<&str>) -> Linted {
    let zone = read_zone(text, origin.unwrap_or_default());
    let mut spots = Spots::default();
    faults(&zone, &mut spots);
    let mut all: Vec<Value> = Vec::new();
    let mut edits = Edits::new();
    let right = right_ones(&zone);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for txt in &zone.texts {
        let Some(kind) = kind_at(&txt.owner) else {
            wrong_place(txt, &mut spots);
            continue;
        };
        // Other records at that name are none of senders' business (RFC 8461 §3.1, RFC 8460 §3), unless nothing there is
        // what they look for.
        let is_right = txt.octets.starts_with(prefix(kind));
        if !is_right && right.contains_key(txt.owner.as_str()) {
            continue;
        }
        let count = counts.entry(&txt.owner).or_default();
        *count += usize::from(is_right);
        if *count > 1 {
            let words = "A second record of the same kind at this name: senders then use none; keep one.";
            spots.push(at(txt, kind, "record_multiple", txt.span.clone(), words, None));
        }
        let valid = match meant(text, txt) {
            Some((span, meant)) => {
                let mended = quoted(&patched(kind, &meant));
                let words = "`;` begins a comment in a zone file: put the text in quotes.";
                spots.push(at(txt, kind, "zone_unquoted", span.clone(), words, Some(mended.clone())));
                edits.push((span, mended));
                all.push(json!({ "owner": txt.owner, "valid": false, "record": null }));
                false
            }
            None => record(txt, kind, &mut spots, &mut all, &mut edits),
        };
        spots.refused |= !valid;
    }
    let seen = !all.is_empty() || spots.breaks();
    if !seen {
        let words = "There is no MTA-STS or TLSRPT record in it.";
        spots.push(note("record_none", 0..0, words, None));
    }
    let valid = !spots.breaks();
    let mended = (!edits.is_empty()).then(|| replaced(text, edits));
    let (oddities, more) = spots.in_order();
    Linted { kind: LintKind::Zone, valid, seen, read: Some(Value::Array(all)), oddities, more, mended }
}

fn faults(zone: &Zone, spots: &mut Spots) {
    for fault in &zone.faults {
        spots.push(Spotted {
            code: "zone_syntax".to_owned(),
            weight: Weight::Breaks,
            severity: Severity::High,
            start: fault.span.start,
            end: fault.span.end,
            text: fault.text.clone(),
            mend: None,
            owner: None,
        });
    }
    spots.more += zone.more_faults;
    for span in &zone.includes {
        let words = "The included file is not read; give it by itself, with --origin.";
        spots.push(note("zone_include", span.clone(), words, None));
    }
    for alias in &zone.aliases {
        let words = "The record is at the name that this alias points to; what is there is not read.";
        spots.push(note("record_alias", alias.span.clone(), words, Some(&alias.owner)));
    }
}

/// The names with a record of the kind that senders look for there.
fn right_ones(zone: &Zone) -> BTreeMap<&str, ()> {
    let is_right =
        |txt: &&TxtEntry| kind_at(&txt.owner).is_some_and(|kind| txt.octets.starts_with(prefix(kind)));
    zone.texts.iter().filter(is_right).map(|txt| (txt.owner.as_str(), ())).collect()
}

fn kind_at(owner: &str) -> Option<LintKind> {
    if is_sts_name(owner) {
        Some(LintKind::Sts)
    } else if is_tlsrpt_name(owner) {
        Some(LintKind::Tlsrpt)
    } else {
        None
    }
}

/// What senders look for at the start of a record.
const fn prefix(kind: LintKind) -> &'static [u8] {
    match kind {
        LintKind::Tlsrpt => b"v=TLSRPTv1;",
        _ => b"v=STSv1;",
    }
}

fn patched(kind: LintKind, text: &[u8]) -> Vec<u8> {
    match kind {
        LintKind::Tlsrpt => tlsrpt::patch_record(text),
        _ => sts::patch_record(text),
    }
}

/// Reads one record; tells whether senders accept it.
fn record(
    txt: &TxtEntry,
    kind: LintKind,
    spots: &mut Spots,
    all: &mut Vec<Value>,
    edits: &mut Edits,
) -> bool {
    let (read, mut found) = match kind {
        LintKind::Tlsrpt => {
            let (read, found) = tlsrpt::inspect_record(&txt.octets);
            (read.map(|read| tlsrpt_value(&read)), Spotted::all(kind, found))
        }
        _ => {
            let (read, found) = sts::inspect_record(&txt.octets);
            let mut found = Spotted::all(kind, found);
            found.extend(read.iter().filter_map(|read| advice::of_record(&txt.octets, read)));
            (read.map(|read| value(&read)), found)
        }
    };
    let mended = patched(kind, &txt.octets);
    if mended != txt.octets {
        edits.extend(txt.rewritten(&mended));
    }
    for spotted in &mut found {
        let place = txt.place(spotted.start..spotted.end);
        (spotted.start, spotted.end) = (place.start, place.end);
        spotted.owner = Some(txt.owner.clone());
    }
    let valid = read.is_some();
    all.push(json!({ "owner": txt.owner, "valid": valid, "record": read }));
    found.into_iter().for_each(|spotted| spots.push(spotted));
    valid
}

/// The text that was meant, and where it is, when a `;` has made its rest a comment.
fn meant(text: &[u8], txt: &TxtEntry) -> Option<(Range<usize>, Vec<u8>)> {
    let cut = txt.cut_off.clone()?;
    let whole = text.get(txt.span.start..cut.end)?;
    let written = text.get(txt.span.clone())?;
    if written.iter().any(|b| matches!(b, b'\n' | b'"' | b'(' | b')')) {
        return None;
    }
    let whole = whole.trim_ascii_end();
    Some((txt.span.start..txt.span.start + whole.len(), whole.to_vec()))
}

/// A record of ours at a name where no sender looks.
fn wrong_place(txt: &TxtEntry, spots: &mut Spots) {
    let (kind, right) = if txt.looks_like_sts() {
        (LintKind::Sts, "_mta-sts.")
    } else if txt.looks_like_tlsrpt() {
        (LintKind::Tlsrpt, "_smtp._tls.")
    } else {
        return;
    };
    let words = format!("Senders look for this record at {right} and the domain, not here: move it there.");
    spots.push(at(txt, kind, "record_wrong_place", txt.span.clone(), &words, None));
}

fn at(
    txt: &TxtEntry,
    kind: LintKind,
    code: &str,
    span: Range<usize>,
    words: &str,
    mend: Option<String>,
) -> Spotted {
    Spotted {
        code: code.to_owned(),
        weight: Weight::Breaks,
        severity: severity_of(kind, code, Weight::Breaks),
        start: span.start,
        end: span.end,
        text: words.to_owned(),
        mend,
        owner: Some(txt.owner.clone()),
    }
}

fn note(code: &str, span: Range<usize>, words: &str, owner: Option<&str>) -> Spotted {
    Spotted {
        code: code.to_owned(),
        weight: Weight::Noted,
        severity: Severity::Info,
        start: span.start,
        end: span.end,
        text: words.to_owned(),
        mend: None,
        owner: owner.map(str::to_owned),
    }
}

fn replaced(text: &[u8], edits: Edits) -> Vec<u8> {
    let mut mended = Vec::new();
    let mut from = 0;
    for (span, new) in edits {
        mended.extend_from_slice(text.get(from..span.start).unwrap_or_default());
        mended.extend_from_slice(new.as_bytes());
        from = span.end;
    }
    mended.extend_from_slice(text.get(from..).unwrap_or_default());
    mended
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: &str = "$ORIGIN example.com.\n$TTL 1d\n@ IN SOA ns. h. 1 2h 3 4 5\n\
        _mta-sts IN TXT \"v=STSv1; id=2026-01-01;\"\n_smtp._tls 300 IN TXT ( \"v=TLSRPTv1; \"\n  \"rua=a@example.net\" )\n";

    fn codes(zone: &str) -> Vec<String> {
        lint_zone(zone.as_bytes(), None).oddities.into_iter().map(|oddity| oddity.code).collect()
    }

    #[test]
    fn oddities_are_placed_in_the_file_and_mended_there() {
        let linted = lint_zone(ZONE.as_bytes(), None);
        assert!(!linted.valid);
        let first = linted.oddities.first().expect("an oddity");
        assert_eq!(first.owner.as_deref(), Some("_mta-sts.example.com"));
        assert_eq!(ZONE.get(first.start..first.end), Some("2026-01-01"));
        let mended = String::from_utf8(linted.mended.expect("mends")).expect("text");
        assert_eq!(mended, ZONE.replace("2026-01-01", "20260101").replace("rua=a@", "rua=mailto:a@"));
    }

    #[test]
    fn multiple_and_misplaced_records() {
        let zone = "$ORIGIN example.com.\n_mta-sts 1 IN TXT \"v=STSv1; id=1;\"\n_mta-sts 1 IN TXT \"v=STSv1; id=2;\"\n\
            @ 1 IN TXT \"v=STSv1; id=3;\"\n@ 1 IN TXT \"v=spf1 -all\"\n";
        assert_eq!(codes(zone), ["record_multiple", "record_wrong_place"]);
    }

    #[test]
    fn other_records_at_the_name_do_not_matter_beside_the_right_one() {
        let right =
            "$ORIGIN example.com.\n_mta-sts 1 IN TXT \"token\"\n_mta-sts 1 IN TXT \"v=STSv1; id=1;\"\n";
        let linted = lint_zone(right.as_bytes(), None);
        assert!(linted.valid && linted.oddities.is_empty(), "{:?}", linted.oddities);
        let wrong = "_smtp._tls 1 IN TXT \"rua=mailto:a@example.net\"\n";
        assert!(!lint_zone(wrong.as_bytes(), None).valid);
    }

    #[test]
    fn a_zone_file_that_cannot_be_read_says_where() {
        let text = "$ORIGIN example.com.\nx 300 IN TXT \"unclosed\n_mta-sts 1 IN TXT \"v=STSv1; id=1;\"\n";
        let linted = lint_zone(text.as_bytes(), None);
        let error = linted.oddities.first().expect("an error");
        assert_eq!((error.code.as_str(), &text[error.start..error.end]), ("zone_syntax", "\""));
        assert!(!linted.valid && linted.read.is_some_and(|read| read[0]["valid"] == true));
    }

    #[test]
    fn where_nothing_is_seen_nothing_is_said_to_be_good() {
        for (zone, code) in [
            ("", "record_none"),
            ("www 1 IN A 192.0.2.1\n", "record_none"),
            ("$INCLUDE x\n", "zone_include"),
            ("_mta-sts IN CNAME x.\n", "record_alias"),
        ] {
            let linted = lint_zone(zone.as_bytes(), None);
            assert!(linted.valid && !linted.seen, "{zone}");
            assert!(codes(zone).contains(&code.to_owned()), "{zone}");
        }
    }

    #[test]
    fn text_without_quotes_is_put_in_quotes() {
        let zone = "_mta-sts IN TXT v=STSv1; id=1-2;\n";
        assert_eq!(codes(zone), ["zone_unquoted"]);
        let mended = lint_zone(zone.as_bytes(), None).mended.expect("a mend");
        assert_eq!(mended, b"_mta-sts IN TXT \"v=STSv1; id=12;\"\n");
    }
}
