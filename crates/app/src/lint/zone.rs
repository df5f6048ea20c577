//! Zone files: the records at `_mta-sts` and `_smtp._tls`.

use std::collections::BTreeMap;

use domain::base::Name;
use domain::base::name::FlattenInto as _;
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry, Zonefile};
use protocol::{Oddity, Weight, sts, tlsrpt};
use serde_json::{Value, json};

use super::linted::{Linted, Spotted, tlsrpt_value, value};
use super::strings::{Strings, quoted};
use crate::cli::LintKind;

/// One TXT record of the file.
struct Txt {
    owner: String,
    octets: Vec<u8>,
    entry: std::ops::Range<usize>,
    strings: Option<Strings>,
}

/// Reads a zone file.
pub(super) fn lint_zone(text: &[u8], origin: Option<&str>) -> Linted {
    let mut oddities = Vec::new();
    let records = read(text, origin, &mut oddities);
    let mut all: Vec<Value> = Vec::new();
    let mut mends: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for txt in &records {
        let Some(role) = role(txt, &records) else {
            wrong_place(txt, &mut oddities);
            continue;
        };
        let (read, found, mended) = match role {
            LintKind::Sts => {
                let (read, found) = sts::inspect_record(&txt.octets);
                (read.map(|read| value(&read)), found, sts::mend_record(&txt.octets))
            }
            _ => {
                let (read, found) = tlsrpt::inspect_record(&txt.octets);
                (read.map(|read| tlsrpt_value(&read)), found, tlsrpt::mend_record(&txt.octets))
            }
        };
        let count = counts.entry(txt.owner.clone()).or_default();
        *count += usize::from(txt.octets.starts_with(prefix(role)));
        if *count > 1 {
            oddities.push(of_entry(
                txt,
                "record_multiple",
                Weight::Breaks,
                "a second record of the same kind at this name: senders then use none; keep one",
            ));
        }
        if let (false, Some(mended), Some(strings)) = (found.is_empty(), mended, &txt.strings) {
            mends.push((strings.span.clone(), quoted(&mended)));
        }
        all.push(json!({ "owner": txt.owner, "valid": read.is_some(), "record": read }));
        oddities.extend(found.into_iter().map(|oddity| spotted(txt, oddity)));
    }
    oddities.sort_by_key(|oddity| oddity.start);
    let valid = oddities.iter().all(|oddity| oddity.weight != Weight::Breaks);
    let mended = (!mends.is_empty()).then(|| replaced(text, mends));
    Linted { kind: LintKind::Zone, valid, read: Some(Value::Array(all)), oddities, mended }
}

/// What a record is read as: by its owner's name, and by what it begins with. Other records at that name are none of
/// senders' business (RFC 8461 §3.1, RFC 8460 §3), unless nothing there is what they look for.
fn role(txt: &Txt, records: &[Txt]) -> Option<LintKind> {
    let role = match txt.owner.split('.').collect::<Vec<_>>().as_slice() {
        ["_mta-sts", ..] => LintKind::Sts,
        ["_smtp", "_tls", ..] => LintKind::Tlsrpt,
        _ => return None,
    };
    let start = prefix(role);
    let found = |other: &Txt| other.owner == txt.owner && other.octets.starts_with(start);
    (txt.octets.starts_with(start) || !records.iter().any(found)).then_some(role)
}

/// What senders look for at the start of a record.
const fn prefix(role: LintKind) -> &'static [u8] {
    match role {
        LintKind::Tlsrpt => b"v=TLSRPTv1;",
        _ => b"v=STSv1;",
    }
}

fn read(text: &[u8], origin: Option<&str>, oddities: &mut Vec<Spotted>) -> Vec<Txt> {
    // The library wants a line end after the last entry.
    let mut zone = Zonefile::from([text, b"\n"].concat().as_slice());
    let origin = origin.unwrap_or(".");
    let absolute = if origin.ends_with('.') { origin.to_owned() } else { format!("{origin}.") };
    if let Ok(name) = absolute.parse::<Name<bytes::Bytes>>() {
        zone.set_origin(name);
    }
    zone.set_default_class(domain::base::iana::Class::IN);
    let mut records = Vec::new();
    loop {
        let start = zone.current_offset();
        match zone.next_entry() {
            Ok(Some(Entry::Record(record))) => {
                let entry = start.min(text.len())..zone.current_offset().min(text.len());
                let owner: Name<bytes::Bytes> = record.owner().clone().flatten_into();
                if let ZoneRecordData::Txt(txt) = record.data() {
                    let octets: Vec<u8> = txt.iter().flat_map(<[u8]>::to_vec).collect();
                    let strings =
                        Strings::read(text, entry.clone()).filter(|strings| strings.octets == octets);
                    let owner = owner.to_string().trim_end_matches('.').to_ascii_lowercase();
                    records.push(Txt { owner, octets, entry, strings });
                }
            }
            Ok(Some(Entry::Include { .. })) => {}
            Ok(None) => return records,
            Err(error) => {
                oddities.push(syntax_error(text, start, &error.to_string()));
                return records;
            }
        }
    }
}

