//! Hostile octets never make a reader panic, and what it says about them holds.
//!
//! Each target runs for `FUZZ_SECONDS` (one second unless set), or for as long as one likes under `cargo bolero`.

use std::time::Duration;

use bolero::check;
use outside::wire::{server_hello_version, smtp_reply, txt_answer};

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
