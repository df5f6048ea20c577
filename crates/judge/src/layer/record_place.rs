//! Layer 1, continued: what surrounds the record: wrong places, wildcards, name servers, delegation.

use std::collections::BTreeSet;

use protocol::observed::{Outcome, Txt};
use protocol::sts;

use super::wording::{self, NO_POLICY};
use crate::case::{Case, RecordState};
use crate::draft::{Draft, listed, quoted};
use crate::hosted::Operator;

/// The findings on the record's surroundings.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    [
        wrong_place(case),
        wildcard(case),
        servers_disagree(case),
        policy_without_record(case),
        delegation_half(case),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn wrong_place(case: &Case<'_>) -> Option<Draft> {
    if case.record.is_valid() || matches!(case.record, RecordState::NotTested(_)) {
        return None;
    }
    let places = misplaced(case);
    (!places.is_empty()).then(|| {
        Draft::new("mta_sts_record_wrong_place", case.record_name())
            .fact(format!("There is an MTA-STS record at {}, where no sender looks.", listed(&places)))
            .meaning(NO_POLICY)
            .remedy(format!("Move the record to {}.", case.record_name()))
            .paste(wording::record(case.evidence.domain.as_str(), case.now))
    })
}

/// The wrong names at which a record stands.
pub(crate) fn misplaced<'a>(case: &'a Case<'_>) -> Vec<&'a str> {
    let elsewhere = case.evidence.surroundings.elsewhere.iter();
    elsewhere
        .filter(|answer| answer.records().iter().any(|txt| txt.joined().starts_with(sts::RECORD_PREFIX)))
        .map(|answer| answer.name.as_str())
        .collect()
}

fn wildcard(case: &Case<'_>) -> Option<Draft> {
    let sibling = case.evidence.surroundings.sibling.seen()?;
    let texts = |records: &[Txt]| records.iter().map(Txt::joined).collect::<BTreeSet<_>>();
    let (here, there) = (texts(case.evidence.record.records()), texts(sibling.records()));
    let is_wildcard = here == there && here.iter().any(|text| text.starts_with(sts::RECORD_PREFIX));
    is_wildcard.then(|| {
        Draft::new("mta_sts_record_wildcard", case.record_name())
            .fact(format!(
                "A wildcard answers for {}: {} has the same TXT records.",
                case.record_name(),
                quoted(&sibling.name)
            ))
            .meaning(
                "The record appears at every name below the domain, and changes to the wildcard change it.",
            )
            .remedy(format!("Publish the record at {} itself.", case.record_name()))
    })
}

fn servers_disagree(case: &Case<'_>) -> Option<Draft> {
    let servers = case.evidence.surroundings.servers.seen()?;
    let mut answers: Vec<(String, BTreeSet<Vec<u8>>)> = Vec::new();
    for server in servers {
        let texts = match server.answer.seen() {
            Some(Outcome::Records(records)) => records.iter().map(Txt::joined).collect(),
            Some(Outcome::NoData | Outcome::NxDomain) => BTreeSet::new(),
            _ => continue,
        };
        answers.push((format!("{} ({})", quoted(&server.server), server.address), texts));
    }
    let distinct: BTreeSet<_> = answers.iter().map(|(_, texts)| texts).collect();
    (distinct.len() > 1).then(|| {
        let mut draft = Draft::new("mta_sts_record_servers_disagree", case.record_name())
            .fact(format!("The name servers give {} different answers for {}.", distinct.len(), case.record_name()))
            .meaning("What senders see depends on the server that they ask: a change is half-way, or a server is stale.")
            .remedy("Wait for the zone transfer, then look at the server that still gives the old answer.");
        for (server, texts) in &answers {
            let texts: Vec<_> = texts.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect();
            draft = draft.evidence(server, listed(&texts));
        }
        draft
    })
}

fn policy_without_record(case: &Case<'_>) -> Option<Draft> {
    // R8, rule 38
    let absent = matches!(case.record, RecordState::Absent) && misplaced(case).is_empty();
    let served = absent && case.policy.is_obtained();
    (served && case.policy.tolerant().is_some()).then(|| {
        Draft::new("mta_sts_policy_without_record", case.policy_url())
            .fact(format!("A policy is served, and there is no record at {}.", case.record_name()))
            .meaning("Nobody will look for the policy: senders begin with the record.")
            .remedy("Publish the record; or, if MTA-STS is being retired, take the policy host down.")
            .paste(wording::record(case.evidence.domain.as_str(), case.now))
    })
}

fn delegation_half(case: &Case<'_>) -> Option<Draft> {
    let host = &case.evidence.policy_host;
    let aliases = if host.a.aliases.is_empty() { &host.aaaa.aliases } else { &host.a.aliases };
    let (record, policy) = (away(case, &case.evidence.record.aliases), away(case, aliases));
    let first = record.first()?;
    // Without addresses there is nothing to compare: that is a finding of its own.
    let has_address = !host.a.records().is_empty() || !host.aaaa.records().is_empty();
    if !has_address || record.iter().any(|one| policy.iter().any(|other| one.is_same(other))) {
        return None;
    }
    let (name, policy_name) = (case.record_name(), quoted(&host.name));
    let (detail, fact, remedy) = match policy.first() {
        Some(other) => (
            "two_providers",
            format!(
                "{name} is delegated by CNAME to {}, and {policy_name} to another provider, {}.",
                first.shown(),
                other.shown()
            ),
            "Delegate both names to the same provider, or none (RFC 8461 §8.2).",
        ),
        None => (
            "policy_host_not_delegated",
            format!(
                "{name} is delegated by CNAME to {}, and {policy_name} is not delegated by CNAME.",
                first.shown()
            ),
            "Delegate both names to the same provider, or none (RFC 8461 §8.2). If your own web server passes on that \
             provider's policy, all is well.",
        ),
    };
    Some(
        Draft::new("mta_sts_delegation_half", name)
            .detail(detail)
            .fact(fact)
            .meaning(
                "The id and the policy are in different hands: when one changes without the other, senders keep an \
                 old policy.",
            )
            .remedy(remedy)
            .paste(format!("{policy_name}. 3600 IN CNAME <policy host that {} names for you>.", first.shown())),
    )
}

/// Who runs the names that a chain of CNAMEs leads to, outside the domain's own.
fn away(case: &Case<'_>, aliases: &[String]) -> Vec<Operator> {
    let own = Operator::of(case.evidence.domain.as_str());
    let mut found = Vec::new();
    for operator in aliases.iter().map(|alias| Operator::of(alias)) {
        if !operator.is_same(&own) && !found.contains(&operator) {
            found.push(operator);
        }
    }
    found
}
