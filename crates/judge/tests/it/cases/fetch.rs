//! The policy host and what it serves.

use jiff::SignedDuration;
use protocol::observed::*;

use super::{OneChange, case};
use crate::healthy::*;

fn tls_failure(kind: TlsFailureKind) -> FetchOutcome {
    FetchOutcome::Tls(TlsFailure { kind, text: "as the library says".to_owned() })
}

fn status(setup: &mut Setup, status: u16) {
    setup.responses(|response| {
        response.status = status;
        response.body = Octets::default();
    });
}

fn second(setup: &mut Setup, change: fn(&mut Fetch)) {
    change(&mut setup.evidence.policy_host.fetches[1]);
}

fn no_addresses(setup: &mut Setup, a: &Outcome<()>) {
    let host = &mut setup.evidence.policy_host;
    host.fetches.clear();
    match a {
        Outcome::NxDomain => {
            host.a.outcome = Outcome::NxDomain;
            host.aaaa.outcome = Outcome::NxDomain;
        }
        Outcome::Failed(failure) => {
            host.a.outcome = Outcome::Failed(failure.clone());
            host.aaaa.outcome = Outcome::Failed(failure.clone());
        }
        _ => {
            host.a.outcome = Outcome::NoData;
            host.aaaa.outcome = Outcome::NoData;
        }
    }
}

fn ends_in(setup: &mut Setup, hours: i64) {
    let end = setup.now + SignedDuration::from_hours(hours);
    setup.policy_tls(|tls| tls.certificates[0].not_after = end);
}

