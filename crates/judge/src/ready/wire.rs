//! The gates that the wire decides.

use protocol::observed::Outcome;
use protocol::sts::DaneState;

use crate::case::{Case, FetchState, FetchView, HostView, PathState, PathView, RecordState, untested};
use crate::draft::{listed, quoted};
use crate::layer::{coverage, dane, fetch, policy, record, tlsrpt};
use crate::{Catalogue, Consequence, Finding, Gate, GateStatus, Kind, Layer, Remedy};

/// The gate on MX coverage.
pub(crate) const COVERAGE: &str = "mx_covered";

/// Findings that block, gate by gate.
const RECORD_BLOCKERS: &[&str] = &[
    "mta_sts_missing",
    "mta_sts_record_multiple",
    "mta_sts_record_syntax",
    "mta_sts_record_disputed",
    "mta_sts_record_wrong_place",
    "mta_sts_record_dns_failure",
    "mta_sts_record_cname_conflict",
    "mta_sts_record_servers_disagree",
    "mta_sts_id_unchanged",
    "mta_sts_delegation_half",
];
const FETCH_BLOCKERS: &[&str] = &[
    "mta_sts_unreachable",
    "policy_http_content_type",
    "policy_http_too_large",
    "policy_http_slow",
    "policy_http_encoding",
    "policy_host_address_differs",
    "policy_host_ipv6_broken",
    "policy_wrong_place",
];
const POLICY_BLOCKERS: &[&str] = &[
    "mta_sts_policy_syntax",
    "mta_sts_policy_disputed",
    "mta_sts_max_age_too_large",
    "mta_sts_mode_none",
    "mta_sts_mx_pattern_too_wide",
];
pub(crate) const COVERAGE_BLOCKERS: &[&str] = &[
    "mta_sts_mx_mismatch",
    "mx_null_with_others",
    "mx_cname",
    "mx_address_literal",
    "mx_no_address",
    "mx_address_private",
    "mx_dns_failure",
];
const EXPIRY_BLOCKERS: &[&str] = &["mx_cert_expiring", "policy_tls_expiring"];
const DANE_BLOCKERS: &[&str] = &["dane_mismatch", "dane_bogus", "dane_malformed", "dane_unusable"];
const TLSRPT_BLOCKERS: &[&str] = &[
    "tlsrpt_missing",
    "tlsrpt_multiple",
    "tlsrpt_syntax",
    "tlsrpt_dns_failure",
    "tlsrpt_rua_scheme",
    "tlsrpt_rua_address",
    "tlsrpt_rua_dmarc_habit",
    "tlsrpt_rua_no_mail",
    "tlsrpt_rua_unreachable",
];

/// The gates, in order.
pub(crate) fn gates(case: &Case<'_>, findings: &[Finding]) -> Vec<Gate> {
    let gate = |name, question, blockers: &[&str], untested: Option<String>, seen: String| {
        make(findings, name, question, blockers, untested, seen)
    };
    vec![
        gate(
            "record",
            "Is there one valid MTA-STS record?",
            RECORD_BLOCKERS,
            record_untested(case),
            record::summary(case),
        ),
        gate(
            "policy_host",
            "Does every address of the policy host give the policy?",
            FETCH_BLOCKERS,
            policy_host_untested(case),
            fetch::summary(case),
        ),
        gate(
            "policy",
            "Is the policy valid for every sender?",
            POLICY_BLOCKERS,
            policy_untested(case),
            policy::summary(case),
        ),
        gate(
            COVERAGE,
            "Does the policy name every MX host?",
            COVERAGE_BLOCKERS,
            coverage_untested(case),
            coverage::summary(case),
        ),
        gate(
            "mx_tls",
            "Does every MX host offer TLS with a trusted certificate at every address?",
            &tls_blockers(),
            tls_untested(case),
            crate::layer::transport::summary(case),
        ),
        gate(
            "certificates_last",
            "Do all certificates last for 14 days more?",
            EXPIRY_BLOCKERS,
            lasting_untested(case),
            "no certificate ends within 14 days".to_owned(),
        ),
        gate(
            "dane",
            "If there are TLSA records, do they fit?",
            DANE_BLOCKERS,
            dane_untested(case),
            dane::summary(case),
        ),
        gate(
            "tlsrpt",
            "Is there a valid TLSRPT record whose targets take reports?",
            TLSRPT_BLOCKERS,
            tlsrpt_untested(case),
            tlsrpt::summary(case),
        ),
    ]
}

