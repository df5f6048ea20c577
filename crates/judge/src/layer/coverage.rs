//! Layer 4: does the policy name every host that mail goes to?

use protocol::observed::{NotTestedReason, Outcome, SessionOutcome};
use protocol::sts::Mode;

use super::record::failure_words;
use super::wording::{self, THEN_NEW_ID};
use crate::Consequence;
use crate::case::{Candidate, Case, HostView, untested};
use crate::catalogue::MX_MISMATCH;
use crate::draft::{Draft, listed, quoted};

/// Most addresses that are pasted for one host: no MX host needs more.
const MAX_PASTED: usize = 8;

/// The findings on the MX records and their match with the policy.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    found.extend(records(case));
    found.extend(mismatch(case));
    found.extend(unused(case));
    for host in &case.hosts {
        found.extend(of_host(case, host));
    }
    found.extend(literals(case));
    found
}

fn records(case: &Case<'_>) -> Option<Draft> {
    let domain = case.evidence.domain.as_str();
    match &case.evidence.mx.outcome {
        Outcome::NotTested(_) => None,
        Outcome::Failed(failure) => {
            let (detail, fact, remedy) = failure_words(failure);
            let mut draft = Draft::new("mx_dns_failure", domain)
                .detail(detail)
                .fact(format!("The MX lookup for {domain} fails: {fact}."))
                .meaning("Senders that get this answer defer mail and try again.")
                .remedy(remedy);
            if let Some(reason) = &case.evidence.mx.security.reason {
                draft = draft.evidence("dnssec", reason);
            }
            Some(draft)
        }
        Outcome::NoData | Outcome::NxDomain => {
            let fact = match case.evidence.mx.outcome {
                Outcome::NxDomain => format!("{domain} does not exist in DNS, and so has no MX records."),
                _ => format!("{domain} has no MX records."),
            };
            // Mail goes to the domain's own addresses today, and the policy has to name the domain: an MX record that
            // says the same changes nothing for senders. Without addresses mail has nowhere to go.
            let has_address = |host: &HostView<'_>| !host.host.a.is_absent() || !host.host.aaaa.is_absent();
            let is_host = matches!(case.evidence.mx.outcome, Outcome::NoData)
                && (case.hosts.is_empty() || case.hosts.iter().any(has_address));
            let paste = match is_host {
                true => format!("{domain}. 3600 IN MX 10 {domain}."),
                false => format!("{domain}. 3600 IN MX 0 ."),
            };
            Some(
                Draft::new("mx_missing", domain)
                    .fact(fact)
                    .meaning(
                        "Senders then deliver to the domain's own addresses, if it has any; a policy must name the \
                         domain itself.",
                    )
                    .remedy("Publish an MX record that names the host where mail arrives today; or, if the domain takes no mail, a null MX \
                         (RFC 7505).")
                    .paste(paste),
            )
        }
        Outcome::Records(records) => {
            let null = records.iter().filter(|mx| mx.host.is_empty()).count();
            if null == 0 {
                return None;
            }
            if null == records.len() {
                return Some(
                    Draft::new("mx_null", domain)
                        .fact(format!("{domain} has a null MX: it takes no mail."))
                        .meaning("There is no mail to protect, so that MTA-STS and TLSRPT have no use here.")
                        .remedy("Nothing to do."),
                );
            }
            // RFC 7505 §3: a null MX stands alone (rule 63).
            Some(
                Draft::new("mx_null_with_others", domain)
                    .fact(format!("{domain} has a null MX beside {} other MX records.", records.len() - null))
                    .meaning("Some senders take the domain as one without mail and return the mail to their user at once.")
                    .remedy("Remove the MX record whose host is a single dot.")
                    .paste(format!("; remove: {domain}. IN MX 0 .")),
            )
        }
    }
}

/// The hosts that no pattern names. An address in place of a name is no host, and a finding of its own: no pattern can
/// name it, and no sender finds it, with or without a policy.
pub(crate) fn uncovered<'a>(case: &'a Case<'_>) -> Vec<&'a Candidate> {
    let uncovered = |candidate: &&Candidate| !candidate.is_literal && candidate.covered == Some(false);
    case.candidates.iter().filter(uncovered).collect()
}

