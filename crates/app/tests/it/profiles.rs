//! A profile selects exactly its probes: what the lab was asked is compared, not what the checker says.

use lab::VisitKind;

use crate::binary::run_in;
use crate::house::House;

/// What the lab was asked in a check with these words.
struct Asked {
    dns: Vec<String>,
    smtp: usize,
    http: usize,
}

fn asked(words: &[&str]) -> Asked {
    let house = House::of(&["healthy"]);
    let run = run_in(house.path(), &[&["check", "healthy.test"], words].concat());
    assert_eq!(run.code, 0, "{words:?}: {run:?}");
    let visits = house.lab.visits();
    let count = |kind| visits.iter().filter(|visit| visit.kind == kind).count();
    Asked {
        dns: visits
            .iter()
            .filter(|visit| visit.kind == VisitKind::Dns)
            .map(|visit| visit.what.to_lowercase())
            .collect(),
        smtp: count(VisitKind::Smtp),
        http: count(VisitKind::Http),
    }
}

impl Asked {
    fn about(&self, words: &[&str]) -> bool {
        self.dns.iter().any(|question| words.iter().all(|word| question.contains(&word.to_lowercase())))
    }
}

#[test]
fn basic_asks_for_record_and_policy_only() {
    let asked = asked(&["--profile", "basic"]);
    assert!(asked.about(&["_mta-sts.healthy.test", "txt"]) && asked.http > 0);
    for other in [&["mx1.healthy.test"][..], &["_smtp._tls"], &["tlsa"]] {
        assert!(!asked.about(other), "{other:?}: {:?}", asked.dns);
    }
    assert_eq!(asked.smtp, 0);
}

#[test]
fn extended_adds_mx_and_tlsrpt() {
    let asked = asked(&["--profile", "extended"]);
    assert!(asked.about(&["_smtp._tls.healthy.test", "txt"]) && asked.about(&["healthy.test", "mx"]));
    assert!(!asked.about(&["tlsa"]), "{:?}", asked.dns);
    assert_eq!(asked.smtp, 0);
}

#[test]
fn full_adds_sessions_and_dane() {
    let asked = asked(&[]);
    assert!(asked.about(&["_25._tcp.mx1.healthy.test", "tlsa"]));
    assert!(asked.smtp > 0);
}

#[test]
fn one_family_leaves_the_other_alone() {
    let house = House::of(&["healthy"]);
    let run = run_in(house.path(), &["check", "healthy.test", "-4"]);
    assert_eq!(run.code, 0, "{run:?}");
    let six = house
        .lab
        .visits()
        .iter()
        .filter(|visit| visit.kind == VisitKind::Tcp && visit.peer.contains("2001:db8"))
        .count();
    assert_eq!(six, 0);
}
