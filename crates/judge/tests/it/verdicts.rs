//! Truth tables of the verdict (R44) and of what protects each host.

use judge::{
    Attack, Consequence, LayerStatus, MaxAgeProfile, Mechanism, Severity, SeverityProfile, Verdict,
    Yardstick, assess,
};
use protocol::observed::*;

use crate::healthy::*;
use crate::one_change::judged;

fn verdict(change: impl Fn(&mut Setup)) -> Verdict {
    let mut setup = healthy();
    change(&mut setup);
    judged(&setup).verdict
}

fn trouble(text: &str) -> NotTested {
    NotTested::new(NotTestedReason::ResolverDown, text)
}

#[test]
fn one_thing_flips_the_verdict() {
    use Verdict as V;
    type Change = fn(&mut Setup);
    let no_starttls: Change = |s| s.session_fails(&SessionOutcome::NoStarttls);
    let table: Vec<(&str, Verdict, Change)> = vec![
        ("healthy", V::Enforcing, |_| {}),
        ("no record", V::NotDeployed, Setup::no_record),
        ("record elsewhere", V::NotDeployed, |s| {
            s.no_record();
            s.evidence.surroundings.elsewhere[0] = txt("example.com", &[RECORD]);
        }),
        ("bad record", V::Broken, |s| s.record(&["v=STSv1; id=1-2"])),
        ("two records", V::Broken, |s| s.record(&[RECORD, RECORD])),
        ("disputed record", V::Enforcing, |s| s.record(&["v=STSv1 ; id=1;"])),
        ("resolver down", V::Unknown, |s| s.evidence.record.outcome = Outcome::NotTested(trouble("down"))),
        ("record lookup fails, policy served", V::Broken, |s| {
            s.evidence.record.outcome = Outcome::Failed(DnsFailure::ServFail);
        }),
        ("record lookup fails, no policy", V::Broken, |s| {
            s.evidence.record.outcome = Outcome::Failed(DnsFailure::ServFail);
            s.fetched(&FetchOutcome::Connect(ConnectFailure::Refused));
        }),
        ("policy host refuses", V::Broken, |s| s.fetched(&FetchOutcome::Connect(ConnectFailure::Refused))),
        ("policy host not tested", V::Unknown, |s| s.fetched(&FetchOutcome::NotTested(trouble("no route")))),
        ("one address refuses, the other is not tested", V::Broken, |s| {
            s.fetched(&FetchOutcome::Connect(ConnectFailure::Refused));
            s.evidence.policy_host.fetches[1].outcome = FetchOutcome::NotTested(trouble("no route"));
        }),
        ("policy syntax", V::Broken, |s| s.policy("mode: enforce\n")),
        ("blank line", V::Enforcing, |s| s.policy(&POLICY.replace("mode", "\nmode"))),
        ("max_age too large", V::Enforcing, |s| s.policy(&POLICY.replace("2419200", "31557601"))),
        ("text/html", V::Broken, |s| s.header("content-type", "text/html")),
        ("no media type", V::Broken, |s| s.responses(|r| r.headers.clear())),
        ("mode none", V::Disabled, |s| s.policy(&POLICY.replace("enforce", "none"))),
        ("testing", V::Testing, Setup::testing),
        ("testing for 14 days", V::ReadyToEnforce, |s| s.tested(14)),
        ("testing for 13 days", V::Testing, |s| s.tested(13)),
        ("testing, uncovered backup", V::Testing, |s| {
            s.policy("version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 604800\n");
        }),
        ("testing, no STARTTLS", V::Testing, |s| {
            s.testing();
            s.session_fails(&SessionOutcome::NoStarttls);
        }),
        ("testing, no TLSRPT", V::Testing, |s| {
            s.testing();
            s.evidence.tlsrpt.outcome = Outcome::NxDomain;
        }),
        ("testing, sessions not tested", V::Testing, |s| {
            s.testing();
            s.session_fails(&SessionOutcome::NotTested(trouble("port 25 is closed here")));
        }),
        ("testing, one family not tested", V::ReadyToEnforce, |s| {
            s.tested(14);
            let session = &mut s.evidence.hosts[0].sessions[1];
            session.outcome = SessionOutcome::NotTested(trouble("no IPv6 here"));
            session.tls = None;
        }),
        ("enforce, uncovered backup", V::EnforcingButBroken, |s| {
            s.policy("version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 604800\n");
        }),
        ("enforce, no STARTTLS", V::EnforcingButBroken, no_starttls),
        ("enforce, MX lookup fails", V::EnforcingButBroken, |s| {
            s.evidence.mx.outcome = Outcome::Failed(DnsFailure::ServFail);
        }),
        ("enforce, a host unreachable", V::Enforcing, |s| {
            s.session_fails(&SessionOutcome::Connect(ConnectFailure::Refused));
        }),
        ("enforce, expiring", V::Enforcing, |s| {
            s.mail_tls(|tls| tls.certificates[0].not_after = at("2026-07-03T00:00:00Z"));
        }),
    ];
    for (name, expected, change) in table {
        assert_eq!(verdict(change), expected, "{name}");
    }
}