/// Whatever a finding on the MX hosts' TLS costs mail or its protection blocks; what is about DANE has a gate of its
/// own, as has the end of a certificate that is good today. Senders that know MTA-STS name the host (RFC 8461 §7.1), so
/// that a host which needs that name is no obstacle.
fn tls_blockers() -> Vec<&'static str> {
    let others = ["mx_cert_expiring", "mx_needs_sni"];
    Catalogue::all()
        .filter(|entry| entry.layer == Layer::Transport && entry.kind == Kind::Finding)
        .filter(|entry| entry.consequence.enforce >= Consequence::ProtectionLost)
        .map(|entry| entry.code)
        .filter(|code| !code.starts_with("dane_") && !others.contains(code))
        .collect()
}

fn make(
    findings: &[Finding],
    name: &'static str,
    question: &'static str,
    blockers: &[&str],
    untested: Option<String>,
    seen: String,
) -> Gate {
    let blocking: Vec<&Finding> =
        findings.iter().filter(|finding| blockers.contains(&finding.code)).collect();
    let mut codes: Vec<&'static str> = blocking.iter().map(|finding| finding.code).collect();
    codes.dedup();
    match (blocking.first(), untested) {
        (Some(first), _) => {
            let facts: Vec<&str> = blocking.iter().map(|finding| finding.fact.as_str()).collect();
            let evidence = quoted(&facts.join(" "));
            Gate {
                name,
                question,
                status: GateStatus::Fail,
                evidence,
                remedy: Some(first.remedy.clone()),
                findings: codes,
            }
        }
        (None, Some(why)) => Gate {
            name,
            question,
            status: GateStatus::NotTested,
            evidence: format!("not tested, because {}", quoted(&why)),
            remedy: Some(Remedy::of(
                "Look again from a network where this can be tested, or add such a look with --with.",
            )),
            findings: codes,
        },
        (None, None) => {
            Gate { name, question, status: GateStatus::Pass, evidence: seen, remedy: None, findings: codes }
        }
    }
}

fn record_untested(case: &Case<'_>) -> Option<String> {
    match &case.record {
        RecordState::NotTested(why) => Some(why.text.clone()),
        RecordState::Valid { .. } => None,
        // Whatever is wrong is a finding, but for a domain that takes no mail.
        _ => Some("there is no record".to_owned()),
    }
}

fn policy_host_untested(case: &Case<'_>) -> Option<String> {
    if let Some(why) = fetch::not_tested(case) {
        return Some(why);
    }
    if !case.policy.is_obtained() {
        return Some("no policy was obtained".to_owned());
    }
    let open = |view: &&FetchView<'_>| view.state != FetchState::Obtained && !fetched_elsewhere(case, view);
    let missing: Vec<String> =
        case.fetches.iter().filter(open).map(|view| view.fetch.address.to_string()).collect();
    (!missing.is_empty()).then(|| format!("{} could not be asked from here", listed(&missing)))
}

/// Whether another vantage point got the policy from that address.
fn fetched_elsewhere(case: &Case<'_>, view: &FetchView<'_>) -> bool {
    case.history.vantages.iter().filter(|other| other.domain == case.evidence.domain).any(|other| {
        let same = |fetch: &&protocol::observed::Fetch| fetch.address == view.fetch.address;
        let fetch = other.policy_host.fetches.iter().find(same);
        fetch.is_some_and(|fetch| FetchView::of(fetch, case.now).state == FetchState::Obtained)
    })
}

fn policy_untested(case: &Case<'_>) -> Option<String> {
    let used = case.policy.is_obtained() && case.policy.tolerant().is_some();
    (!used).then(|| "no policy was obtained".to_owned())
}

fn coverage_untested(case: &Case<'_>) -> Option<String> {
    if let Some(why) = untested(&case.evidence.mx.outcome) {
        return Some(why.text.clone());
    }
    if case.takes_no_mail() {
        return Some("the domain takes no mail, so that there is nothing to enforce".to_owned());
    }
    if case.candidates.is_empty() {
        return Some("there is no MX host".to_owned());
    }
    case.policy.matched().is_none().then(|| "there is no policy to compare with".to_owned())
}

