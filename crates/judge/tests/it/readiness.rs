//! Truth table of the gates (R45): each blocker alone flips the answer.

use jiff::SignedDuration;
use judge::{
    GateStatus, Readiness, ReportTally, Reports, SeverityProfile, Thresholds, assess, ready, ready_by,
};
use protocol::observed::*;
use protocol::sts::Mode;

use crate::healthy::*;

fn tally() -> ReportTally {
    ReportTally {
        from: at("2026-06-01T00:00:00Z"),
        until: at(NOW),
        first_report: Some(at("2026-06-02T00:00:00Z")),
        reports: 30,
        senders: 4,
        sessions: 5000,
        failures: 0,
        clean_days: 30,
    }
}

/// A domain in testing where every gate passes.
fn tested() -> Setup {
    let mut setup = healthy();
    setup.tested(20);
    setup
}

fn readiness(setup: &Setup, tally: Option<&ReportTally>) -> Readiness {
    let assessment = assess(&setup.evidence, &setup.history, setup.now, &SeverityProfile::Default);
    ready(
        &setup.evidence,
        &setup.history,
        &assessment,
        tally.map_or(Reports::NotGiven, Reports::Counted),
        setup.now,
    )
}

fn failing(readiness: &Readiness) -> Vec<(&'static str, GateStatus)> {
    let gates = readiness.gates.iter().filter(|gate| gate.status != GateStatus::Pass);
    gates.map(|gate| (gate.name, gate.status)).collect()
}

#[test]
fn every_gate_passes() {
    let readiness = readiness(&tested(), Some(&tally()));
    assert!(readiness.ready, "{:#?}", failing(&readiness));
    let names: Vec<_> = readiness.gates.iter().map(|gate| gate.name).collect();
    assert_eq!(
        names,
        [
            "record",
            "policy_host",
            "policy",
            "mx_covered",
            "mx_tls",
            "certificates_last",
            "dane",
            "tlsrpt",
            "tested_long_enough",
            "reports_arrive",
            "reports_clean"
        ]
    );
    assert!(readiness.gates.iter().all(|gate| !gate.evidence.is_empty() && gate.remedy.is_none()));
}

#[test]
fn each_blocker_alone_flips_the_answer() {
    use GateStatus::{Fail, NotTested as Untested};
    type Change = fn(&mut Setup);
    let table: Vec<(&str, GateStatus, Change)> = vec![
        ("record", Fail, |s| s.record(&["v=STSv1 ; id=20260601T120000Z;"])),
        ("record", Fail, |s| {
            let Tested::Seen(servers) = &mut s.evidence.surroundings.servers else { return };
            servers[1].answer = Tested::Seen(Outcome::NxDomain);
        }),
        ("policy_host", Fail, |s| s.header("content-type", "text/html")),
        ("policy_host", Fail, |s| {
            let fetch = &mut s.evidence.policy_host.fetches[1];
            fetch.outcome = FetchOutcome::Connect(ConnectFailure::Refused);
            fetch.tls = None;
        }),
        ("policy_host", Untested, |s| {
            let fetch = &mut s.evidence.policy_host.fetches[1];
            fetch.outcome = FetchOutcome::NotTested(NotTested::new(NotTestedReason::NoRoute, "no IPv6 here"));
            fetch.tls = None;
        }),
        ("mx_covered", Fail, |s| {
            s.evidence.mx =
                records("example.com", "MX", vec![mx(10, "mx1.example.com"), mx(10, "mx3.example.com")]);
            s.evidence.hosts[1].name = "mx3.example.com".to_owned();
        }),
        ("mx_covered", Fail, |s| s.evidence.hosts[0].a.aliases = vec!["x.example.net".to_owned()]),
        ("mx_tls", Fail, |s| s.mail_tls(|tls| tls.name_matches = false)),
        ("mx_tls", Fail, |s| {
            s.evidence.hosts[0].sessions[0].outcome = SessionOutcome::Connect(ConnectFailure::Refused);
            s.evidence.hosts[0].sessions[0].tls = None;
        }),
        ("mx_tls", Untested, |s| {
            let session = &mut s.evidence.hosts[0].sessions[1];
            session.outcome =
                SessionOutcome::NotTested(NotTested::new(NotTestedReason::NoRoute, "no IPv6 here"));
            session.tls = None;
        }),
        ("mx_tls", Untested, |s| s.evidence.mx_hosts_left_out = 1),
        ("certificates_last", Fail, |s| {
            s.mail_tls(|tls| tls.certificates[0].not_after = at("2026-07-10T00:00:00Z"));
        }),
        ("certificates_last", Fail, |s| {
            s.policy_tls(|tls| tls.certificates[0].not_after = at("2026-07-10T00:00:00Z"));
        }),
        ("dane", Fail, |s| {
            if let Outcome::Records(records) = &mut s.evidence.hosts[0].tlsa.answer.outcome {
                *records = vec![tlsa(3, b"other"), tlsa(2, b"other")];
            }
        }),
        ("dane", Untested, |s| {
            let why = NotTested::new(NotTestedReason::Deadline, "the time was up");
            s.evidence.hosts[0].tlsa.answer.outcome = Outcome::NotTested(why);
        }),
        ("tlsrpt", Fail, |s| s.evidence.tlsrpt.outcome = Outcome::NxDomain),
        ("tlsrpt", Fail, |s| {
            if let Tested::Seen(TargetLook::Mail { mx: records, .. }) = &mut s.evidence.targets[0].look {
                records.outcome = Outcome::Records(vec![mx(0, "")]);
            }
        }),
        ("tlsrpt", Untested, |s| {
            s.evidence.targets[0].look = not(NotTestedReason::Deadline, "the time was up");
        }),
        ("tested_long_enough", Untested, |s| s.history.looks.clear()),
        ("tested_long_enough", Fail, |s| {
            s.history.looks[0].taken_at = s.now - SignedDuration::from_hours(24 * 13);
        }),
    ];
    for (index, (gate, status, change)) in table.into_iter().enumerate() {
        let mut setup = tested();
        change(&mut setup);
        let readiness = readiness(&setup, Some(&tally()));
        assert_eq!(failing(&readiness), [(gate, status)], "row {index}");
        assert!(!readiness.ready);
        let blocked = readiness.gates.iter().find(|known| known.name == gate).unwrap();
        assert!(blocked.remedy.is_some());
    }
}