/// C9: by preference, and by what is left.
#[test]
fn consequences_follow_mode_and_what_is_left() {
    use Consequence as C;
    type Change = fn(&mut Setup);
    let all: Change = |s| {
        for host in &mut s.evidence.hosts {
            for session in &mut host.sessions {
                session.outcome = SessionOutcome::NoStarttls;
                session.tls = None;
            }
        }
    };
    let table: Vec<(&str, &str, Severity, Consequence, Change)> = vec![
        ("one host, enforce", "mx_starttls_missing", Severity::High, C::DeliveryDegraded, |s| {
            s.session_fails(&SessionOutcome::NoStarttls);
        }),
        ("all hosts, enforce", "mx_starttls_missing", Severity::High, C::DeliveryLost, all),
        ("one host, testing, DANE demands TLS", "dane_mismatch", Severity::High, C::DeliveryDegraded, |s| {
            s.testing();
            s.session_fails(&SessionOutcome::NoStarttls);
        }),
        ("one host, testing, no DANE", "mx_starttls_missing", Severity::Medium, C::None, |s| {
            s.testing();
            s.no_dane();
            s.session_fails(&SessionOutcome::NoStarttls);
        }),
        ("uncovered all, enforce", "mta_sts_mx_mismatch", Severity::High, C::DeliveryLost, |s| {
            s.policy("version: STSv1\nmode: enforce\nmx: x.example.com\nmax_age: 604800\n");
        }),
        ("uncovered preferred, enforce", "mta_sts_mx_mismatch", Severity::High, C::DeliveryDegraded, |s| {
            s.policy("version: STSv1\nmode: enforce\nmx: mx2.example.com\nmax_age: 604800\n");
        }),
        (
            "uncovered preferred, and the other without STARTTLS",
            "mta_sts_mx_mismatch",
            Severity::High,
            C::DeliveryLost,
            |s| {
                s.policy("version: STSv1\nmode: enforce\nmx: mx2.example.com\nmax_age: 604800\n");
                for session in &mut s.evidence.hosts[1].sessions {
                    session.outcome = SessionOutcome::NoStarttls;
                    session.tls = None;
                }
            },
        ),
        ("uncovered all, testing", "mta_sts_mx_mismatch", Severity::High, C::None, |s| {
            s.policy("version: STSv1\nmode: testing\nmx: x.example.com\nmax_age: 604800\n");
        }),
        ("expired, mode none", "mx_cert_expired", Severity::Medium, C::None, |s| {
            s.policy(&POLICY.replace("enforce", "none"));
            s.mail_tls(|tls| tls.certificates[0].not_after = at("2026-06-01T00:00:00Z"));
        }),
        ("expired, policy host down", "mx_cert_expired", Severity::Medium, C::None, |s| {
            s.fetched(&FetchOutcome::Connect(ConnectFailure::Refused));
            s.mail_tls(|tls| tls.certificates[0].not_after = at("2026-06-01T00:00:00Z"));
        }),
        ("only DANE, testing", "mx_only_dane_covers", Severity::Info, C::None, |s| {
            s.testing();
            s.mail_tls(|tls| tls.path.result = PathResult::SelfSigned);
        }),
        ("only DANE, enforce", "mx_only_dane_covers", Severity::High, C::DeliveryDegraded, |s| {
            s.mail_tls(|tls| tls.path.result = PathResult::SelfSigned);
        }),
        ("expiring in days", "mx_cert_expiring", Severity::Medium, C::DeliveryDegraded, |s| {
            s.mail_tls(|tls| tls.certificates[0].not_after = at("2026-07-03T00:00:00Z"));
        }),
        ("expiring in ten days", "mx_cert_expiring", Severity::Low, C::DeliveryDegraded, |s| {
            s.mail_tls(|tls| tls.certificates[0].not_after = at("2026-07-11T13:00:00Z"));
        }),
        ("no TLSRPT in enforce", "tlsrpt_missing", Severity::Low, C::ReportingLost, |s| {
            s.evidence.tlsrpt.outcome = Outcome::NxDomain;
        }),
        ("no TLSRPT in testing", "tlsrpt_missing", Severity::Medium, C::ReportingLost, |s| {
            s.testing();
            s.evidence.tlsrpt.outcome = Outcome::NxDomain;
        }),
    ];
    for (name, code, severity, consequence, change) in table {
        let mut setup = healthy();
        change(&mut setup);
        let assessment = judged(&setup);
        let finding = assessment.findings.iter().find(|finding| finding.code == code);
        let seen = finding.map(|finding| (finding.severity, finding.consequence));
        assert_eq!(seen, Some((severity, consequence)), "{name}");
    }
}

