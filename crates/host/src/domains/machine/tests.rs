use proptest::prelude::*;
use protocol::Domain;
use protocol::sts::PolicyText;

use super::super::owner::Owner;
use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("a time")
}

fn hosted(owner: &str, state: DomainState) -> HostedDomain {
    HostedDomain {
        domain: Domain::parse("example.com").expect("a domain"),
        owner: owner.parse::<Owner>().expect("an owner"),
        label: Label::kept("abc".to_owned()),
        token: Label::kept("def".to_owned()),
        state,
        since: at(0),
        added: at(0),
        verified: None,
        live: None,
        served_until: None,
        current: Some(1),
        announced: None,
        tlsrpt: None,
        wake: at(0),
        because: Vec::new(),
    }
}

fn version() -> PolicyVersion {
    let text = b"version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 86400\n";
    PolicyVersion {
        number: 1,
        id: "1".to_owned(),
        body: PolicyText::read(text).expect("a policy"),
        at: at(0),
        author: "a".to_owned(),
        reason: String::new(),
        back_to: None,
        announced: None,
    }
}

/// Everything is as it should be.
fn good() -> Seen {
    Seen {
        label: Sighting::Yes,
        token: Sighting::No,
        pointing: Pointing::Here,
        fetch: FetchSeen::Ours,
        record: RecordSeen::Id("1".to_owned()),
        left_out: Vec::new(),
    }
}

fn nothing() -> Seen {
    Seen {
        label: Sighting::No,
        token: Sighting::No,
        pointing: Pointing::Absent,
        fetch: FetchSeen::Unknown,
        record: RecordSeen::Absent { delegated: false },
        left_out: Vec::new(),
    }
}

fn other_fetch() -> FetchSeen {
    FetchSeen::Other("192.0.2.1: there is no connection".to_owned())
}

#[test]
fn the_way_of_a_domain() {
    use DomainState::{CertificatePending, Degraded, DnsPending, Draft, Live, OwnershipPending};
    let announced = RecordSeen::Absent { delegated: true };
    for (case, owner, was_live, seen, expected) in [
        ("nothing is there", "a", false, nothing(), OwnershipPending),
        ("nothing is there, of the operator", "operator", false, nothing(), DnsPending),
        ("a token", "a", false, Seen { token: Sighting::Yes, label: Sighting::No, ..nothing() }, DnsPending),
        (
            "an alias, no certificate",
            "a",
            false,
            Seen { fetch: other_fetch(), record: announced.clone(), ..good() },
            CertificatePending,
        ),
        (
            "served, and our DNS does not answer yet",
            "a",
            false,
            Seen { record: announced, ..good() },
            DnsPending,
        ),
        ("all is there", "a", false, good(), Live),
        ("all is there", "a", true, good(), Live),
        ("the certificate is bad", "a", true, Seen { fetch: other_fetch(), ..good() }, Degraded),
        ("an old id", "a", true, Seen { record: RecordSeen::Id("0".to_owned()), ..good() }, Degraded),
        ("an old id", "a", false, Seen { record: RecordSeen::Id("0".to_owned()), ..good() }, DnsPending),
        ("a host is left out", "a", true, Seen { left_out: vec!["mx2".to_owned()], ..good() }, Degraded),
        (
            "addresses that nobody told us of, with our policy",
            "operator",
            false,
            Seen { pointing: Pointing::Somewhere, label: Sighting::No, ..good() },
            Live,
        ),
        (
            "addresses that nobody told us of, without it",
            "operator",
            false,
            Seen { pointing: Pointing::Somewhere, fetch: other_fetch(), ..nothing() },
            DnsPending,
        ),
    ] {
        let mut hosted = hosted(owner, OwnershipPending);
        hosted.live = was_live.then(|| at(0));
        let step = step(&hosted, Some(&version()), &seen, at(1));
        assert_eq!(step.state, expected, "{case}: {step:?}");
        assert_eq!(step.state == Live, step.because.is_empty(), "{case}: {step:?}");
        assert!(at(1) < step.wake && step.wake <= at(1 + 3600), "{case}: {step:?}");
    }
    let draft = HostedDomain { current: None, ..hosted("operator", Draft) };
    let step = step(&draft, None, &nothing(), at(1));
    assert_eq!((step.state, step.because), (Draft, vec![Because::NoPolicy]));
}

#[test]
fn a_proof_that_is_gone_is_waited_for() {
    let day = 86_400;
    let mut hosted = hosted("a", DomainState::Live);
    hosted.verified = Some(at(0));
    hosted.live = Some(at(0));
    let gone = Seen { label: Sighting::No, ..good() };
    let first = step(&hosted, Some(&version()), &gone, at(day));
    assert_eq!((first.state, first.verified), (DomainState::Degraded, Some(at(0))));
    assert_eq!(first.because, [Because::ProofGone { ends: at(7 * day) }]);
    let last = step(&hosted, Some(&version()), &gone, at(7 * day));
    assert_eq!(last.state, DomainState::OwnershipPending);
    assert_eq!(last.tasks, []);
    let unknown = Seen { label: Sighting::Unknown, token: Sighting::Unknown, ..good() };
    assert_eq!(step(&hosted, Some(&version()), &unknown, at(30 * day)).state, DomainState::Live);
    assert_eq!(step(&hosted, Some(&version()), &good(), at(day)).verified, Some(at(day)));
}