#[test]
fn faults_of_several_gates() {
    let mut setup = tested();
    setup.no_record();
    let readiness = readiness(&setup, Some(&tally()));
    assert!(failing(&readiness).contains(&("record", GateStatus::Fail)));
    assert!(!readiness.ready);
    assert!(readiness.summary.contains("not ready"), "{}", readiness.summary);
}

#[test]
fn reports_at_each_bound() {
    type Change = fn(&mut ReportTally);
    let table: Vec<(&str, bool, Change)> = vec![
        ("enough", true, |t| {
            (t.reports, t.senders, t.sessions, t.clean_days) = (14, 2, 100, 14);
        }),
        ("few reports", false, |t| t.reports = 13),
        ("one sender", false, |t| t.senders = 1),
        ("few sessions", false, |t| t.sessions = 99),
        ("13 clean days", false, |t| t.clean_days = 13),
        ("no report in three days", false, |t| t.first_report = None),
    ];
    for (name, expected, change) in table {
        let mut tally = tally();
        change(&mut tally);
        assert_eq!(readiness(&tested(), Some(&tally)).ready, expected, "{name}");
    }
    let none = readiness(&tested(), None);
    assert_eq!(
        failing(&none),
        [("reports_arrive", GateStatus::NotTested), ("reports_clean", GateStatus::NotTested)]
    );
}

#[test]
fn thresholds_may_be_lowered() {
    let setup = tested();
    let assessment = assess(&setup.evidence, &setup.history, setup.now, &SeverityProfile::Default);
    let few = ReportTally { reports: 3, senders: 1, sessions: 5, ..tally() };
    let low = Thresholds { min_reports: 3, min_senders: 1, min_sessions: 5, ..Thresholds::default() };
    assert!(
        ready_by(&setup.evidence, &setup.history, &assessment, Reports::Counted(&few), setup.now, &low).ready
    );
    assert!(!ready(&setup.evidence, &setup.history, &assessment, Reports::Counted(&few), setup.now).ready);
}

/// An address that this machine cannot reach may be vouched for by a look from elsewhere.
#[test]
fn another_vantage_point_fills_the_gap() {
    let mut setup = tested();
    let mut other = setup.evidence.clone();
    other.vantage.name = "far away".to_owned();
    let why = || NotTested::new(NotTestedReason::NoRoute, "no IPv6 here");
    setup.evidence.hosts[0].sessions[1].outcome = SessionOutcome::NotTested(why());
    setup.evidence.hosts[0].sessions[1].tls = None;
    setup.evidence.policy_host.fetches[1].outcome = FetchOutcome::NotTested(why());
    setup.evidence.policy_host.fetches[1].tls = None;
    assert!(!readiness(&setup, Some(&tally())).ready);
    setup.history.vantages.push(other);
    assert!(readiness(&setup, Some(&tally())).ready);
}

#[test]
fn a_look_is_remembered() {
    let look = judge::look(&healthy().evidence);
    assert_eq!(look.id.as_deref(), Some("20260601T120000Z"));
    let policy = look.policy.unwrap();
    assert_eq!((policy.mode, policy.max_age, policy.sha256.len()), (Mode::Enforce, 2_419_200, 64));
    let mut setup = healthy();
    setup.no_record();
    assert!(judge::look(&setup.evidence).record_absent);
}