/// The cause comes before what follows from it.
#[test]
fn no_starttls_comes_before_the_tlsa_records_that_demand_it() {
    for testing in [false, true] {
        for every_host in [false, true] {
            let mut setup = healthy();
            if testing {
                setup.testing();
            }
            let hosts = if every_host { 2 } else { 1 };
            for session in setup.evidence.hosts.iter_mut().take(hosts).flat_map(|host| &mut host.sessions) {
                session.outcome = SessionOutcome::NoStarttls;
                session.tls = None;
            }
            let assessment = judged(&setup);
            let place = |code| assessment.findings.iter().position(|finding| finding.code == code).unwrap();
            assert!(place("mx_starttls_missing") < place("dane_mismatch"), "{testing} {every_host}");
            let lost = assessment.findings.iter().any(|f| f.consequence == Consequence::DeliveryLost);
            assert_eq!(lost, every_host, "{testing} {every_host}");
        }
    }
}

/// Rule 76: the extension counts inside TLS only.
#[test]
fn requiretls_is_shown() {
    let shown = |change: fn(&mut SmtpSession)| {
        let mut setup = healthy();
        setup.sessions(change);
        judged(&setup).layers[4].evidence.iter().any(|item| item.text.contains("REQUIRETLS"))
    };
    assert!(!shown(|_| {}));
    assert!(!shown(|session| session.ehlo.as_mut().unwrap().lines.push(Octets::from("REQUIRETLS"))));
    assert!(shown(|session| {
        session.ehlo_in_tls.as_mut().unwrap().lines.push(Octets::from("RequireTLS"));
    }));
}

/// C16: the same policy, by each profile's thresholds.
#[test]
fn the_max_age_profile_decides_what_is_short() {
    let mut setup = healthy();
    setup.policy(&POLICY.replace("2419200", "604800"));
    for (max_age, short) in [
        (MaxAgeProfile::Seed, None),
        (MaxAgeProfile::Ncsc, Some(Severity::Medium)),
        (MaxAgeProfile::Rfc, Some(Severity::Info)),
    ] {
        let yardstick = Yardstick { severities: &SeverityProfile::Default, max_age };
        let assessment = assess(&setup.evidence, &setup.history, setup.now, yardstick);
        let found: Vec<_> = assessment.findings.iter().map(|f| (f.code, f.severity)).collect();
        let expected: Vec<_> = short.iter().map(|severity| ("mta_sts_max_age_short", *severity)).collect();
        assert_eq!(found, expected, "{max_age}");
        assert_eq!(assessment.verdict, Verdict::Enforcing, "{max_age}");
    }
}

#[test]
fn the_severity_profile_changes_severities_only() {
    for case in crate::cases::all() {
        let mut setup = healthy();
        (case.change)(&mut setup);
        let usual = judged(&setup);
        for profile in [SeverityProfile::Strict, SeverityProfile::Relaxed] {
            let other = assess(&setup.evidence, &setup.history, setup.now, &profile);
            assert_eq!(other.verdict, usual.verdict, "{}", case.name);
            let codes = |a: &judge::Assessment| {
                let mut codes: Vec<_> =
                    a.findings.iter().map(|f| (f.code, f.subject.clone(), f.consequence)).collect();
                codes.sort();
                codes
            };
            assert_eq!(codes(&other), codes(&usual), "{}", case.name);
        }
    }
}

