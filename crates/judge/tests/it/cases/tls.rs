//! The MX hosts' transport security, and DANE.

use jiff::SignedDuration;
use protocol::observed::*;

use super::{OneChange, case};
use crate::healthy::*;

fn tls_fails(setup: &mut Setup, kind: TlsFailureKind) {
    let failure = TlsFailure { kind, text: "as the library says".to_owned() };
    setup.session_fails(&SessionOutcome::TlsFailed(failure));
}

fn first_session(setup: &mut Setup, outcome: SessionOutcome) {
    let session = &mut setup.evidence.hosts[0].sessions[0];
    session.outcome = outcome;
    session.tls = None;
}

fn tlsa_records(setup: &mut Setup, change: fn(&mut Vec<protocol::dane::Tlsa>)) {
    if let Outcome::Records(records) = &mut setup.evidence.hosts[0].tlsa.answer.outcome {
        change(records);
    }
}

/// The TLSA base domain is another name than the host's, and this is what it shows to those who ask for it.
fn another_base(setup: &mut Setup, shown: &Result<TlsFacts, TlsFailure>) {
    setup.evidence.hosts[0].tlsa.base = "canonical.example.com".to_owned();
    setup.sessions(|session| session.at_tlsa_base = Some(Tested::Seen(shown.clone())));
}

fn self_signed(tls: &mut TlsFacts) {
    tls.path.result = PathResult::SelfSigned;
}

