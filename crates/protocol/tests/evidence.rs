//! Recorded evidence of every released version stays readable, and is written as it was read.

use protocol::observed::{
    EVIDENCE_VERSION, Evidence, EvidenceError, FetchOutcome, NotTestedReason, PathResult, SessionOutcome,
};

/// One look a line: a healthy domain, an expired MX certificate, a redirect, hostile text, broken DNSSEC, a report
/// target that does not answer, a mail server that puts everybody off.
const VERSION_1: &str = include_str!("golden/evidence-v1.jsonl");

fn read(line: &str) -> Evidence {
    Evidence::from_json(line.as_bytes()).expect("golden evidence is readable")
}

#[test]
fn version_1_is_read_and_written_byte_for_byte() {
    assert_eq!(VERSION_1.lines().count(), 7);
    for line in VERSION_1.lines() {
        let evidence = read(line);
        assert_eq!(evidence.evidence_version, 1);
        assert_eq!(evidence.to_json().expect("evidence is writable"), line);
    }
}

#[test]
fn version_1_means_what_it_meant() {
    let looks: Vec<Evidence> = VERSION_1.lines().map(read).collect();
    let named = |name: &str| looks.iter().find(|look| look.domain.as_str() == name).expect("a golden look");
    let healthy = named("healthy.test");
    assert!(healthy.record.is_secure() && healthy.mx.is_secure());
    assert_eq!(healthy.policy_host.fetches.len(), 2);
    let session = &healthy.hosts[0].sessions[0];
    assert_eq!(session.outcome, SessionOutcome::Tls);
    let tls = session.tls.as_ref().expect("a TLS session");
    assert_eq!(tls.path.result, PathResult::Trusted);
    assert!(!tls.certificates[0].der.is_empty() && tls.signature_valid && tls.name_matches);

    let expired = &named("mx-cert-expired.test").hosts[0].sessions[0];
    let leaf = &expired.tls.as_ref().expect("a TLS session").certificates[0];
    assert!(leaf.not_after < named("mx-cert-expired.test").taken_at);

    let FetchOutcome::Response(response) =
        &named("policy-http-redirect-to-www.test").policy_host.fetches[0].outcome
    else {
        panic!("the redirect is a response");
    };
    assert!((300..400).contains(&response.status) && response.header("location").is_some());

    let SessionOutcome::NotTested(why) = &named("mx-greeting-421.test").hosts[0].sessions[0].outcome else {
        panic!("who puts us off is not tested");
    };
    assert_eq!(why.reason, NotTestedReason::PutOff);
}

#[test]
fn what_is_newer_or_damaged_is_refused_with_a_reason() {
    let line = VERSION_1.lines().next().expect("a line");
    let newer = line.replacen("\"evidence_version\":1", "\"evidence_version\":99", 1);
    assert!(
        matches!(Evidence::from_json(newer.as_bytes()), Err(EvidenceError::Newer { found }) if found > EVIDENCE_VERSION)
    );
    for damaged in [&line[..line.len() / 2], "", "[]", "{\"evidence_version\":1}"] {
        let error = Evidence::from_json(damaged.as_bytes()).expect_err("damaged evidence is refused");
        assert!(error.to_string().contains("not readable as recorded evidence"), "{error}");
    }
}
