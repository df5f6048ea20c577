//! Hostile octets never make a reader panic, and what it says about them holds.
//!
//! Each target runs for `FUZZ_SECONDS` (one second unless set), or for as long as one likes under `cargo bolero`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use bolero::check;
use outside::wire::{certificate, certificate_path, server_hello_version, smtp_reply, txt_answer};
use protocol::observed::PathResult;

fn seconds() -> Duration {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    Duration::from_secs(seconds)
}

#[test]
fn smtp_replies() {
    check!().with_test_time(seconds()).for_each(|octets: &[u8]| {
        match smtp_reply(octets) {
            Ok(Some((reply, taken))) => {
                assert!(taken <= octets.len() && (200..600).contains(&reply.code) && !reply.lines.is_empty());
                assert_eq!(octets.get(taken - 1), Some(&b'\n'));
                // A reply is the same whatever follows it, and is not there a moment earlier.
                assert_eq!(smtp_reply(&octets[..taken]), Ok(Some((reply, taken))));
                assert_eq!(smtp_reply(&octets[..taken - 1]), Ok(None));
            }
            Ok(None) => assert!(!octets.contains(&b'\n') || octets.contains(&b'-')),
            Err(text) => assert!(text.len() < 500 && text.chars().all(|c| c.is_ascii_graphic() || c == ' ')),
        }
    });
}

#[test]
fn server_hellos() {
    check!().with_test_time(seconds()).for_each(|octets: &[u8]| match server_hello_version(octets) {
        None => assert!(octets.len() < 11),
        Some(Some((major, minor))) => assert_eq!(octets.get(9..11), Some(&[major, minor][..])),
        Some(None) => assert!(!octets.is_empty()),
    });
}

#[test]
fn dns_answers() {
    check!().with_test_time(seconds()).for_each(|octets: &[u8]| {
        if let Some(outcome) = txt_answer(octets, "_mta-sts.example.com") {
            assert!(octets.len() >= 12, "{outcome:?}");
        }
    });
}

/// A certificate of our own making, altered as the fuzzer says: octets that are none at all rarely get past the first.
fn altered(whole: &[u8], changes: &[u8]) -> Vec<u8> {
    let mut der = whole.to_vec();
    for change in changes.chunks_exact(3).take(8) {
        let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % der.len();
        der[at] = change[2];
    }
    der
}

#[test]
fn certificates() {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["mx.example.com".to_owned()]).unwrap();
    let whole = params.self_signed(&key).unwrap().der().to_vec();
    assert_eq!(certificate(&whole).dns_names, ["mx.example.com"]);
    check!().with_test_time(seconds()).for_each(|octets: &[u8]| {
        let altered = altered(&whole, octets);
        for der in [octets, &altered] {
            let facts = certificate(der);
            assert_eq!(facts.der, der);
            // What could not be read says nothing, what could has a key.
            assert_eq!(facts.spki.is_empty(), facts.key.algorithm == "unreadable");
            let path = certificate_path(&[der]);
            assert_ne!(path.result, PathResult::Trusted);
            assert!(path.anchors.iter().all(|index| *index == 0));
        }
        // A damaged issuer does not spoil the reading of the leaf.
        assert_ne!(certificate_path(&[&whole, octets]).result, PathResult::Trusted);
    });
}
