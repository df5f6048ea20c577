//! Sentences that name who can deliver, and what was not seen at all.

use judge::{Assessment, LayerStatus, Verdict};
use protocol::observed::*;

use crate::healthy::*;
use crate::one_change::judged;

fn after(change: impl Fn(&mut Setup)) -> Assessment {
    let mut setup = healthy();
    change(&mut setup);
    judged(&setup)
}

fn every_session(setup: &mut Setup, outcome: &SessionOutcome) {
    for session in setup.evidence.hosts.iter_mut().flat_map(|host| &mut host.sessions) {
        session.outcome = outcome.clone();
        session.tls = None;
    }
}

#[test]
fn a_silent_port_25_everywhere_is_ours() {
    let seen = after(|s| every_session(s, &SessionOutcome::Connect(ConnectFailure::Timeout)));
    assert!(seen.findings.is_empty(), "{:#?}", seen.findings);
    assert!(seen.protection.iter().all(|row| row.deliverable.is_none()), "{:#?}", seen.protection);
    assert_eq!(seen.layers[4].status, LayerStatus::NotTested);
    assert!(
        seen.layers[4].summary.starts_with("not tested, because no MX host answered"),
        "{:?}",
        seen.layers[4]
    );
}

#[test]
fn a_policy_that_was_not_tested_is_not_missing() {
    let why = NotTested::new(NotTestedReason::NoRoute, "no route");
    let seen = after(|s| s.fetched(&FetchOutcome::NotTested(why.clone())));
    assert!(
        seen.protection[0].because.starts_with("The policy was not tested"),
        "{}",
        seen.protection[0].because
    );
    let seen = after(|s| s.fetched(&FetchOutcome::Connect(ConnectFailure::Refused)));
    assert!(
        seen.protection[0].because.starts_with("Senders find no policy"),
        "{}",
        seen.protection[0].because
    );
}

#[test]
fn failing_lookups_have_their_own_sentences() {
    let seen = after(|s| s.evidence.mx.outcome = Outcome::Failed(DnsFailure::ServFail));
    assert!(seen.summary.contains("its MX lookup fails"), "{}", seen.summary);
    assert!(seen.layers[3].summary.starts_with("the MX lookup fails"), "{}", seen.layers[3].summary);
    let bogus = |s: &mut Setup| {
        s.evidence.record.outcome = Outcome::Failed(DnsFailure::Bogus);
        s.evidence.mx.outcome = Outcome::Failed(DnsFailure::Bogus);
        s.fetched(&FetchOutcome::Connect(ConnectFailure::Refused));
    };
    let seen = after(bogus);
    assert_eq!(seen.verdict, Verdict::Broken);
    assert!(
        seen.summary.contains("DNSSEC validation fails") && seen.summary.contains("mail waits"),
        "{}",
        seen.summary
    );
}

#[test]
fn who_cannot_deliver() {
    type Change = fn(&mut Setup);
    let table: [(&str, &str, Change); 3] = [
        ("senders that use DANE have nowhere", "TLSA records match no certificate", |s| {
            for host in &mut s.evidence.hosts {
                host.tlsa.answer.outcome = Outcome::Records(vec![tlsa(3, b"other"), tlsa(3, b"next")]);
            }
        }),
        ("senders that know MTA-STS only have nowhere", "only DANE vouches", |s| {
            for session in s.evidence.hosts.iter_mut().flat_map(|host| &mut host.sessions) {
                session.tls.iter_mut().for_each(|tls| tls.path.result = PathResult::SelfSigned);
            }
        }),
        ("senders that honour it have nowhere", "does not offer STARTTLS", |s| {
            s.no_dane();
            every_session(s, &SessionOutcome::NoStarttls);
        }),
    ];
    for (who, why, change) in table {
        let seen = after(change);
        assert_eq!(seen.verdict, Verdict::EnforcingButBroken, "{who}");
        assert!(seen.summary.contains(who), "{who}: {}", seen.summary);
        assert_eq!(seen.layers[4].status, LayerStatus::Fail, "{who}");
        assert!(seen.layers[4].summary.contains(why), "{who}: {}", seen.layers[4].summary);
    }
}

#[test]
fn without_validation_nothing_is_said_of_dane() {
    let seen = after(|s| {
        let off = Security { status: SecurityStatus::Unchecked, reason: None };
        s.evidence.record.security = off.clone();
        s.evidence.mx.security = off.clone();
        s.evidence.tlsrpt.security = off.clone();
        for host in &mut s.evidence.hosts {
            host.a.security = off.clone();
            host.aaaa.security = off.clone();
            host.tlsa.answer.security = off.clone();
        }
    });
    assert!(
        seen.protection[0].because.contains("validation was switched off"),
        "{}",
        seen.protection[0].because
    );
    assert!(seen.not_tested.iter().any(|item| item.subject == "DNSSEC and DANE"), "{:?}", seen.not_tested);
    assert!(!seen.findings.iter().any(|finding| finding.code.starts_with("dane")), "{:#?}", seen.findings);
}

/// What is pasted for DANE is the digest of the key that was shown.
#[test]
fn dane_records_hold_the_real_digest() {
    let paste = |code: &str, change: fn(&mut Setup)| {
        let found = after(change).findings.into_iter().find(|finding| finding.code == code);
        found.and_then(|finding| finding.remedy.paste).unwrap_or_default()
    };
    let own = tlsa(3, &certificate("mx1.example.com").spki).to_string();
    assert!(paste("dane_missing", Setup::no_dane).ends_with(&own));
    let one = |s: &mut Setup| {
        let own = tlsa(3, &certificate("mx1.example.com").spki);
        s.evidence.hosts[0].tlsa.answer.outcome = Outcome::Records(vec![own]);
    };
    assert!(paste("dane_no_rollover", one).ends_with(&tlsa(2, &intermediate().spki).to_string()));
    let unseen = |s: &mut Setup| {
        s.no_dane();
        s.session_fails(&SessionOutcome::NoStarttls);
    };
    assert!(paste("dane_missing", unseen).contains("<sha256"));
}