/// Which part of the MX hosts is not covered: `all`, `preferred` or `backup` (C9, R48).
pub(crate) fn extent(case: &Case<'_>) -> Option<&'static str> {
    let missing = uncovered(case);
    let first = missing.first()?;
    let named = case.candidates.iter().any(|candidate| candidate.covered == Some(true));
    let best = case.candidates.iter().map(|candidate| candidate.preference).min();
    Some(match (named, best == Some(first.preference)) {
        (false, _) => "all",
        (true, true) => "preferred",
        (true, false) => "backup",
    })
}

fn mismatch(case: &Case<'_>) -> Option<Draft> {
    // RFC 8461 §4.1 (rule 64)
    let extent = extent(case)?;
    let missing = uncovered(case);
    let policy = case.policy.matched()?;
    let names: Vec<String> = missing
        .iter()
        .map(|candidate| format!("{} (preference {})", candidate.name, candidate.preference))
        .collect();
    let enforced = case.enforced();
    let left = case.some_path_is_left();
    let consequence = match (enforced, left) {
        (false, _) => Consequence::None,
        (true, false) => Consequence::DeliveryLost,
        (true, true) => Consequence::DeliveryDegraded,
    };
    let these = if missing.len() == 1 { "this host" } else { "these hosts" };
    let meaning = match (enforced, extent) {
        (false, _) if case.used_policy().is_some_and(|policy| policy.mode == Mode::Testing) => {
            format!("In mode testing senders deliver and report this; in enforce they would pass {these} by.")
        }
        (true, "backup") if left => {
            format!(
                "Senders that honour the policy pass {these} by: while the preferred hosts work, mail arrives; the \
                 backup is lost to them."
            )
        }
        _ => wording::skipped(enforced, left).to_owned(),
    };
    let lines: Vec<String> = missing
        .iter()
        .filter(|candidate| case.nameable().any(|nameable| nameable == **candidate))
        .map(|candidate| format!("mx: {}", candidate.name))
        .collect();
    let remedy = match lines.is_empty() {
        false => format!(
            "Either add these lines to the policy, or, if a host is no longer in use, remove its MX record. {THEN_NEW_ID}"
        ),
        true => "No policy can name such a host: rename it, or remove its MX record.".to_owned(),
    };
    let patterns: Vec<&str> = policy.mx.iter().map(protocol::MxPattern::as_str).collect();
    let mut draft = Draft::new(MX_MISMATCH, case.evidence.domain.as_str())
        .detail(extent)
        .costs(consequence)
        .fact(format!("The policy does not name {}; it names {}.", listed(&names), listed(&patterns)))
        .meaning(meaning)
        .remedy(remedy);
    if !lines.is_empty() {
        draft = draft.paste(wording::announced(case, &lines.join("\n")));
    }
    for candidate in missing {
        draft = draft.evidence("mx", format!("{} {}", candidate.preference, candidate.name));
    }
    Some(draft)
}

fn unused(case: &Case<'_>) -> Option<Draft> {
    let policy = case.policy.matched()?;
    // Without MX hosts to compare with, every pattern would seem unused.
    if case.candidates.is_empty() || matches!(case.record, crate::case::RecordState::Absent) {
        return None;
    }
    let idle: Vec<&str> = policy
        .mx
        .iter()
        .filter(|pattern| !case.candidates.iter().any(|candidate| pattern.matches(&candidate.name)))
        .map(protocol::MxPattern::as_str)
        .collect();
    (!idle.is_empty()).then(|| {
        Draft::new("mx_pattern_unused", case.policy_url())
            .fact(format!("No MX host matches {}.", listed(&idle)))
            .meaning("Wanted while MX hosts move; otherwise what is left over widens what senders accept.")
            .remedy(format!("When no move is under way, remove the line. {THEN_NEW_ID}"))
    })
}

fn of_host(case: &Case<'_>, view: &HostView<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    let host = view.host;
    let name = quoted(&host.name);
    let aliases = if host.a.aliases.is_empty() { &host.aaaa.aliases } else { &host.a.aliases };
    if let Some(target) = aliases.first().filter(|_| !host.implicit) {
        // RFC 2181 §10.3, RFC 5321 §5.1 (rule 67)
        found.push(alias(case, view, &name, &quoted(target)));
    }
    let literal = case.candidates.iter().any(|candidate| candidate.is_literal && candidate.name == name);
    let has_address = !host.a.records().is_empty() || !host.aaaa.records().is_empty();
    if has_address {
        found.extend(private(view, &name));
    } else if !literal && untested(&host.a.outcome).or(untested(&host.aaaa.outcome)).is_none() {
        found.push(no_address(view, &name));
    }
    found
}

fn alias(case: &Case<'_>, view: &HostView<'_>, name: &str, target: &str) -> Draft {
    let host = view.host;
    let draft = Draft::new("mx_cname", name)
        .fact(format!("The MX host {name} is a CNAME to {target}."))
        .meaning(
            "Some senders do not follow it; those that do compare policy and certificate with the name in the MX \
             record.",
        );
    let v4 = host.a.records().iter().map(|address| format!("{name}. 3600 IN A {address}"));
    let v6 = host.aaaa.records().iter().map(|address| format!("{name}. 3600 IN AAAA {address}"));
    let lines: Vec<String> = v4.chain(v6).take(MAX_PASTED).collect();
    // With another name in the MX record the policy would have to name that one first.
    if !lines.is_empty() {
        return draft
            .remedy(
                "Give the host address records of its own in place of the CNAME. To name the target in the MX record \
                 instead, add it to the policy first, then publish a new id, then change the MX record.",
            )
            .paste(format!("; in place of the CNAME at {name}:\n{}", lines.join("\n")));
    }
    let named = case.policy.matched().is_none_or(|policy| policy.mx.iter().any(|mx| mx.matches(target)));
    let draft = draft.remedy(
        "Give the host address records of its own in place of the CNAME; or let the policy name the target first, and \
         then the MX record.",
    );
    match named {
        true => draft.paste(format!("{}. 3600 IN MX {} {target}.", case.evidence.domain, host.preference)),
        false => draft,
    }
}

fn no_address(view: &HostView<'_>, name: &str) -> Draft {
    let failure = match (&view.host.a.outcome, &view.host.aaaa.outcome) {
        (Outcome::Failed(failure), _) | (_, Outcome::Failed(failure)) => Some(failure),
        _ => None,
    };
    match failure {
        Some(failure) => {
            let (detail, fact, remedy) = failure_words(failure);
            Draft::new("mx_dns_failure", name)
                .detail(detail)
                .fact(format!("The address lookup for the MX host {name} fails: {fact}."))
                .meaning("Senders go on to the other MX hosts, or defer the mail and try again.")
                .remedy(remedy)
        }
        None => Draft::new("mx_no_address", name)
            .fact(format!("The MX host {name} has neither an A nor an AAAA record."))
            .meaning("No sender can deliver there; they go on to the other MX hosts, or return the mail to their user.")
            .remedy("Give the host an address, or remove its MX record.")
            .paste(format!("{name}. 3600 IN A 192.0.2.25 ; your host's address")),
    }
}

/// Every address belongs to a private network. Told by the looker's refusal, so that addresses that the user allowed
/// are never named.
fn private(view: &HostView<'_>, name: &str) -> Option<Draft> {
    let private = |path: &crate::case::PathView<'_>| match &path.session.outcome {
        SessionOutcome::NotTested(why) => why.reason == NotTestedReason::TargetNotAllowed,
        _ => false,
    };
    let all = !view.paths.is_empty() && view.paths.iter().all(private);
    all.then(|| {
        let addresses: Vec<_> = view.paths.iter().map(|path| path.session.address.to_string()).collect();
        Draft::new("mx_address_private", name)
            .fact(format!(
                "The MX host {name} has only the address {}, not of the public internet.",
                listed(&addresses)
            ))
            .meaning("No sender outside that network can deliver there.")
            .remedy("Publish the address by which the internet reaches the host, or remove its MX record.")
    })
}

