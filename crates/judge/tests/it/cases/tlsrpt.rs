//! TLSRPT.

use protocol::observed::*;

use super::{OneChange, case};
use crate::healthy::*;

const OUTSIDE: &str = "v=TLSRPTv1; rua=mailto:tls@reports.example";

pub fn cases() -> Vec<OneChange> {
    vec![
        case("no TLSRPT", &["tlsrpt_missing"], |s| s.evidence.tlsrpt.outcome = Outcome::NxDomain),
        case("no TLSRPT in testing", &["tlsrpt_missing", "mta_sts_mode_testing"], |s| {
            s.testing();
            s.evidence.tlsrpt.outcome = Outcome::NoData;
        }),
        case("two TLSRPT records", &["tlsrpt_multiple"], |s| {
            s.evidence.tlsrpt = txt("_smtp._tls.example.com", &[OUTSIDE, OUTSIDE]);
        }),
        case("no rua", &["tlsrpt_syntax/rua_missing"], |s| s.tlsrpt("v=TLSRPTv1;")),
        case("TLSRPT SERVFAIL", &["tlsrpt_dns_failure/servfail"], |s| {
            s.evidence.tlsrpt.outcome = Outcome::Failed(DnsFailure::ServFail);
        }),
        case("http target", &["tlsrpt_rua_scheme"], |s| s.tlsrpt("v=TLSRPTv1; rua=http://reports.example/")),
        case("http target beside a good one", &["tlsrpt_rua_scheme"], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=mailto:tls@reports.example,http://reports.example/");
        }),
        case("bare address", &["tlsrpt_rua_address/rua_scheme"], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=tls@reports.example");
        }),
        case("size suffix", &["tlsrpt_rua_dmarc_habit/rua_size_suffix"], |s| {
            s.tlsrpt(&format!("{OUTSIDE}!10m"));
        }),
        case("mailto with slashes", &["tlsrpt_rua_dmarc_habit"], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=mailto://tls@reports.example");
        }),
        case("ruf", &["tlsrpt_rua_dmarc_habit"], |s| s.tlsrpt(&format!("{OUTSIDE}; ruf=x"))),
        case("reports to the domain itself", &["tlsrpt_rua_same_domain"], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=mailto:tls@example.com");
            s.evidence.targets = vec![mail_target("mailto:tls@example.com", "example.com")];
        }),
        case("reports to a subdomain", &["tlsrpt_rua_same_domain"], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=mailto:tls@reports.example.com");
            s.evidence.targets = vec![mail_target("mailto:tls@reports.example.com", "reports.example.com")];
        }),
        case("reports to the domain and elsewhere", &[], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=mailto:tls@example.com,mailto:tls@reports.example");
        }),
        case("target with a null MX", &["tlsrpt_rua_no_mail"], |s| {
            if let Tested::Seen(TargetLook::Mail { mx: records, .. }) = &mut s.evidence.targets[0].look {
                records.outcome = Outcome::Records(vec![mx(0, "")]);
            }
        }),
        case("target domain gone", &["tlsrpt_rua_no_mail"], |s| {
            if let Tested::Seen(TargetLook::Mail { mx: records, .. }) = &mut s.evidence.targets[0].look {
                records.outcome = Outcome::NxDomain;
            }
        }),
        case("report host refuses", &["tlsrpt_rua_unreachable"], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=https://reports.example/tlsrpt");
            let uri = "https://reports.example/tlsrpt";
            s.evidence.targets =
                vec![https_target(uri, "reports.example", Reach::Connect(ConnectFailure::Refused))];
        }),
        case("report host answers", &[], |s| {
            s.tlsrpt("v=TLSRPTv1; rua=https://reports.example/tlsrpt");
            let uri = "https://reports.example/tlsrpt";
            s.evidence.targets =
                vec![https_target(uri, "reports.example", Reach::Tls(tls("reports.example")))];
        }),
        case("TLSRPT alone", &["mta_sts_missing", "tlsrpt_without_policy", "dane_missing"], |s| {
            s.no_record();
            s.no_dane();
            s.evidence.policy_host.a.outcome = Outcome::NxDomain;
            s.evidence.policy_host.aaaa.outcome = Outcome::NxDomain;
            s.evidence.policy_host.fetches.clear();
        }),
        case("target not looked at", &[], |s| {
            s.evidence.targets[0].look = not(NotTestedReason::NotAsked, "the profile leaves it out");
        }),
    ]
}