pub fn cases() -> Vec<OneChange> {
    vec![
        case("no STARTTLS", &["mx_starttls_missing", "dane_mismatch"], |s| {
            s.session_fails(&SessionOutcome::NoStarttls);
        }),
        case("454", &["mx_starttls_refused", "dane_mismatch"], |s| {
            s.session_fails(&SessionOutcome::StarttlsRefused);
            s.sessions(|session| {
                session.starttls = Some(Reply { code: 454, lines: vec![Octets::from("not available")] });
            });
        }),
        case("no answer to STARTTLS", &["mx_starttls_refused", "dane_mismatch"], |s| {
            s.session_fails(&SessionOutcome::Timeout(Stage::Starttls));
        }),
        case("handshake fails", &["mx_tls_handshake", "dane_mismatch"], |s| {
            tls_fails(s, TlsFailureKind::Alert);
        }),
        case("silence in the handshake", &["mx_tls_handshake", "dane_mismatch"], |s| {
            s.session_fails(&SessionOutcome::Timeout(Stage::Handshake));
        }),
        case("old TLS only", &["mx_tls_version", "dane_mismatch"], |s| {
            tls_fails(s, TlsFailureKind::Version);
            s.sessions(|session| {
                session.legacy = Tested::Seen(LegacyOffer { answered: vec!["TLSv1.0".to_owned()] });
            });
        }),
        case("a handshake failure from a host of old TLS", &["mx_tls_version", "dane_mismatch"], |s| {
            tls_fails(s, TlsFailureKind::NoCommonSuite);
            s.sessions(|session| {
                session.legacy = Tested::Seen(LegacyOffer { answered: vec!["TLSv1.0".to_owned()] });
            });
        }),
        case("old TLS as well", &["mx_tls_old_versions"], |s| {
            s.sessions(|session| {
                session.legacy = Tested::Seen(LegacyOffer { answered: vec!["TLSv1.1".to_owned()] });
            });
        }),
        case("no forward secrecy", &["mx_tls_old_versions"], |s| {
            s.mail_tls(|tls| tls.cipher = "TLS_RSA_WITH_AES_128_GCM_SHA256".to_owned());
        }),
        case("injected octets", &["mx_starttls_injection"], |s| {
            s.sessions(|session| session.injected = Some(Octets::from("250 evil\r\n")));
        }),
        case("expired", &["mx_cert_expired"], |s| {
            s.mail_tls(|tls| tls.certificates[0].not_after = at("2026-06-01T00:00:00Z"));
        }),
        case("not yet valid", &["mx_cert_not_yet_valid"], |s| {
            s.mail_tls(|tls| tls.certificates[0].not_before = at("2026-08-01T00:00:00Z"));
        }),
        case("wrong name", &["mx_cert_name_mismatch"], |s| s.mail_tls(|tls| tls.name_matches = false)),
        case("unknown issuer, no DANE", &["mx_cert_untrusted", "dane_missing"], |s| {
            s.no_dane();
            s.mail_tls(|tls| tls.path.result = PathResult::UnknownIssuer { issuer: "CN=Private".to_owned() });
        }),
        case("self-signed, no DANE", &["mx_cert_self_signed", "dane_missing"], |s| {
            s.no_dane();
            s.mail_tls(self_signed);
        }),
        case("self-signed, with DANE", &["mx_only_dane_covers/mx_cert_self_signed"], |s| {
            s.mail_tls(self_signed);
        }),
        case("no intermediate", &["mx_cert_incomplete_chain"], |s| {
            s.mail_tls(|tls| {
                tls.path.result = PathResult::Incomplete { missing: "CN=Test Intermediate".to_owned() };
            });
        }),
        case("ends in three days", &["mx_cert_expiring"], |s| {
            let end = s.now + SignedDuration::from_hours(72);
            s.mail_tls(|tls| tls.certificates[0].not_after = end);
        }),
        case("a short RSA key", &["mx_cert_weak"], |s| {
            s.mail_tls(|tls| tls.certificates[0].key = KeyFacts { algorithm: "RSA".to_owned(), bits: 1024 });
        }),
        case("SHA-1", &["mx_cert_weak"], |s| {
            s.mail_tls(|tls| tls.certificates[0].signature = "sha1WithRSAEncryption".to_owned());
        }),
        case("needs SNI", &["mx_needs_sni"], |s| {
            s.sessions(|session| {
                let failure =
                    TlsFailure { kind: TlsFailureKind::Alert, text: "unrecognized_name".to_owned() };
                session.without_sni = Tested::Seen(Err(failure));
            });
        }),
        case("another certificate without SNI", &["mx_needs_sni"], |s| {
            s.sessions(|session| {
                let mut other = tls("other.example.com");
                other.name_matches = false;
                session.without_sni = Tested::Seen(Ok(other));
            });
        }),
        case(
            "one address without STARTTLS",
            &["mx_starttls_missing", "mx_addresses_differ", "dane_mismatch"],
            |s| {
                first_session(s, SessionOutcome::NoStarttls);
            },
        ),
        case("one address refuses", &["mx_unreachable"], |s| {
            first_session(s, SessionOutcome::Connect(ConnectFailure::Refused));
        }),
        case("one host is silent", &["mx_unreachable"], |s| {
            s.session_fails(&SessionOutcome::Connect(ConnectFailure::Timeout));
        }),
        case("turned away by 554", &["mx_unreachable"], |s| {
            s.session_fails(&SessionOutcome::Refused(Stage::Banner));
        }),
        case("all hosts silent: our own network", &[], |s| {
            for host in &mut s.evidence.hosts {
                for session in &mut host.sessions {
                    session.outcome = SessionOutcome::Connect(ConnectFailure::Timeout);
                    session.tls = None;
                }
            }
        }),
        case("all IPv6 silent: our own network", &[], |s| {
            for host in &mut s.evidence.hosts {
                host.sessions[1].outcome = SessionOutcome::Connect(ConnectFailure::Timeout);
                host.sessions[1].tls = None;
            }
            let fetch = &mut s.evidence.policy_host.fetches[1];
            fetch.outcome = FetchOutcome::Connect(ConnectFailure::Timeout);
            fetch.tls = None;
        }),
        case("greylisted", &[], |s| {
            s.session_fails(&SessionOutcome::NotTested(NotTested::new(
                NotTestedReason::PutOff,
                "the host put us off",
            )));
        }),
        case("no DANE", &["dane_missing"], Setup::no_dane),
        case("no DNSSEC", &["dnssec_missing"], |s| {
            s.unsigned();
            s.no_dane();
        }),
        case("TLSA without DNSSEC", &["dnssec_missing", "dane_insecure"], Setup::unsigned),
        case("TLSA of usage 1", &["dane_unusable"], |s| {
            tlsa_records(s, |records| records.iter_mut().for_each(|record| record.usage = 1));
        }),
        case("TLSA of wrong length", &["dane_malformed"], |s| {
            tlsa_records(s, |records| {
                records.push(protocol::dane::Tlsa {
                    usage: 3,
                    selector: 1,
                    matching: 1,
                    data: vec![1, 2, 3],
                });
            });
        }),
        case("unreadable TLSA", &["dane_malformed"], |s| s.evidence.hosts[0].tlsa.unreadable = 1),
        case("TLSA of another key", &["dane_mismatch"], |s| {
            tlsa_records(s, |records| *records = vec![tlsa(3, b"other"), tlsa(2, b"other")]);
        }),
        case("the TLSA base domain shows the key", &[], |s| {
            let own = s.evidence.hosts[0].name.clone();
            s.mail_tls(|tls| tls.certificates[0].spki = b"another key".to_vec());
            tlsa_records(s, |records| *records = vec![records[0].clone(); 2]);
            another_base(s, &Ok(tls(&own)));
        }),
        case("the TLSA base domain shows another key", &["dane_mismatch"], |s| {
            tlsa_records(s, |records| *records = vec![records[0].clone(); 2]);
            another_base(s, &Ok(tls("canonical.example.com")));
        }),
        case("no handshake by the TLSA base domain", &["dane_mismatch"], |s| {
            let kind = TlsFailureKind::Alert;
            another_base(s, &Err(TlsFailure { kind, text: "unrecognized_name".to_owned() }));
        }),
        case("usage 2 and the host's name, not its canonical one", &["dane_mismatch"], |s| {
            tlsa_records(s, |records| *records = vec![tlsa(2, &intermediate().spki); 2]);
            let own = s.evidence.hosts[0].name.clone();
            another_base(s, &Ok(tls(&own)));
        }),
        case("bogus TLSA", &["dane_bogus"], |s| {
            s.evidence.hosts[0].tlsa.answer.outcome = Outcome::Failed(DnsFailure::Bogus);
            s.evidence.hosts[0].tlsa.answer.security.status = SecurityStatus::Bogus;
        }),
        case("one TLSA record", &["dane_no_rollover"], |s| tlsa_records(s, |records| records.truncate(1))),
    ]
}
