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
