//! MX records and their match with the policy.

use std::net::Ipv4Addr;

use protocol::observed::*;

use super::{OneChange, case};
use crate::healthy::*;

fn only(setup: &mut Setup, names: &str) {
    let lines: String = names.split(' ').map(|name| format!("mx: {name}\n")).collect();
    setup.policy(&format!("version: STSv1\nmode: enforce\n{lines}max_age: 604800\n"));
}

fn implicit(setup: &mut Setup) {
    setup.evidence.mx.outcome = Outcome::NoData;
    let mut own = host("example.com", 0, "192.0.2.25", "2001:db8::25");
    own.implicit = true;
    setup.evidence.hosts = vec![own];
    only(setup, "example.com");
}

fn null(setup: &mut Setup) {
    setup.evidence.mx.outcome = Outcome::Records(vec![mx(0, "")]);
    setup.evidence.hosts.clear();
}

pub fn cases() -> Vec<OneChange> {
    vec![
        case("nothing covered", &["mta_sts_mx_mismatch/all", "mx_pattern_unused"], |s| {
            only(s, "other.example.com");
        }),
        case("preferred not covered", &["mta_sts_mx_mismatch/preferred"], |s| only(s, "mx2.example.com")),
        case("backup not covered", &["mta_sts_mx_mismatch/backup"], |s| only(s, "mx1.example.com")),
        case("not covered in testing", &["mta_sts_mx_mismatch/backup", "mta_sts_mode_testing"], |s| {
            s.policy("version: STSv1\nmode: testing\nmx: mx1.example.com\nmax_age: 604800\n");
        }),
        case("a pattern unused", &["mx_pattern_unused"], |s| {
            only(s, "mx1.example.com mx2.example.com old.example.com");
        }),
        case("no MX records", &["mx_missing"], implicit),
        case("null MX", &["mx_null"], null),
        case("null MX, no MTA-STS, no TLSRPT", &["mx_null"], |s| {
            null(s);
            s.no_record();
            s.evidence.policy_host.a.outcome = Outcome::NxDomain;
            s.evidence.policy_host.aaaa.outcome = Outcome::NxDomain;
            s.evidence.policy_host.fetches.clear();
            s.evidence.tlsrpt.outcome = Outcome::NxDomain;
        }),
        case("null MX beside others", &["mx_null_with_others"], |s| {
            if let Outcome::Records(records) = &mut s.evidence.mx.outcome {
                records.push(mx(0, ""));
            }
        }),
        case("MX host is a CNAME", &["mx_cname"], |s| {
            s.evidence.hosts[0].a.aliases = vec!["real.example.net".to_owned()];
        }),
        case("an address as MX", &["mx_address_literal"], |s| {
            if let Outcome::Records(records) = &mut s.evidence.mx.outcome {
                records.push(mx(30, "192.0.2.7"));
            }
        }),
        case("MX host without address", &["mx_no_address"], |s| {
            let host = &mut s.evidence.hosts[0];
            host.a.outcome = Outcome::NoData;
            host.aaaa.outcome = Outcome::NoData;
            host.sessions.clear();
        }),
        case("MX host on a private address", &["mx_address_private"], |s| {
            let host = &mut s.evidence.hosts[0];
            host.a.outcome = Outcome::Records(vec![Ipv4Addr::new(10, 0, 0, 1)]);
            host.aaaa.outcome = Outcome::NoData;
            host.sessions.truncate(1);
            host.sessions[0].address = "10.0.0.1".parse().unwrap();
            host.sessions[0].outcome = SessionOutcome::NotTested(NotTested::new(
                NotTestedReason::TargetNotAllowed,
                "the address is private",
            ));
            host.sessions[0].tls = None;
        }),
        case("MX SERVFAIL", &["mx_dns_failure/servfail"], |s| {
            s.evidence.mx.outcome = Outcome::Failed(DnsFailure::ServFail);
            s.evidence.hosts.clear();
        }),
        case("MX host SERVFAIL", &["mx_dns_failure/servfail"], |s| {
            let host = &mut s.evidence.hosts[0];
            host.a.outcome = Outcome::Failed(DnsFailure::ServFail);
            host.aaaa.outcome = Outcome::Failed(DnsFailure::ServFail);
            host.sessions.clear();
        }),
        case("MX not asked for", &[], |s| {
            let why = NotTested::new(NotTestedReason::NotAsked, "the profile leaves it out");
            s.evidence.mx = Answer::not_tested("example.com", "MX", why);
            s.evidence.hosts.clear();
            s.evidence.vantage.profile = Profile::Basic;
        }),
    ]
}