#[test]
fn who_protects_against_what() {
    type Change = fn(&mut Setup);
    type Row = (&'static str, Change, Mechanism, Option<bool>, [bool; 5]);
    let table: Vec<Row> = vec![
        ("both", |_| {}, Mechanism::Both, Some(true), [true; 5]),
        ("MTA-STS alone", Setup::no_dane, Mechanism::MtaSts, Some(true), [true, true, true, true, false]),
        ("DANE alone", Setup::testing, Mechanism::Dane, Some(true), [true; 5]),
        (
            "neither",
            |s| {
                s.no_record();
                s.no_dane();
            },
            Mechanism::None,
            Some(true),
            [true, false, false, false, false],
        ),
        // RFC 7672 §2.2: TLS is demanded, with any certificate.
        (
            "TLSA records of which none is usable",
            |s| {
                s.testing();
                for host in &mut s.evidence.hosts {
                    if let Outcome::Records(records) = &mut host.tlsa.answer.outcome {
                        // RFC 7672 §3.1.3: usages 0 and 1 are not for SMTP.
                        records.iter_mut().for_each(|record| record.usage = 1);
                    }
                }
            },
            Mechanism::None,
            Some(true),
            [true, true, false, false, false],
        ),
        (
            "neither, and no TLS",
            |s| {
                s.no_record();
                s.no_dane();
                s.session_fails(&SessionOutcome::NoStarttls);
            },
            Mechanism::None,
            Some(true),
            [false; 5],
        ),
        (
            "MTA-STS, no TLS",
            |s| {
                s.no_dane();
                s.session_fails(&SessionOutcome::NoStarttls);
            },
            Mechanism::MtaSts,
            Some(false),
            [true, true, true, true, false],
        ),
        (
            "not named",
            |s| s.policy("version: STSv1\nmode: enforce\nmx: mx2.example.com\nmax_age: 604800\n"),
            Mechanism::Both,
            Some(false),
            [true; 5],
        ),
        (
            "not tested",
            |s| s.session_fails(&SessionOutcome::NotTested(trouble("port 25 is closed here"))),
            Mechanism::Both,
            None,
            [true; 5],
        ),
    ];
    for (name, change, mechanism, deliverable, stopped) in table {
        let mut setup = healthy();
        change(&mut setup);
        let assessment = judged(&setup);
        let row = &assessment.protection[0];
        assert_eq!((row.mechanism, row.deliverable), (mechanism, deliverable), "{name}");
        let attacks: Vec<_> = row.protects.iter().map(|protects| protects.attack).collect();
        use Attack as A;
        assert_eq!(
            attacks,
            [A::PassiveListening, A::StarttlsStripping, A::Impersonation, A::MxForgery, A::FirstContact]
        );
        let seen: Vec<_> = row.protects.iter().map(|protects| protects.stopped).collect();
        assert_eq!(seen, stopped, "{name}");
        // RFC 8461 §10.2, RFC 7672 §2.2: what stops forged MX records is a signature or the policy's list of names.
        let forgery = &row.protects[3].how;
        let by_signature = forgery.contains("MX records are signed");
        let by_policy = forgery.contains("the policy names the MX hosts");
        let expected = match mechanism {
            Mechanism::Dane | Mechanism::Both => (true, false),
            Mechanism::MtaSts => (false, true),
            Mechanism::None => (false, false),
        };
        assert_eq!((by_signature, by_policy), expected, "{name}: {forgery}");
    }
}

#[test]
fn our_own_trouble_is_listed_and_never_a_finding() {
    let mut setup = healthy();
    setup.evidence.vantage.network.port25 = not(NotTestedReason::PortBlocked, "port 25 is blocked here");
    for host in &mut setup.evidence.hosts {
        for session in &mut host.sessions {
            session.outcome = SessionOutcome::NotTested(NotTested::new(
                NotTestedReason::PortBlocked,
                "port 25 is blocked here",
            ));
            session.tls = None;
        }
    }
    let assessment = judged(&setup);
    assert!(assessment.findings.is_empty(), "{:#?}", assessment.findings);
    assert_eq!(assessment.layers[4].status, LayerStatus::NotTested);
    assert_eq!(assessment.not_tested.len(), 2, "{:#?}", assessment.not_tested);
    assert!(assessment.not_tested.iter().all(|item| item.because == "port 25 is blocked here"));
}

/// Rule 83: a record that vanished leaves copies of the policy behind.
#[test]
fn a_vanished_record_tells_until_when_copies_live() {
    let mut setup = healthy();
    let mut look = judge::look(&setup.evidence);
    look.taken_at = at("2026-06-25T00:00:00Z");
    setup.history.looks.push(look);
    setup.no_record();
    let meaning = |setup: &Setup| {
        let findings = judged(setup).findings;
        findings.into_iter().find(|finding| finding.code == "mta_sts_missing").unwrap().meaning
    };
    assert!(meaning(&setup).ends_with("seen on 2026-06-25 may go on enforcing it until 2026-07-23."));
    setup.now = at("2026-07-24T00:00:00Z");
    assert!(!meaning(&setup).contains("enforcing"));
}
