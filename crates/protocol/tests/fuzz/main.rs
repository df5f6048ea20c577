//! One target per reader. `cargo test` runs the corpus and `FUZZ_SECONDS` (default: one) of random inputs for each; coverage
//! guided fuzzers run the same targets for as long as one likes.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::time::Duration;

use protocol::dane::{self, Tlsa};
use protocol::identity::dns_id_matches;
use protocol::observed::{EVIDENCE_VERSION, Evidence};
use protocol::sts::{self, PolicyText};
use protocol::zone::{TxtEntry, read_zone};
use protocol::{Domain, MxPattern, Oddity, Weight, tlsrpt};

mod seeds;

fn fuzz(target: &str, property: fn(&[u8])) {
    fuzz_from(&seeds::of(target), property);
}

fn fuzz_from(seeds: &[Vec<u8>], property: fn(&[u8])) {
    seeds.iter().for_each(|seed| property(seed));
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    bolero::check!()
        .with_test_time(Duration::from_secs_f64(seconds))
        .with_iterations(usize::MAX)
        .with_max_len(512)
        .for_each(|octets: &[u8]| property(&seeds::input(seeds, octets)));
}

/// What every inspection keeps to.
fn check_oddities(text: &[u8], accepted: bool, oddities: &[Oddity]) {
    assert!(oddities.len() <= 201);
    for oddity in oddities {
        assert!(oddity.start <= oddity.end && oddity.end <= text.len(), "{oddity:?}");
        assert!(!oddity.text.contains(|c: char| c.is_control()), "{oddity:?}");
        assert!(oddity.text.len() < 2000 && oddity.text.ends_with(['.', '?']), "{oddity:?}");
        assert!(oddity.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
        if let Ok(text) = std::str::from_utf8(text) {
            let sits_well = text.is_char_boundary(oddity.start) && text.is_char_boundary(oddity.end);
            assert!(sits_well, "{oddity:?} cuts a character");
        }
    }
    assert!(oddities.is_sorted_by_key(|oddity| oddity.start));
    let refuses = |weight| oddities.iter().any(|oddity| oddity.weight == weight);
    if accepted {
        assert!(!refuses(Weight::Breaks), "accepted, yet broken: {oddities:?}");
    } else {
        assert!(
            refuses(Weight::Breaks) || refuses(Weight::Disputed),
            "refused without a reason: {oddities:?}"
        );
    }
}

fn check_excerpt(excerpt: &str) {
    assert!(excerpt.len() < 1000 && !excerpt.contains(|c: char| c.is_control()), "{excerpt:?}");
}

#[test]
fn sts_record() {
    fuzz("sts_record", |text| {
        let strict = sts::read_records(&[text]);
        let (record, oddities) = sts::inspect_record(text);
        assert_eq!(strict.as_ref().ok(), record.as_ref());
        check_oddities(text, record.is_some(), &oddities);
        if let Some(record) = record {
            assert_eq!(sts::read_records(&[record.to_string()]), Ok(record));
        }
        if let Err(sts::RecordError::Syntax(error)) = strict {
            assert!(error.offset <= text.len());
            check_excerpt(&error.excerpt);
        }
        if let Some(mended) = sts::mend_record(text) {
            assert!(sts::read_records(&[&mended]).is_ok(), "{mended:?}");
            assert_eq!(sts::mend_record(mended.as_bytes()), Some(mended));
        }
        // Beside other records the same text is read in the same way, or not at all.
        let beside = sts::read_records(&[text, b"v=spf1 -all"]);
        assert_eq!(
            beside.is_ok(),
            text.starts_with(sts::RECORD_PREFIX) && sts::read_records(&[text]).is_ok()
        );
    });
}

#[test]
fn tlsrpt_record() {
    fuzz("tlsrpt_record", |text| {
        let strict = tlsrpt::read_records(&[text]);
        let (record, oddities) = tlsrpt::inspect_record(text);
        assert_eq!(strict.as_ref().ok(), record.as_ref());
        check_oddities(text, record.is_some(), &oddities);
        if let Some(record) = record {
            assert!(record.rua.iter().any(tlsrpt::Rua::is_usable));
            assert_eq!(tlsrpt::read_records(&[record.to_string()]), Ok(record));
        }
        if let Err(tlsrpt::RecordError::Syntax(error)) = strict {
            assert!(error.offset <= text.len());
            check_excerpt(&error.excerpt);
        }
        if let Some(mended) = tlsrpt::mend_record(text) {
            assert!(tlsrpt::read_records(&[&mended]).is_ok(), "{mended:?}");
        }
    });
}

#[test]
fn policy() {
    fuzz("policy", |text| {
        let strict = PolicyText::read(text);
        let (policy, oddities) = sts::inspect_policy(text);
        assert_eq!(strict.as_ref().ok().map(PolicyText::policy), policy.as_ref());
        check_oddities(text, policy.is_some(), &oddities);
        match strict {
            Ok(read) => {
                assert_eq!(read.bytes(), text);
                let printed = read.policy().to_string();
                assert_eq!(PolicyText::read(printed.as_bytes()).expect("printed").policy(), read.policy());
                // What the strict reader accepts, the daemon reads in the same way.
                assert_eq!(PolicyText::read_tolerantly(text).as_ref(), Ok(&read));
                assert!(read.policy().max_age <= sts::MAX_AGE_LIMIT);
            }
            Err(error) => {
                assert!(error.offset <= text.len() && error.line >= 1 && error.column >= 1);
                let lines = text.split(|b| *b == b'\n').count();
                assert!(error.line <= lines);
                check_excerpt(&error.excerpt);
            }
        }
        if let Some(mended) = sts::mend_policy(text) {
            assert!(PolicyText::read(mended.as_bytes()).is_ok(), "{mended:?}");
        }
    });
}

fn halves(octets: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(octets).into_owned();
    text.split_once('\n').map_or_else(|| (text.clone(), text.clone()), |(a, b)| (a.to_owned(), b.to_owned()))
}

#[test]
fn mx_pattern() {
    fuzz("mx_pattern", |octets| {
        let (pattern, host) = halves(octets);
        match MxPattern::parse(&pattern) {
            Ok(parsed) => {
                assert_eq!(parsed.as_str(), pattern);
                assert_eq!(MxPattern::parse(&pattern.to_ascii_uppercase()).as_ref(), Ok(&parsed));
                if parsed.matches(&host) {
                    let host = host.strip_suffix('.').unwrap_or(&host);
                    let labels = |name: &str| name.split('.').count();
                    assert_eq!(labels(host), labels(parsed.as_str()));
                    assert!(host.to_ascii_lowercase().ends_with(&parsed.base().to_ascii_lowercase()));
                    assert!(host.is_ascii() && !parsed.never_matches());
                    assert!(parsed.matches(&host.to_ascii_uppercase()));
                }
                if !parsed.is_wildcard() {
                    assert_eq!(parsed.matches(&pattern), !parsed.never_matches());
                }
            }
            Err(error) => {
                assert!(error.offset <= pattern.len());
                check_excerpt(&error.to_string());
                assert!(error.mend.iter().all(|mend| MxPattern::parse(mend).is_ok()), "{error:?}");
            }
        }
    });
}

#[test]
fn domain() {
    fuzz("domain", |octets| {
        let text = String::from_utf8_lossy(octets);
        match Domain::parse(&text) {
            Ok(domain) => {
                assert_eq!(Domain::parse(domain.as_str()).as_ref(), Ok(&domain));
                assert_eq!(Domain::parse(&format!("{domain}.").to_ascii_uppercase()).as_ref(), Ok(&domain));
                assert!(domain.as_str().len() <= 253 && domain.as_str().is_ascii());
                assert_eq!(domain.label_count(), domain.as_str().split('.').count());
                assert!(domain.parent().is_none_or(|parent| domain.is_within(&parent)));
                // Every name is a pattern that matches itself.
                assert!(MxPattern::parse(domain.as_str()).expect("a pattern").matches(domain.as_str()));
                domain.to_unicode();
            }
            Err(error) => {
                assert!(error.offset <= text.len());
                check_excerpt(&error.to_string());
                assert!(error.mend.is_none_or(|mend| Domain::parse(&mend).is_ok()));
            }
        }
    });
}

#[test]
fn tlsa() {
    fuzz("tlsa", |octets| {
        let Ok(record) = Tlsa::from_rdata(octets) else {
            assert!(octets.len() < 3);
            return;
        };
        let json = serde_json::to_string(&record).expect("JSON");
        assert_eq!(serde_json::from_str::<Tlsa>(&json).expect("read back"), record);
        let usable = record.usable().is_ok();
        assert_eq!(usable, !dane::strongest(std::slice::from_ref(&record)).is_empty());
        if usable {
            assert!(record.is_end_entity() != record.is_trust_anchor());
        }
        let matched = record.matches(&octets[3..], &octets[3..]);
        assert_eq!(matched && record.matching == 0, record.matching == 0 && record.selector < 2);
        let _ = serde_json::from_slice::<Tlsa>(octets);
    });
}

#[test]
fn media_type() {
    fuzz("media_type", |octets| match sts::media_type(Some(octets)) {
        sts::MediaType::TextPlain { charset } => {
            let lower = String::from_utf8_lossy(octets).to_ascii_lowercase();
            assert!(lower.trim_start_matches([' ', '\t']).starts_with("text/plain"));
            check_excerpt(&charset.unwrap_or_default());
        }
        sts::MediaType::Other(text) => check_excerpt(&text),
        sts::MediaType::Missing => panic!("there was a header"),
    });
}

#[test]
fn zone() {
    fuzz("zone", |text| {
        let zone = read_zone(text, "Example.com.");
        for fault in &zone.faults {
            assert!(fault.span.start <= fault.span.end && fault.span.end <= text.len(), "{fault:?}");
            assert!(fault.text.ends_with('.') && fault.text.len() < 200);
        }
        for (n, txt) in zone.texts.iter().enumerate() {
            assert!(txt.owner.len() <= 255 && txt.span.end <= text.len());
            for at in 0..txt.octets.len() {
                let place = txt.place(at..at + 1);
                assert!(txt.span.start <= place.start && place.end <= txt.span.end && !place.is_empty());
            }
            // Whatever a record is made to say is what is then read there.
            let mut new = txt.octets.clone();
            new.splice(new.len() / 2..new.len() / 2, *b"\"\\;( \xff");
            new.truncate(400);
            let mut whole = text.to_vec();
            for (span, written) in txt.rewritten(&new).into_iter().rev() {
                whole.splice(span, written.into_bytes());
            }
            let again = read_zone(&whole, "Example.com.");
            assert!(again.texts.len() <= zone.texts.len());
            let read = again.texts.get(n).map(|txt: &TxtEntry| txt.octets.as_slice());
            let looks = sts_or_tlsrpt_name(&txt.owner);
            assert!(read == Some(new.as_slice()) || !looks, "{:?}", String::from_utf8_lossy(&whole));
        }
    });
}

fn sts_or_tlsrpt_name(owner: &str) -> bool {
    protocol::zone::is_sts_name(owner) || protocol::zone::is_tlsrpt_name(owner)
}

#[test]
fn identity() {
    fuzz("identity", |octets| {
        let (presented, host) = halves(octets);
        if dns_id_matches(&presented, &host) {
            assert!(!host.contains('*'));
            assert!(dns_id_matches(&presented.to_ascii_uppercase(), &host.to_ascii_lowercase()));
            let host = host.strip_suffix('.').unwrap_or(&host);
            assert_eq!(presented.split('.').count(), host.split('.').count());
            assert!(!presented.get(1..).is_some_and(|rest| rest.contains('*')));
        }
    });
}

#[test]
fn evidence() {
    let looks = include_bytes!("../golden/evidence-v1.jsonl");
    let seeds: Vec<Vec<u8>> = looks.split(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect();
    fuzz_from(&seeds, |octets| match Evidence::from_json(octets) {
        Ok(evidence) => {
            assert!(evidence.evidence_version <= EVIDENCE_VERSION);
            let written = evidence.to_json().expect("what was read can be written");
            assert!(!written.contains('\n'));
            assert_eq!(Evidence::from_json(written.as_bytes()).expect("read back"), evidence);
        }
        Err(error) => {
            let text = error.to_string();
            assert!(text.starts_with("evidence version") || text.starts_with("not readable"), "{text}");
        }
    });
}
