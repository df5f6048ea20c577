//! One row and what to think of it, as flat records.

use judge::{Assessment, Mechanism, Verdict, assess, look, operator_of, registrable, survey_classes};
use outside::{SweepFailure, Swept};
use protocol::observed::{Answer, Evidence, History, Outcome, Txt};
use scan::Row;
use scan::sink::{Flat, FlatFinding, FlatHost, Judged};

use crate::provider::provider;
use crate::render::{consequence_word, layer_word, mechanism_word, severity_word, verdict_word, visible};
use crate::settings::Scale;

/// How a provider is called whose name is the domain's own.
pub(super) const OWN: &str = "own name";

/// What to think of a row, as of the time of its look; nothing of what was not surveyed.
pub(super) fn judged(row: &Row, scale: &Scale) -> Option<Assessment> {
    let evidence = row.evidence.as_ref()?;
    Some(assess(evidence, &History::default(), evidence.taken_at, scale.yardstick()))
}

/// The verdict, as far as it is known: a name without a record needs no survey.
pub(super) fn verdict_of(row: &Row, assessment: Option<&Assessment>) -> Option<Verdict> {
    match (assessment, &row.swept) {
        (Some(assessment), _) => Some(assessment.verdict),
        (None, Swept::Failed(_) | Swept::Excluded) => None,
        (None, swept) => (!swept.is_hit()).then_some(Verdict::NotDeployed),
    }
}

/// The word of what the first stage saw.
pub(super) const fn first_stage(swept: &Swept) -> &'static str {
    match swept {
        Swept::Records(_) => "records",
        Swept::NoData => "no_data",
        Swept::NxDomain => "nx_domain",
        Swept::Excluded => "excluded",
        Swept::Failed(SweepFailure::Timeout) => "timeout",
        Swept::Failed(SweepFailure::ServFail) => "serv_fail",
        Swept::Failed(SweepFailure::Refused) => "refused",
        Swept::Failed(SweepFailure::Malformed) => "malformed",
        Swept::Failed(SweepFailure::Unsent) => "unsent",
    }
}

/// The record of a row, with its findings and MX hosts.
pub(super) fn flatten(row: &Row, assessment: Option<&Assessment>) -> Judged {
    let mut flat = Flat {
        position: row.position,
        domain: row.domain.as_str().to_owned(),
        first_stage: first_stage(&row.swept),
        hit: row.swept.is_hit(),
        surveyed: row.evidence.is_some(),
        verdict: verdict_of(row, assessment).map(verdict_word),
        ..Flat::default()
    };
    let (Some(evidence), Some(assessment)) = (&row.evidence, assessment) else {
        return Judged { flat, ..Judged::default() };
    };
    let seen = look(evidence);
    flat.taken_at = Some(evidence.taken_at);
    flat.worst_severity = assessment.findings.iter().map(|f| f.severity).max().map(severity_word);
    flat.worst_consequence = assessment.findings.iter().map(|f| f.consequence).max().map(consequence_word);
    flat.id = seen.id.map(|id| visible(&id).into_owned());
    flat.mode = seen.policy.as_ref().map(|policy| policy.mode.to_string());
    flat.max_age = seen.policy.map(|policy| policy.max_age);
    flat.record_secure =
        (!matches!(evidence.record.outcome, Outcome::NotTested(_))).then(|| evidence.record.is_secure());
    flat.record_delegation = delegation(&evidence.record);
    flat.policy_host_delegation = policy_host(evidence).map(|name| visible(name).into_owned());
    flat.policy_host_provider = policy_host(evidence).map(operator_of);
    let hosts = mx_hosts(evidence);
    flat.mx_count = match &evidence.mx.outcome {
        Outcome::Records(_) => Some(hosts.len() as u64),
        Outcome::NoData | Outcome::NxDomain => Some(0),
        Outcome::Failed(_) | Outcome::NotTested(_) => None,
    };
    flat.mx_providers = providers(row.domain.as_str(), &hosts);
    flat.tlsrpt = tlsrpt(evidence);
    flat.dane = dane(assessment);
    flat.classes = survey_classes(assessment).into_iter().map(judge::SurveyClass::as_str).collect();
    flat.findings = assessment.findings.iter().map(full_code).collect();
    let hosts = hosts.iter().map(|(preference, host)| {
        let protection = assessment.protection.iter().find(|row| row.host == *host);
        FlatHost {
            host: visible(host).into_owned(),
            preference: *preference,
            provider: provider_of(row.domain.as_str(), host),
            mechanism: protection.map(|row| mechanism_word(row.mechanism)),
            deliverable: protection.and_then(|row| row.deliverable),
        }
    });
    Judged { hosts: hosts.collect(), findings: assessment.findings.iter().map(finding).collect(), flat }
}