fn literals(case: &Case<'_>) -> Vec<Draft> {
    let literal = |candidate: &&Candidate| candidate.is_literal;
    case.candidates
        .iter()
        .filter(literal)
        .map(|candidate| {
            let domain = case.evidence.domain.as_str();
            Draft::new("mx_address_literal", candidate.name.clone())
                .fact(format!("The MX record of preference {} holds an address, {}.", candidate.preference, candidate.name))
                .meaning("An MX record must hold a host name: senders look the address up as a name and find nothing.")
                .remedy(
                    "Put the name of the host into the MX record in place of its address; a policy has to name that \
                     host first.",
                )
                .paste(format!(
                    "{domain}. 3600 IN MX {} <host that has the address {}>.",
                    candidate.preference, candidate.name
                ))
        })
        .collect()
}

/// One line on the layer.
pub(crate) fn summary(case: &Case<'_>) -> String {
    if let Some(why) = untested(&case.evidence.mx.outcome) {
        return format!("not tested, because {}", why.text);
    }
    if let Outcome::Failed(failure) = &case.evidence.mx.outcome {
        return format!("the MX lookup fails: {}", failure_words(failure).1);
    }
    if case.takes_no_mail() {
        return "null MX: the domain takes no mail".to_owned();
    }
    let total = case.candidates.len();
    let covered = case.candidates.iter().filter(|candidate| candidate.covered == Some(true)).count();
    match (total, case.policy.matched()) {
        (0, _) => "no MX hosts".to_owned(),
        (1, None) => "one MX host, and no policy to compare with".to_owned(),
        (total, None) => format!("{total} MX hosts, and no policy to compare with"),
        (total, Some(_)) if covered == total => match total {
            1 => "the policy names the one MX host".to_owned(),
            _ => format!("the policy names all {total} MX hosts"),
        },
        (total, Some(_)) => format!("the policy names {covered} of {total} MX hosts"),
    }
}
