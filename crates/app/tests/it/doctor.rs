//! `doctor`: what works here, what does not, and the exit status that goes with it.

use std::path::Path;

use crate::binary::run_in;
use crate::house::House;

/// The verdict of each line: `✓`, `✗` or `–`, and what it is about; and the exit status.
fn verdicts(dir: &Path, words: &[&str]) -> (Vec<String>, i32, String) {
    let run = run_in(dir, &[&["doctor"], words].concat());
    let about = |line: &str| line.split_once(':').map_or(line, |(before, _)| before).to_owned();
    let lines = run.out.lines().filter(|line| line.starts_with(['✓', '✗', '–'])).map(about).collect();
    (lines, run.code, run.out.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn with_a_domain_everything_is_tried() {
    let house = House::of(&["healthy"]);
    let (lines, code, text) = verdicts(house.path(), &["healthy.test"]);
    // IPv6 is as this machine has it: no fault either way.
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.ends_with("IPv6")).collect();
    assert_eq!(lines, ["✓ resolver", "✓ DNSSEC", "✓ IPv4", "✓ port 25"], "{text}");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("validated here for healthy.test, trust anchor"), "{text}");
    assert!(text.contains("ca.pem") && text.contains("name given in EHLO: checker.example"), "{text}");
}

#[test]
fn port_25_is_tried_with_the_hosts_of_others_only() {
    let house = House::of(&["healthy"]);
    for (words, port25, code) in [
        (&["healthy.test"][..], "✓ port 25: works", 0),
        // 127.0.0.1:1 is closed. A refusal is an answer: this network lets connections out.
        (&["healthy.test", "--connect-to", "*:25=127.0.0.1:1"], "✓ port 25: works", 0),
        // Nothing ever answers at an address of which we have no route.
        (
            &["healthy.test", "-4", "--connect-to", "*:25=127.0.0.1:1", "--source-ip", "192.0.2.99"],
            "– port 25: not tested, because",
            3,
        ),
    ] {
        let (_, status, text) = verdicts(house.path(), words);
        assert!(text.contains(port25), "{words:?}: {text}");
        assert_eq!(status, code, "{words:?}: {text}");
    }
}

#[test]
fn a_resolver_that_does_not_answer_leaves_nothing_tested() {
    let house = House::of(&["healthy"]);
    let (lines, code, text) =
        verdicts(house.path(), &["--resolver", "127.0.0.1:1", "--timeout", "5", "healthy.test"]);
    assert!(lines.contains(&"– resolver".to_owned()) && lines.contains(&"– DNSSEC".to_owned()), "{text}");
    assert!(text.contains("Name one that answers: --resolver"), "{text}");
    assert_eq!(code, 3, "{text}");
}

#[test]
fn another_trust_anchor_proves_nothing() {
    let house = House::of(&["healthy"]);
    std::fs::write(
        house.file("other-anchor"),
        ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n",
    )
    .expect("written");
    let (lines, code, text) = verdicts(house.path(), &["healthy.test", "--trust-anchor", "other-anchor"]);
    assert!(lines.contains(&"– DNSSEC".to_owned()), "{text}");
    assert!(text.contains("no chain of trust to healthy.test") && text.contains("--trust-anchor"), "{text}");
    assert_eq!(code, 3, "{text}");
}

#[test]
fn without_a_domain_port_25_is_left_alone() {
    let house = House::of(&["healthy"]);
    // The lab does not know example.com, and proves that: the resolver and DNSSEC work.
    let (lines, code, text) = verdicts(house.path(), &[]);
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.ends_with("IPv6")).collect();
    assert_eq!(lines, ["✓ resolver", "✓ DNSSEC", "✓ IPv4", "– port 25"], "{text}");
    assert!(text.contains("mta-sts doctor DOMAIN"), "{text}");
    assert_eq!(code, 0, "{text}");
    let mail = house.lab.visits().iter().filter(|visit| matches!(visit.kind, lab::VisitKind::Smtp)).count();
    assert_eq!(mail, 0, "no mail host is asked");
}
