//! `mx`: certificates judged as a sender would, and our own network's trouble said.

use crate::binary::{run, run_in};
use crate::house::House;

#[test]
fn certificates_that_senders_do_not_accept_are_not_called_trusted() {
    for (domain, words) in [
        ("mx-cert-expired", "expired on "),
        ("mx-cert-not-yet-valid", "valid only from "),
        ("mx-cert-self-signed", "self-signed"),
        ("mx-cert-name-mismatch", "for another name"),
        ("mx-cert-untrusted", "unknown issuer"),
        ("mx-cert-incomplete-chain", "incomplete"),
    ] {
        for format in ["human", "json", "markdown"] {
            let table = run(&["mx", "--lab", domain, "--format", format]);
            assert_eq!(table.code, 0, "{table:?}");
            let text = table.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(words) && !text.contains("trusted,"), "{domain} {format}: {table:?}");
            assert!(!text.contains("\"certificate\":\"trusted\""), "{domain} {format}: {table:?}");
        }
    }
}

#[test]
fn a_port_25_that_answers_nowhere_may_be_our_own_networks() {
    let house = House::of(&["healthy"]);
    // 127.0.0.1:1 refuses: tcpmux is on no machine.
    let words = ["mx", "healthy.test", "--connect-to", "*:25=127.0.0.1:1"];
    let table = run_in(house.path(), &words);
    assert_eq!(table.code, 3, "{table:?}");
    assert!(table.out.contains("Not tested:") && table.out.contains("our own network"), "{table:?}");
    let json = run_in(house.path(), &[&words[..], &["--format", "json"]].concat()).json();
    assert!(json["not_tested"].as_array().is_some_and(|all| !all.is_empty()), "{json}");
}