fn tls_untested(case: &Case<'_>) -> Option<String> {
    if !case.looks_at_mail_hosts() {
        return Some("the profile leaves it out".to_owned());
    }
    if case.evidence.mx_hosts_left_out > 0 {
        return Some(format!("{} MX hosts are beyond the number looked at", case.evidence.mx_hosts_left_out));
    }
    if let Some(why) = case.hosts.iter().flat_map(|host| &host.paths).find_map(PathView::untested)
        && open_paths(case).len() == case.hosts.iter().map(|host| host.paths.len()).sum::<usize>()
    {
        return Some(why.text.clone());
    }
    let open = open_paths(case);
    if !open.is_empty() {
        return Some(format!("{} could not be tested from here", listed(&open)));
    }
    let unseen = |name: &str| {
        let host = case.hosts.iter().find(|host| host.host.name == name);
        host.is_none_or(|host| host.paths.is_empty())
    };
    let missing: Vec<&str> =
        case.candidates.iter().map(|candidate| candidate.name.as_str()).filter(|name| unseen(name)).collect();
    match (case.candidates.is_empty(), missing.is_empty()) {
        (true, _) => Some("there is no MX host".to_owned()),
        (false, false) => Some(format!("no address of {} was seen", listed(&missing))),
        (false, true) => None,
    }
}

/// Addresses that were not seen to work, here or from another vantage point.
fn open_paths(case: &Case<'_>) -> Vec<String> {
    let mut open = Vec::new();
    for host in &case.hosts {
        for path in host.paths.iter().filter(|path| path.state != PathState::Good) {
            if !tested_elsewhere(case, host, path) {
                open.push(format!("{} ({})", quoted(&host.host.name), path.session.address));
            }
        }
    }
    open
}

/// Whether another vantage point found that address good.
fn tested_elsewhere(case: &Case<'_>, host: &HostView<'_>, path: &PathView<'_>) -> bool {
    case.history.vantages.iter().filter(|other| other.domain == case.evidence.domain).any(|other| {
        let Some(there) = other.hosts.iter().find(|there| there.name == host.host.name) else { return false };
        let view = HostView::of(other, there, &[], case.now);
        view.paths.iter().any(|p| p.session.address == path.session.address && p.state == PathState::Good)
    })
}

fn lasting_untested(case: &Case<'_>) -> Option<String> {
    let policy_host = case.fetches.iter().any(|view| view.fetch.tls.is_some());
    let mail = case.hosts.iter().flat_map(|host| &host.paths).any(|path| path.session.tls.is_some());
    match (policy_host, mail) {
        (true, true) => None,
        (false, _) => Some("no certificate of the policy host was seen".to_owned()),
        (true, false) => Some("no certificate of an MX host was seen".to_owned()),
    }
}

fn dane_untested(case: &Case<'_>) -> Option<String> {
    let names = |test: fn(&HostView<'_>) -> bool| -> Vec<&str> {
        case.hosts.iter().filter(|host| test(host)).map(|host| host.host.name.as_str()).collect()
    };
    if case.hosts.is_empty() {
        return Some("no MX host was looked at".to_owned());
    }
    if case.is_unvalidated() {
        return Some(dane::UNVALIDATED.to_owned());
    }
    let open = names(|host| !host.dane.tested);
    if !open.is_empty() {
        return Some(format!("the TLSA records of {} were not looked up", listed(&open)));
    }
    let unseen = names(|host| {
        host.dane.state == DaneState::Usable && !host.paths.iter().any(|path| HostView::dane_vouches(path))
    });
    (!unseen.is_empty()).then(|| format!("no certificate of {} was seen", listed(&unseen)))
}

fn tlsrpt_untested(case: &Case<'_>) -> Option<String> {
    if let Outcome::NotTested(why) = &case.evidence.tlsrpt.outcome {
        return Some(why.text.clone());
    }
    if !matches!(tlsrpt::TlsrptState::of(case), tlsrpt::TlsrptState::Valid { .. }) {
        return Some("there is no TLSRPT record".to_owned());
    }
    let open: Vec<&str> = case
        .evidence
        .targets
        .iter()
        .filter(|target| target.look.seen().is_none())
        .map(|target| target.uri.as_str())
        .collect();
    (!open.is_empty()).then(|| format!("the target {} was not looked at", listed(&open)))
}
