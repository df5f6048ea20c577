//! Across layers: other vantage points, and subdomains.

use std::collections::BTreeSet;

use protocol::observed::{Evidence, History, Outcome};
use protocol::sts;

use crate::case::{Case, PathState, RecordState, sha256_of, untested};
use crate::draft::{Draft, listed, quoted};

/// Most vantage points that are compared.
const MAX_VANTAGES: usize = 32;

/// The findings across layers.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    disagree(case).into_iter().chain(subdomains(case)).collect()
}

/// What a look says of things that should be the same from everywhere; `None` where it says nothing.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    record: Option<String>,
    policy: Option<String>,
    mx: Option<BTreeSet<(u16, String)>>,
    hosts: Vec<(String, bool)>,
}

fn seen(case: &Case<'_>) -> Seen {
    let record = match &case.record {
        RecordState::Valid { record, .. } => Some(format!("id {}", record.id)),
        RecordState::Absent => Some("no record".to_owned()),
        RecordState::Faulty(_) => Some("a faulty record".to_owned()),
        RecordState::Failed(_) => Some("a failing lookup".to_owned()),
        RecordState::NotTested(_) => None,
    };
    let policy = match (&case.policy.text, case.policy.is_obtained()) {
        (Some(text), true) => Some(match sha256_of(text) {
            Some(sha256) => format!("the policy with SHA-256 {}…", sha256.get(..12).unwrap_or_default()),
            None => "a policy that cannot be read".to_owned(),
        }),
        _ if super::fetch::not_tested(case).is_some() => None,
        _ => Some("no policy".to_owned()),
    };
    let mx = match &case.evidence.mx.outcome {
        Outcome::Records(records) => {
            Some(records.iter().map(|mx| (mx.preference, mx.host.clone())).collect())
        }
        Outcome::NoData | Outcome::NxDomain => Some(BTreeSet::new()),
        Outcome::Failed(_) | Outcome::NotTested(_) => None,
    };
    let judged = |state| matches!(state, PathState::Good | PathState::Bad);
    let hosts = case
        .hosts
        .iter()
        .filter(|host| host.paths.iter().any(|path| judged(path.state)))
        .map(|host| (host.host.name.clone(), host.paths.iter().all(|path| path.state != PathState::Bad)))
        .collect();
    Seen { record, policy, mx, hosts }
}

fn disagree(case: &Case<'_>) -> Option<Draft> {
    let own = seen(case);
    let empty = History::default();
    let mut differences: Vec<(String, &'static str, String)> = Vec::new();
    let others = case.history.vantages.iter().filter(|other| other.domain == case.evidence.domain);
    for other in others.take(MAX_VANTAGES) {
        let place = quoted(&other.vantage.name);
        let theirs = seen(&Case::new(other, &empty, case.now));
        let mut differ = |what: &'static str, words: String| differences.push((place.clone(), what, words));
        if let (Some(here), Some(there)) = (&own.record, &theirs.record)
            && here != there
        {
            differ("the record", format!("{here} here, {there} there"));
        }
        if let (Some(here), Some(there)) = (&own.policy, &theirs.policy)
            && here != there
        {
            differ("the policy", format!("{here} here, {there} there"));
        }
        if let (Some(here), Some(there)) = (&own.mx, &theirs.mx)
            && here != there
        {
            differ("the MX records", format!("{} here, {} there", hosts(here), hosts(there)));
        }
        for (host, good) in &theirs.hosts {
            let here = own.hosts.iter().find(|(name, _)| name == host);
            if here.is_some_and(|(_, here)| here != good) {
                let words = |good: bool| if good { "passes" } else { "fails" };
                differ(
                    "TLS of an MX host",
                    format!("{} {} here, {} there", quoted(host), words(!good), words(*good)),
                );
            }
        }
    }
    let (place, _, _) = differences.first()?;
    let mut things: Vec<&str> = differences.iter().map(|(_, what, _)| *what).collect();
    things.dedup();
    let differ = match things.as_slice() {
        [thing] if *thing != "the MX records" => "differs",
        _ => "differ",
    };
    let mut draft = Draft::new("vantage_disagree", case.evidence.domain.as_str())
        .fact(format!("Seen from {} and from {place}, {} {differ}.", vantage(case.evidence), listed(&things)))
        .meaning("Senders in different places meet different things: a change is half-way, or somebody interferes.")
        .remedy("Look again after the longest TTL; if it stays, compare the name servers and addresses that each place uses.");
    for (place, what, words) in &differences {
        draft = draft.evidence(place, format!("{what}: {words}"));
    }
    Some(draft)
}

fn vantage(evidence: &Evidence) -> String {
    match evidence.vantage.name.as_str() {
        "" => "here".to_owned(),
        name => quoted(name),
    }
}

fn hosts(mx: &BTreeSet<(u16, String)>) -> String {
    listed(&mx.iter().map(|(preference, host)| format!("{preference} {host}")).collect::<Vec<_>>())
}

fn subdomains(case: &Case<'_>) -> Option<Draft> {
    // RFC 8461 §3.4: a policy is for the exact domain, never for what is below it (rule 78).
    if !case.record.is_valid() {
        return None;
    }
    let open: Vec<&str> = case
        .evidence
        .subdomains
        .iter()
        .filter(|sub| sub.mx.records().iter().any(|mx| !mx.host.is_empty()))
        .filter(|sub| {
            untested(&sub.record.outcome).is_none() && !matches!(sub.record.outcome, Outcome::Failed(_))
        })
        .filter(|sub| !sub.record.records().iter().any(|txt| txt.joined().starts_with(sts::RECORD_PREFIX)))
        .map(|sub| sub.name.as_str())
        .collect();
    let first = open.first()?;
    Some(
        Draft::new("scope_subdomain_unprotected", quoted(first))
            .fact(format!("Mail can go to {}, without an MTA-STS record there.", listed(&open)))
            .meaning("A policy covers its own domain only: mail to addresses below is not protected.")
            .remedy(
                "Publish record and policy for each subdomain that takes mail: when the same policy names its MX hosts, \
                 two CNAMEs do, once the policy host answers for the new name with a certificate that names it. Give \
                 those that take no mail a null MX.",
            )
            .paste(format!(
                "; first the policy host, with a certificate for mta-sts.{sub}:\nmta-sts.{sub}. 3600 IN CNAME {}.\n; then \
                 the record:\n_mta-sts.{sub}. 3600 IN CNAME {}.\n; or, where no mail is taken, only this:\n; {sub}. 3600 \
                 IN MX 0 .",
                quoted(&case.evidence.policy_host.name),
                case.record_name(),
                sub = quoted(first)
            )),
    )
}