pub fn cases() -> Vec<OneChange> {
    vec![
        case("no policy host", &["mta_sts_unreachable/policy_host_nxdomain"], |s| {
            no_addresses(s, &Outcome::NxDomain);
        }),
        case("no address", &["mta_sts_unreachable/policy_host_no_address"], |s| {
            no_addresses(s, &Outcome::NoData);
        }),
        case("policy host SERVFAIL", &["mta_sts_unreachable/policy_host_dns_failure"], |s| {
            no_addresses(s, &Outcome::Failed(DnsFailure::ServFail));
        }),
        case(
            "bogus addresses, visited before that was known",
            &["mta_sts_unreachable/policy_host_dns_failure"],
            |s| {
                s.evidence.policy_host.a.outcome = Outcome::Failed(DnsFailure::Bogus);
                s.evidence.policy_host.aaaa.outcome = Outcome::Failed(DnsFailure::Bogus);
            },
        ),
        case("refused", &["mta_sts_unreachable/policy_host_refused"], |s| {
            s.fetched(&FetchOutcome::Connect(ConnectFailure::Refused));
        }),
        case("silent", &["mta_sts_unreachable/policy_host_timeout"], |s| {
            s.fetched(&FetchOutcome::Connect(ConnectFailure::Timeout));
        }),
        case("silent after TCP", &["mta_sts_unreachable/policy_host_timeout"], |s| {
            s.fetched(&tls_failure(TlsFailureKind::Timeout));
        }),
        case("reset", &["mta_sts_unreachable/policy_host_reset"], |s| {
            s.fetched(&tls_failure(TlsFailureKind::Closed));
        }),
        case("old TLS only", &["mta_sts_unreachable/policy_tls_version"], |s| {
            s.fetched(&tls_failure(TlsFailureKind::Version));
        }),
        case("alert", &["mta_sts_unreachable/policy_tls_handshake"], |s| {
            s.fetched(&tls_failure(TlsFailureKind::Alert));
        }),
        case("expired", &["mta_sts_unreachable/policy_tls_expired"], |s| {
            s.policy_tls(|tls| tls.certificates[0].not_after = at("2026-06-30T00:00:00Z"));
        }),
        case("not yet valid", &["mta_sts_unreachable/policy_tls_not_yet_valid"], |s| {
            s.policy_tls(|tls| tls.certificates[0].not_before = at("2026-07-02T00:00:00Z"));
        }),
        case("expired intermediate", &["mta_sts_unreachable/policy_tls_expired"], |s| {
            s.policy_tls(|tls| tls.certificates[1].not_after = at("2026-06-30T00:00:00Z"));
        }),
        case("an expired extra certificate does no harm", &[], |s| {
            s.policy_tls(|tls| {
                let mut old = intermediate();
                old.subject = "CN=Old Cross".to_owned();
                old.not_after = at("2021-09-30T00:00:00Z");
                tls.certificates.push(old);
            });
        }),
        case("wrong name", &["mta_sts_unreachable/policy_tls_name_mismatch"], |s| {
            s.policy_tls(|tls| tls.name_matches = false);
        }),
        case("self-signed", &["mta_sts_unreachable/policy_tls_self_signed"], |s| {
            s.policy_tls(|tls| tls.path.result = PathResult::SelfSigned);
        }),
        case("unknown issuer", &["mta_sts_unreachable/policy_tls_untrusted"], |s| {
            s.policy_tls(|tls| {
                tls.path.result = PathResult::UnknownIssuer { issuer: "CN=Private".to_owned() };
            });
        }),
        case("key not proven", &["mta_sts_unreachable/policy_tls_untrusted"], |s| {
            s.policy_tls(|tls| tls.signature_valid = false);
        }),
        case("no intermediate", &["mta_sts_unreachable/policy_tls_incomplete_chain"], |s| {
            s.policy_tls(|tls| {
                tls.path.result = PathResult::Incomplete { missing: "CN=Test Intermediate".to_owned() };
            });
        }),
        case(
            "expired and 404: a sender meets the certificate first",
            &["mta_sts_unreachable/policy_tls_expired"],
            |s| {
                s.policy_tls(|tls| tls.certificates[0].not_after = at("2026-06-30T00:00:00Z"));
                status(s, 404);
            },
        ),
        case("redirect", &["mta_sts_unreachable/policy_http_redirect"], |s| {
            status(s, 301);
            s.header("location", "https://www.example.com/");
        }),
        case("404", &["mta_sts_unreachable/policy_http_status"], |s| status(s, 404)),
        case("403", &["mta_sts_unreachable/policy_http_status"], |s| status(s, 403)),
        case("500", &["mta_sts_unreachable/policy_http_status"], |s| status(s, 500)),
        case("206", &["mta_sts_unreachable/policy_http_status"], |s| status(s, 206)),
        case("no answer over HTTP", &["mta_sts_unreachable/policy_http_timeout"], |s| {
            s.fetched(&FetchOutcome::Http(HttpFailure::Timeout { received: 0 }));
        }),
        case("no HTTP", &["mta_sts_unreachable/policy_http_malformed"], |s| {
            s.fetched(&FetchOutcome::Http(HttpFailure::Malformed("bad status line".to_owned())));
        }),
        case("ends too early", &["mta_sts_unreachable/policy_http_malformed"], |s| {
            s.fetched(&FetchOutcome::Http(HttpFailure::Closed));
        }),
        case("slow", &["policy_http_slow"], |s| {
            s.fetched(&FetchOutcome::Http(HttpFailure::Timeout { received: 17 }));
        }),
        case("too large", &["policy_http_too_large"], |s| s.responses(|response| response.too_large = true)),
        case(
            "too large at one address, 404 at the other",
            &["mta_sts_unreachable/policy_http_status", "policy_http_too_large"],
            |s| {
                second(s, |fetch| {
                    if let FetchOutcome::Response(response) = &mut fetch.outcome {
                        response.status = 404;
                    }
                });
                if let FetchOutcome::Response(response) = &mut s.evidence.policy_host.fetches[0].outcome {
                    response.too_large = true;
                }
            },
        ),
        case("text/html", &["policy_http_content_type"], |s| s.header("content-type", "text/html")),
        case("no media type", &["policy_http_content_type"], |s| {
            s.responses(|response| response.headers.clear());
        }),
        case("charset", &["policy_http_charset"], |s| s.header("content-type", "text/plain; charset=utf-16")),
        case("compressed", &["policy_http_encoding"], |s| s.header("content-encoding", "gzip")),
        case("compressed for real", &["policy_http_encoding"], |s| {
            s.header("content-encoding", "gzip");
            s.responses(|response| response.body = Octets(vec![0x1f, 0x8b, 8, 0, 0]));
        }),
        case("from a cache", &["policy_http_age"], |s| s.header("age", "120")),
        case("age zero", &[], |s| s.header("age", "0")),
        case("one address fails", &["policy_host_address_differs/policy_http_status"], |s| {
            second(s, |fetch| {
                if let FetchOutcome::Response(response) = &mut fetch.outcome {
                    response.status = 404;
                }
            });
        }),
        case("one address serves something else", &["policy_host_address_differs/body"], |s| {
            second(s, |fetch| {
                if let FetchOutcome::Response(response) = &mut fetch.outcome {
                    response.body = Octets::from(POLICY.replace("enforce", "testing").as_str());
                }
            });
        }),
        case("IPv4 fails, IPv6 works", &["policy_host_address_differs/policy_host_refused"], |s| {
            let fetch = &mut s.evidence.policy_host.fetches[0];
            fetch.outcome = FetchOutcome::Connect(ConnectFailure::Refused);
            fetch.tls = None;
        }),
        case("IPv6 silent", &["policy_host_ipv6_broken/policy_host_timeout"], |s| {
            second(s, |fetch| {
                fetch.outcome = FetchOutcome::Connect(ConnectFailure::Timeout);
                fetch.tls = None;
            });
        }),
        case("IPv6 not tested", &[], |s| {
            second(s, |fetch| {
                fetch.outcome = FetchOutcome::NotTested(NotTested::new(
                    NotTestedReason::NoRoute,
                    "there is no IPv6 here",
                ));
                fetch.tls = None;
            });
        }),
        case("policy at the apex", &["mta_sts_unreachable/policy_http_status", "policy_wrong_place"], |s| {
            status(s, 404);
            s.evidence.policy_host.elsewhere = vec![WrongPlace {
                place: Place::Apex,
                url: "https://example.com/.well-known/mta-sts.txt".to_owned(),
            }];
        }),
        case("ends in three days", &["policy_tls_expiring"], |s| ends_in(s, 72)),
        case("ends in ten days", &["policy_tls_expiring"], |s| ends_in(s, 240)),
        case("ends in fourteen days", &[], |s| ends_in(s, 14 * 24)),
        case("old TLS offered as well", &["policy_tls_old_versions"], |s| {
            s.fetches(|fetch| {
                fetch.legacy = Tested::Seen(LegacyOffer { answered: vec!["TLSv1.0".to_owned()] });
            });
        }),
        case("no TLS 1.3", &["policy_tls_old_versions"], |s| {
            s.policy_tls(|tls| tls.version = "TLSv1.2".to_owned());
        }),
    ]
}