fn finding(finding: &judge::Finding) -> FlatFinding {
    FlatFinding {
        code: finding.code.to_owned(),
        detail: finding.detail.as_deref().map(|detail| visible(detail).into_owned()),
        severity: severity_word(finding.severity),
        consequence: consequence_word(finding.consequence),
        layer: layer_word(finding.layer),
        subject: visible(&finding.subject).into_owned(),
        fact: visible(&finding.fact).into_owned(),
        clause: finding.clause.to_owned(),
    }
}

/// `code`, or `code:detail`.
pub(super) fn full_code(finding: &judge::Finding) -> String {
    match &finding.detail {
        Some(detail) => format!("{}:{}", finding.code, visible(detail)),
        None => finding.code.to_owned(),
    }
}

/// The MX hosts as published, each once; the null MX is none.
pub(super) fn mx_hosts(evidence: &Evidence) -> Vec<(u16, String)> {
    let mut hosts: Vec<(u16, String)> = evidence
        .mx
        .records()
        .iter()
        .filter(|mx| !mx.host.is_empty())
        .map(|mx| (mx.preference, mx.host.clone()))
        .collect();
    hosts.sort();
    let mut seen = std::collections::HashSet::new();
    hosts.retain(|(_, host)| seen.insert(host.clone()));
    hosts
}

/// Who runs the MX hosts, each once.
pub(super) fn providers(domain: &str, hosts: &[(u16, String)]) -> Vec<String> {
    let mut providers: Vec<String> = hosts.iter().map(|(_, host)| provider_of(domain, host)).collect();
    providers.sort();
    providers.dedup();
    providers
}

fn provider_of(domain: &str, host: &str) -> String {
    match provider(host) {
        Some(name) => name.to_owned(),
        None if registrable(host) == registrable(domain) => OWN.to_owned(),
        None => visible(&registrable(host)).into_owned(),
    }
}

/// Where a CNAME leads from the policy host.
pub(super) fn policy_host(evidence: &Evidence) -> Option<&str> {
    let host = &evidence.policy_host;
    host.a.aliases.last().or(host.aaaa.aliases.last()).map(String::as_str)
}

fn delegation<T>(answer: &Answer<T>) -> Option<String> {
    answer.aliases.last().map(|name| visible(name).into_owned())
}

/// Whether there is a TLSRPT record. RFC 8460 §3: it begins with its version.
pub(super) fn tlsrpt(evidence: &Evidence) -> Option<bool> {
    match &evidence.tlsrpt.outcome {
        Outcome::Records(records) => {
            Some(records.iter().map(Txt::joined).any(|record| record.starts_with(b"v=TLSRPTv1")))
        }
        Outcome::NoData | Outcome::NxDomain => Some(false),
        Outcome::Failed(_) | Outcome::NotTested(_) => None,
    }
}

/// How many of the MX hosts have usable DANE.
pub(super) fn dane(assessment: &Assessment) -> Option<&'static str> {
    let has = |row: &&judge::MxProtection| matches!(row.mechanism, Mechanism::Dane | Mechanism::Both);
    let with = assessment.protection.iter().filter(has).count();
    match (with, assessment.protection.len()) {
        (_, 0) => None,
        (0, _) => Some("none"),
        (with, all) if with == all => Some("all"),
        _ => Some("some"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_by_name() {
        let hosts = |names: &[&str]| names.iter().map(|name| (10, (*name).to_owned())).collect::<Vec<_>>();
        for (names, expected) in [
            (vec!["aspmx.l.google.com", "alt1.aspmx.l.google.com"], vec!["Google Workspace"]),
            (vec!["mx1.example.co.uk", "mx.backup.example.net"], vec!["example.net", OWN]),
            (vec![], vec![]),
        ] {
            assert_eq!(providers("www.example.co.uk", &hosts(&names)), expected);
        }
    }
}
