//! Whatever the evidence: no panic, the same answer twice, sorted, whole.

use judge::{Catalogue, Reports, SeverityProfile, assess, ready};
use proptest::prelude::*;
use protocol::observed::*;

use crate::cases;
use crate::healthy::*;

/// Texts that are near something.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "(v=STSv1|v=TLSRPTv1|version: STSv1|mode: (enforce|testing|none|x)|mx: [a-z*.]{0,20}|max_age: [0-9]{1,11}|;|=|\n|\r\n| |\"|id=[a-z0-9-]{0,34}|rua=mailto:[a-z@.]{0,20}){0,12}",
    ]
}

fn fetch_outcome() -> impl Strategy<Value = FetchOutcome> {
    let response =
        (any::<u16>(), text(), text(), any::<bool>()).prop_map(|(status, header, body, too_large)| {
            let headers = ["content-type", "content-encoding", "age", "location"];
            FetchOutcome::Response(HttpResponse {
                status: if status % 2 == 0 { 200 } else { status },
                headers: headers.map(|name| (name.to_owned(), Octets::from(header.as_str()))).into(),
                body: Octets::from(body.as_str()),
                too_large,
            })
        });
    prop_oneof![
        response,
        Just(FetchOutcome::Connect(ConnectFailure::Timeout)),
        Just(FetchOutcome::Http(HttpFailure::Timeout { received: 3 })),
        text().prop_map(|text| FetchOutcome::Http(HttpFailure::Malformed(text))),
        text().prop_map(|text| FetchOutcome::Tls(TlsFailure { kind: TlsFailureKind::Other, text })),
        Just(FetchOutcome::NotTested(NotTested::new(NotTestedReason::Deadline, "the time was up"))),
    ]
}

fn session_outcome() -> impl Strategy<Value = SessionOutcome> {
    use Stage::{Banner, Ehlo, EhloInTls, Handshake, Starttls};
    let stage = || prop::sample::select(vec![Banner, Ehlo, Starttls, Handshake, EhloInTls]);
    prop_oneof![
        Just(SessionOutcome::Tls),
        Just(SessionOutcome::NoStarttls),
        Just(SessionOutcome::StarttlsRefused),
        stage().prop_map(SessionOutcome::Refused),
        stage().prop_map(SessionOutcome::Timeout),
        stage().prop_map(SessionOutcome::Closed),
        (stage(), text()).prop_map(|(stage, text)| SessionOutcome::Protocol { stage, text }),
    ]
}

#[derive(Debug, Clone)]
struct Mutation {
    case: usize,
    other: usize,
    record: Option<String>,
    policy: Option<String>,
    tlsrpt: Option<String>,
    mx: Option<String>,
    fetch: Option<FetchOutcome>,
    session: Option<SessionOutcome>,
    days: i64,
    swap: bool,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let cases = cases::all().count();
    let texts = (
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of(text()),
    );
    let wire = (prop::option::of(fetch_outcome()), prop::option::of(session_outcome()));
    (0..cases, 0..cases, texts, wire, -4000_i64..4000, any::<bool>()).prop_map(
        |(case, other, (record, policy, tlsrpt, mx), (fetch, session), days, swap)| Mutation {
            case,
            other,
            record,
            policy,
            tlsrpt,
            mx,
            fetch,
            session,
            days,
            swap,
        },
    )
}

fn apply(mutation: &Mutation) -> Setup {
    let mut setup = healthy();
    let mut chosen: Vec<_> =
        cases::all().enumerate().filter(|(i, _)| [mutation.case, mutation.other].contains(i)).collect();
    if mutation.swap {
        chosen.reverse();
    }
    for (_, case) in chosen {
        // A case may rely on what another has taken away; then it does not apply.
        let mut next = setup.clone();
        let change = case.change;
        let done = std::panic::catch_unwind(move || {
            change(&mut next);
            next
        });
        if let Ok(next) = done {
            setup = next;
        }
    }
    if let Some(text) = &mutation.record {
        setup.record(&[text]);
    }
    if let Some(text) = &mutation.policy {
        setup.policy(text);
    }
    if let Some(text) = &mutation.tlsrpt {
        setup.tlsrpt(text);
    }
    if let Some(name) = &mutation.mx {
        setup.evidence.mx = records("example.com", "MX", vec![mx(5, name), mx(10, "mx1.example.com")]);
    }
    if let (Some(outcome), Some(fetch)) = (&mutation.fetch, setup.evidence.policy_host.fetches.first_mut()) {
        fetch.outcome = outcome.clone();
    }
    if let (Some(outcome), Some(host)) = (&mutation.session, setup.evidence.hosts.first_mut())
        && let Some(session) = host.sessions.first_mut()
    {
        session.outcome = outcome.clone();
    }
    setup.now += jiff::SignedDuration::from_hours(mutation.days * 24);
    setup
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_evidence_gets_an_answer(mutation in mutation()) {
        let setup = apply(&mutation);
        let judged = || assess(&setup.evidence, &setup.history, setup.now, &SeverityProfile::Default);
        let assessment = judged();
        prop_assert_eq!(&assessment, &judged());
        prop_assert_eq!(assessment.layers.len(), 6);
        let mut sorted = assessment.findings.clone();
        sorted.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        prop_assert_eq!(&sorted, &assessment.findings);
        for finding in &assessment.findings {
            prop_assert!(Catalogue::find(finding.code).is_some());
            prop_assert!(!finding.fact.is_empty() && !finding.meaning.is_empty());
            prop_assert!(!finding.remedy.text.is_empty() && !finding.subject.is_empty(), "{:?}", finding);
        }
        let umbrella = |code: &str| assessment.findings.iter().filter(|finding| finding.code == code).count();
        prop_assert!(umbrella("mta_sts_unreachable") <= 1);
        prop_assert!(umbrella("mta_sts_mx_mismatch") <= 1);
        let readiness = ready(&setup.evidence, &setup.history, &assessment, Reports::NotGiven, setup.now);
        prop_assert!(!readiness.ready);
        serde_json::to_string(&assessment).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }

    /// Recorded evidence is judged like the live look.
    #[test]
    fn replay_is_the_same(mutation in mutation()) {
        let setup = apply(&mutation);
        let json = setup.evidence.to_json().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let again = Evidence::from_json(json.as_bytes()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let judged = |evidence| assess(evidence, &setup.history, setup.now, &SeverityProfile::Default);
        prop_assert_eq!(judged(&setup.evidence), judged(&again));
    }
}