/// The library's error begins with line and column.
fn syntax_error(text: &[u8], start: usize, error: &str) -> Spotted {
    let mut parts = error.splitn(3, ':');
    let line = parts.next().and_then(|line| line.trim().parse::<usize>().ok());
    let column = parts.next().and_then(|column| column.trim().parse::<usize>().ok());
    let why = parts.next().unwrap_or(error).trim();
    let offset = match (line, column) {
        (Some(line), Some(column)) => {
            let lines = text.split_inclusive(|octet| *octet == b'\n').take(line.saturating_sub(1));
            lines.map(<[u8]>::len).sum::<usize>() + column.saturating_sub(1)
        }
        _ => start,
    };
    let offset = offset.min(text.len());
    Spotted {
        code: "zone_syntax".to_owned(),
        weight: Weight::Breaks,
        start: offset,
        end: offset,
        text: format!("the zone file cannot be read from here on: {why}"),
        mend: None,
        owner: None,
    }
}

/// A record of ours at a name where no sender looks.
fn wrong_place(txt: &Txt, oddities: &mut Vec<Spotted>) {
    if txt.owner.starts_with("_mta-sts") || txt.owner.starts_with("_smtp._tls") {
        return;
    }
    let right = if looks_meant(&txt.octets, b"v=stsv1") {
        "_mta-sts."
    } else if looks_meant(&txt.octets, b"v=tlsrptv1") {
        "_smtp._tls."
    } else {
        return;
    };
    let words = format!("senders look for this record at {right} and the domain, not here: move it there");
    oddities.push(of_entry(txt, "record_wrong_place", Weight::Breaks, &words));
}

fn looks_meant(octets: &[u8], start: &[u8]) -> bool {
    let lower = octets.trim_ascii_start().to_ascii_lowercase();
    lower.starts_with(start)
}

fn of_entry(txt: &Txt, code: &str, weight: Weight, words: &str) -> Spotted {
    let span = txt.strings.as_ref().map_or_else(|| txt.entry.clone(), |strings| strings.span.clone());
    Spotted {
        code: code.to_owned(),
        weight,
        start: span.start,
        end: span.end,
        text: words.to_owned(),
        mend: None,
        owner: Some(txt.owner.clone()),
    }
}

fn spotted(txt: &Txt, oddity: Oddity) -> Spotted {
    match &txt.strings {
        Some(strings) => Spotted::of(oddity, |at| strings.place(at), Some(&txt.owner)),
        None => {
            let mut spotted = Spotted::of(oddity, |_| txt.entry.start, Some(&txt.owner));
            spotted.end = txt.entry.end;
            spotted
        }
    }
}

fn replaced(text: &[u8], mends: Vec<(std::ops::Range<usize>, String)>) -> Vec<u8> {
    let mut mended = Vec::new();
    let mut from = 0;
    for (span, new) in mends {
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

    const ZONE: &str = "$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns. h. 1 2 3 4 5\n\
        _mta-sts IN TXT \"v=STSv1; id=2026-01-01;\"\n_smtp._tls 300 IN TXT ( \"v=TLSRPTv1; \"\n  \"rua=mailto:a@example.net\" )\n";

    #[test]
    fn oddities_are_placed_in_the_file() {
        let linted = lint_zone(ZONE.as_bytes(), None);
        assert!(!linted.valid);
        let first = linted.oddities.first().expect("an oddity");
        assert_eq!(first.owner.as_deref(), Some("_mta-sts.example.com"));
        let at = ZONE.get(first.start..first.end).expect("inside");
        assert!("2026-01-01".contains(at), "{first:?}: {at}");
    }

    #[test]
    fn multiple_and_misplaced_records() {
        let zone = "$ORIGIN example.com.\n_mta-sts 1 IN TXT \"v=STSv1; id=1;\"\n_mta-sts 1 IN TXT \"v=STSv1; id=2;\"\n\
            @ 1 IN TXT \"v=STSv1; id=3;\"\n@ 1 IN TXT \"v=spf1 -all\"\n";
        let codes: Vec<String> =
            lint_zone(zone.as_bytes(), None).oddities.into_iter().map(|oddity| oddity.code).collect();
        assert!(
            codes.contains(&"record_multiple".to_owned()) && codes.contains(&"record_wrong_place".to_owned()),
            "{codes:?}"
        );
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
        let linted = lint_zone(b"$ORIGIN example.com.\n_mta-sts 300 IN TXT \"unclosed\nx", None);
        let error = linted.oddities.first().expect("an error");
        assert_eq!(error.code, "zone_syntax");
        assert!(!linted.valid);
    }
}