#[test]
fn who_leaves_is_served_until_nobody_holds_an_older_policy() {
    let mut hosted = hosted("a", DomainState::Retired);
    hosted.served_until = Some(at(1_000));
    let early = step(&hosted, Some(&version()), &good(), at(0));
    assert_eq!(early.tasks, [Task::Certificate, Task::Announce { version: 1 }]);
    hosted.announced = Some(1);
    let announced = step(&hosted, Some(&version()), &good(), at(10));
    assert_eq!(announced.wake, at(1_000), "not later than the end");
    let over = step(&hosted, Some(&version()), &good(), at(1_000));
    assert_eq!((over.tasks, over.wake), (Vec::new(), Timestamp::MAX));
}

fn sighting() -> impl Strategy<Value = Sighting> {
    prop_oneof![Just(Sighting::Yes), Just(Sighting::No), Just(Sighting::Unknown)]
}

prop_compose! {
    fn any_seen()(
        label in sighting(),
        token in sighting(),
        pointing in prop_oneof![
            Just(Pointing::Here), Just(Pointing::Absent), Just(Pointing::Somewhere),
            Just(Pointing::Elsewhere("x".to_owned())), Just(Pointing::Unknown(String::new())),
        ],
        fetch in prop_oneof![Just(FetchSeen::Ours), Just(FetchSeen::Unknown), Just(other_fetch())],
        record in prop_oneof![
            "[0-3]".prop_map(RecordSeen::Id),
            any::<bool>().prop_map(|delegated| RecordSeen::Absent { delegated }),
            Just(RecordSeen::Invalid(String::new())), Just(RecordSeen::Unknown(String::new())),
        ],
        left_out in proptest::collection::vec("[a-z]{3}", 0..2),
    ) -> Seen {
        Seen { label, token, pointing, fetch, record, left_out }
    }
}

prop_compose! {
    fn any_hosted()(
        operator: bool,
        state in proptest::sample::select(&DomainState::ALL[..]),
        verified in proptest::option::of(0..1_000_000_i64),
        live: bool,
        announced in proptest::option::of(1..3_u32),
        until in 0..2_000_000_i64,
    ) -> HostedDomain {
        HostedDomain {
            verified: verified.map(at),
            live: live.then(|| at(0)),
            announced,
            served_until: (state == DomainState::Retired).then(|| at(until)),
            ..hosted(if operator { "operator" } else { "a" }, state)
        }
    }
}

proptest! {
    #[test]
    fn order_holds_whatever_is_seen(hosted in any_hosted(), seen in any_seen(), now in 0..2_000_000_i64) {
        let current = version();
        let step = step(&hosted, Some(&current), &seen, at(now));
        let retired = hosted.state == DomainState::Retired;
        prop_assert!(step.wake > at(now));
        prop_assert_eq!(step.state == DomainState::Retired, retired, "nothing comes back by itself, nothing ends by itself");
        // No certificate is asked for but for a name that points here (C30), and whose owner was seen.
        if step.tasks.contains(&Task::Certificate) {
            prop_assert_eq!(&seen.pointing, &Pointing::Here);
            prop_assert!(retired || hosted.owner.is_operator() || step.verified.is_some());
        }
        // No id before its policy is fetched by senders.
        if step.tasks.contains(&Task::Announce { version: 1 }) {
            prop_assert_eq!(&seen.fetch, &FetchSeen::Ours);
        }
        // What is not served has nothing to be done.
        prop_assert!(step.state.is_served() || step.tasks.is_empty());
        // Who never showed to be the owner is not served.
        if !retired && !hosted.owner.is_operator() && step.verified.is_none() {
            prop_assert_eq!(step.state, DomainState::OwnershipPending);
        }
        // Live means that nothing is known to be wrong.
        if step.state == DomainState::Live {
            prop_assert!(step.because.is_empty());
            prop_assert!(!matches!(seen.pointing, Pointing::Absent | Pointing::Elsewhere(_)));
            prop_assert!(!matches!(seen.fetch, FetchSeen::Other(_)));
        }
        // What is not known makes nothing worse.
        let blind = Seen {
            label: Sighting::Unknown, token: Sighting::Unknown, pointing: Pointing::Unknown(String::new()),
            fetch: FetchSeen::Unknown, record: RecordSeen::Unknown(String::new()), left_out: Vec::new(),
        };
        if hosted.state == DomainState::Live && (hosted.owner.is_operator() || hosted.verified.is_some()) {
            prop_assert_eq!(super::step(&hosted, Some(&current), &blind, at(now)).state, DomainState::Live);
        }
    }

    #[test]
    fn the_same_step_again_changes_nothing(hosted in any_hosted(), seen in any_seen(), now in 0..2_000_000_i64) {
        let current = version();
        let first = step(&hosted, Some(&current), &seen, at(now));
        let next = HostedDomain { state: first.state, verified: first.verified, ..hosted };
        let again = step(&next, Some(&current), &seen, at(now));
        prop_assert_eq!((first.state, first.tasks), (again.state, again.tasks));
    }
}
