//! The record, memory, vantage points.

use jiff::SignedDuration;
use protocol::observed::*;
use protocol::sts::Mode;

use super::{OneChange, case};
use crate::healthy::*;

fn failed(setup: &mut Setup, failure: DnsFailure) {
    setup.evidence.record.outcome = Outcome::Failed(failure);
}

fn earlier(setup: &mut Setup, days: i64, id: Option<&str>, policy: Option<(Mode, &str)>) {
    setup.history.looks.push(Look {
        taken_at: setup.now - SignedDuration::from_hours(24 * days),
        id: id.map(str::to_owned),
        record_absent: id.is_none(),
        policy: policy.map(|(mode, sha256)| PastPolicy { sha256: sha256.to_owned(), mode, max_age: 604_800 }),
    });
}

fn elsewhere(setup: &mut Setup, change: fn(&mut Evidence)) {
    let mut other = setup.evidence.clone();
    other.vantage.name = "far away".to_owned();
    change(&mut other);
    setup.history.vantages.push(other);
}

pub fn cases() -> Vec<OneChange> {
    vec![
        case("no record, no policy host", &["mta_sts_missing"], |s| {
            s.no_record();
            s.evidence.policy_host.a.outcome = Outcome::NxDomain;
            s.evidence.policy_host.aaaa.outcome = Outcome::NxDomain;
            s.evidence.policy_host.fetches.clear();
        }),
        case("foreign TXT only", &["mta_sts_missing", "mta_sts_policy_without_record"], |s| {
            s.record(&["v=spf1 -all", "hello"]);
        }),
        case("two records", &["mta_sts_record_multiple"], |s| s.record(&[RECORD, "v=STSv1; id=2;"])),
        case("id with hyphens", &["mta_sts_record_syntax/id_charset"], |s| {
            s.record(&["v=STSv1; id=2026-04-29;"]);
        }),
        case("no id", &["mta_sts_record_syntax/id_missing"], |s| s.record(&["v=STSv1;"])),
        case("long id", &["mta_sts_record_syntax/id_length"], |s| {
            s.record(&["v=STSv1; id=123456789012345678901234567890123;"]);
        }),
        case("blank around =", &["mta_sts_record_syntax"], |s| s.record(&["v=STSv1; id = 1;"])),
        case("wrong case of the version", &["mta_sts_record_syntax"], |s| s.record(&["v=STSV1; id=1;"])),
        case("version alone", &["mta_sts_record_syntax"], |s| s.record(&["v=STSv1"])),
        case("blank before ;", &["mta_sts_record_disputed"], |s| s.record(&["v=STSv1 ; id=1;"])),
        case("trailing blank", &["mta_sts_record_disputed/trailing_blank"], |s| {
            s.record(&["v=STSv1; id=1 "]);
        }),
        case("record at the apex", &["mta_sts_missing", "mta_sts_record_wrong_place"], |s| {
            s.no_record();
            s.evidence.surroundings.elsewhere[0] = txt("example.com", &[RECORD]);
        }),
        case("wildcard", &["mta_sts_record_wildcard"], |s| {
            s.evidence.surroundings.sibling = Tested::Seen(txt("_random.example.com", &[RECORD]));
        }),
        case("SERVFAIL", &["mta_sts_record_dns_failure/servfail"], |s| failed(s, DnsFailure::ServFail)),
        case("REFUSED", &["mta_sts_record_dns_failure/refused"], |s| failed(s, DnsFailure::Refused)),
        case("no answer", &["mta_sts_record_dns_failure/timeout"], |s| failed(s, DnsFailure::Timeout)),
        case("CNAME loop", &["mta_sts_record_dns_failure/cname_loop"], |s| failed(s, DnsFailure::CnameLoop)),
        case("bogus record", &["mta_sts_record_dns_failure/bogus"], |s| {
            failed(s, DnsFailure::Bogus);
            s.evidence.record.security =
                Security { status: SecurityStatus::Bogus, reason: Some("signature expired".to_owned()) };
        }),
        case("dangling CNAME", &["mta_sts_record_dns_failure/dangling_cname"], |s| {
            s.no_record();
            s.evidence.record.aliases = vec!["gone.example.com".to_owned()];
        }),
        case("record SERVFAIL, no policy host", &["mta_sts_record_dns_failure"], |s| {
            failed(s, DnsFailure::ServFail);
            s.evidence.policy_host.a.outcome = Outcome::NxDomain;
            s.evidence.policy_host.aaaa.outcome = Outcome::NxDomain;
            s.evidence.policy_host.fetches.clear();
        }),
        case(
            "the whole zone is bogus",
            &[
                "mta_sts_record_dns_failure/bogus",
                "mta_sts_unreachable/policy_host_dns_failure",
                "mx_dns_failure/bogus",
            ],
            |s| {
                failed(s, DnsFailure::Bogus);
                s.evidence.policy_host.a.outcome = Outcome::Failed(DnsFailure::Bogus);
                s.evidence.policy_host.aaaa.outcome = Outcome::Failed(DnsFailure::Bogus);
                s.evidence.policy_host.fetches.clear();
                s.evidence.mx.outcome = Outcome::Failed(DnsFailure::Bogus);
                s.evidence.hosts.clear();
            },
        ),
        case("CNAME beside TXT", &["mta_sts_record_cname_conflict"], |s| {
            s.evidence.record.alias_beside_data = true;
        }),
        case("servers disagree", &["mta_sts_record_servers_disagree"], |s| {
            let Tested::Seen(servers) = &mut s.evidence.surroundings.servers else { return };
            servers[1].answer = Tested::Seen(Outcome::NxDomain);
        }),
        case("long TTL", &["mta_sts_record_ttl_long"], |s| s.evidence.record.ttl = Some(86_401)),
        case("bare date", &["mta_sts_id_day_granularity"], |s| s.record(&["v=STSv1; id=20260429;"])),
        case("date and zeros", &["mta_sts_id_day_granularity"], |s| {
            s.record(&["v=STSv1; id=20260429000000;"]);
        }),
        case("a number that is no date", &[], |s| s.record(&["v=STSv1; id=20269929;"])),
        case("a file newer than the id", &["mta_sts_id_older_than_policy"], |s| {
            s.header("last-modified", "Mon, 01 Jun 2026 13:00:01 GMT");
        }),
        case("a file of the time of the id", &[], |s| {
            s.header("last-modified", "Mon, 01 Jun 2026 13:00:00 GMT");
        }),
        case("a file older than the id", &[], |s| s.header("last-modified", "Fri, 02 Jan 2026 00:00:00 GMT")),
        case("a Last-Modified that is none", &[], |s| s.header("last-modified", "yesterday")),
        case(
            "a file newer than the day of the id",
            &["mta_sts_id_day_granularity", "mta_sts_id_older_than_policy"],
            |s| {
                s.record(&["v=STSv1; id=20260601;"]);
                s.header("last-modified", "Wed, 03 Jun 2026 08:00:00 GMT");
            },
        ),
        case("a file of the day after the id's", &["mta_sts_id_day_granularity"], |s| {
            s.record(&["v=STSv1; id=20260601;"]);
            s.header("last-modified", "Tue, 02 Jun 2026 23:00:00 GMT");
        }),
        case("an id that is no date, and a new file", &[], |s| {
            s.record(&["v=STSv1; id=7;"]);
            s.header("last-modified", "Tue, 30 Jun 2026 23:00:00 GMT");
        }),
        case("half delegated", &["mta_sts_delegation_half/policy_host_not_delegated"], |s| {
            s.evidence.record.aliases = vec!["_mta-sts.provider.net".to_owned()];
        }),
        case("delegated to one service in two zones", &[], |s| {
            s.evidence.record.aliases = vec!["example_com__mta_sts.easydmarc.pro".to_owned()];
            s.evidence.policy_host.a.aliases = vec!["mta.easydmarc.com".to_owned()];
        }),
        case("delegated to two", &["mta_sts_delegation_half/two_providers"], |s| {
            s.evidence.record.aliases = vec!["_mta-sts.provider.net".to_owned()];
            s.evidence.policy_host.a.aliases = vec!["mta-sts.other.org".to_owned()];
        }),
        case("delegated to one, by way of a CDN", &[], |s| {
            s.evidence.record.aliases = vec!["_mta-sts.provider.net".to_owned()];
            s.evidence.policy_host.a.aliases =
                vec!["mta-sts.provider.net".to_owned(), "x.cdn.example".to_owned()];
        }),
        case("only the policy host delegated", &[], |s| {
            s.evidence.policy_host.a.aliases = vec!["pages.cdn.example".to_owned()];
        }),
        case("CNAME within the domain", &[], |s| {
            s.evidence.record.aliases = vec!["sts.dns.example.com".to_owned()];
        }),
        case("policy changed, id not", &["mta_sts_id_unchanged"], |s| {
            earlier(s, 3, Some("20260601T120000Z"), Some((Mode::Enforce, "00")));
        }),
        case("id changed, policy not", &["mta_sts_id_changed_same_policy"], |s| {
            let past = judge::look(&s.evidence).policy.unwrap();
            earlier(s, 3, Some("1"), Some((Mode::Enforce, &past.sha256)));
        }),
        case("both changed", &[], |s| earlier(s, 3, Some("1"), Some((Mode::Enforce, "00")))),
        case("testing for long", &["mta_sts_mode_testing", "mta_sts_testing_too_long"], |s| {
            s.testing();
            earlier(s, 91, Some("1"), Some((Mode::Testing, "00")));
            earlier(s, 40, Some("1"), Some((Mode::Testing, "00")));
        }),
        case("testing interrupted", &["mta_sts_mode_testing"], |s| {
            s.testing();
            earlier(s, 91, Some("1"), Some((Mode::Testing, "00")));
            earlier(s, 40, Some("1"), Some((Mode::Enforce, "00")));
        }),
        case("enforce without testing", &["mta_sts_enforce_without_testing"], |s| {
            earlier(s, 30, None, None);
        }),
        case("enforce after testing", &[], |s| {
            earlier(s, 60, None, None);
            earlier(s, 30, Some("1"), Some((Mode::Testing, "00")));
        }),
        case("another record elsewhere", &["vantage_disagree"], |s| {
            elsewhere(s, |other| other.record = txt("_mta-sts.example.com", &["v=STSv1; id=2;"]));
        }),
        case("another policy elsewhere", &["vantage_disagree"], |s| {
            elsewhere(s, |other| {
                other.policy_host.fetches =
                    vec![fetch("192.0.2.80", "version: STSv1\nmode: none\nmax_age: 1\n")];
            });
        }),
        case("another MX elsewhere", &["vantage_disagree"], |s| {
            elsewhere(s, |other| other.mx = records("example.com", "MX", vec![mx(10, "mx1.example.com")]));
        }),
        case("a bad certificate elsewhere", &["vantage_disagree"], |s| {
            elsewhere(s, |other| {
                other.hosts[0].sessions[0].outcome = SessionOutcome::NoStarttls;
                other.hosts[0].sessions[0].tls = None;
            });
        }),
        case("our own trouble elsewhere", &[], |s| {
            elsewhere(s, |other| {
                let why = NotTested::new(NotTestedReason::ResolverDown, "its resolver is down");
                other.record.outcome = Outcome::NotTested(why);
            });
        }),
        case("the same elsewhere", &[], |s| elsewhere(s, |_| {})),
        case("a subdomain with mail", &["scope_subdomain_unprotected"], |s| {
            s.evidence.subdomains.push(SubdomainLook {
                name: "news.example.com".to_owned(),
                mx: records("news.example.com", "MX", vec![mx(10, "mx1.example.com")]),
                record: secure("_mta-sts.news.example.com", "TXT", Outcome::NxDomain),
            });
        }),
        case("a protected subdomain, and one with a null MX", &[], |s| {
            for (name, mx_host, record) in
                [("a.example.com", "mx1.example.com", RECORD), ("b.example.com", "", "x")]
            {
                s.evidence.subdomains.push(SubdomainLook {
                    name: name.to_owned(),
                    mx: records(name, "MX", vec![mx(10, mx_host)]),
                    record: txt(name, &[record]),
                });
            }
        }),
    ]
}
