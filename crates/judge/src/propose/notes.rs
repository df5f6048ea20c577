//! What else to know about a proposal: nothing here keeps it from being made.

use protocol::MxPattern;
use protocol::sts::{Mode, inspect_policy};

use super::id::{IdStrategy, IdWish, is_bare_date};
use super::id_in_use_is_unknown;
use super::proposal::{Change, Note, Proposal};
use super::wish::Wish;
use crate::case::{Case, PathState, RecordState};
use crate::draft::{listed, quoted};
use crate::{MaxAgeAdvice, is_too_wide};

/// The notes, what concerns mail first.
pub(super) fn of(proposal: &Proposal, wish: &Wish, case: Option<&Case<'_>>) -> Vec<Note> {
    let mut notes = Notes(Vec::new());
    if proposal.change == Change::Unchanged {
        notes.add("unchanged", "policy-id", unchanged(proposal));
    }
    mode(proposal, wish, case, &mut notes);
    disputed(proposal, &mut notes);
    mail_hosts(proposal, case, &mut notes);
    max_age(wish, &mut notes);
    id(proposal, wish, case, &mut notes);
    delegation(proposal, wish, case, &mut notes);
    reports(proposal, wish, case, &mut notes);
    notes.0
}

struct Notes(Vec<Note>);

impl Notes {
    fn add(&mut self, code: &'static str, page: &'static str, text: impl Into<String>) {
        self.0.push(Note { code, text: text.into(), page });
    }
}

fn unchanged(proposal: &Proposal) -> String {
    format!(
        "The policy says what the one in use says, and the id {} stays: there is nothing to publish.",
        proposal.id
    )
}

fn mode(proposal: &Proposal, wish: &Wish, case: Option<&Case<'_>>, notes: &mut Notes) {
    match wish.mode {
        Mode::Testing => {
            if case.is_some_and(Case::enforced) {
                notes.add(
                    "steps_back",
                    "rollback",
                    "The policy in use is in mode enforce, and this one steps back to testing. To stay, ask for \
                     --mode enforce.",
                );
            }
        }
        Mode::None => notes.add(
            "mode_none",
            "retire",
            "Mode none withdraws a policy (RFC 8461 §8.3): serve it until the longest max_age that you ever announced \
             has passed, then remove the record, then the host.",
        ),
        Mode::Enforce => {
            let unproven = case.map_or_else(|| proposal.hosts.clone(), unproven);
            if case.is_none() || !unproven.is_empty() {
                let seen = match case {
                    None => "nothing was looked at".to_owned(),
                    Some(_) => format!("not seen at {}", listed(&unproven)),
                };
                notes.add(
                    "enforce_unproven",
                    "enforce",
                    format!(
                        "In mode enforce senders pass by every MX host without STARTTLS and a valid certificate, and \
                         that yours have them at every address was not proven here ({seen}). `mta-sts ready {}` shows \
                         what is open.",
                        proposal.domain
                    ),
                );
            }
            if case.is_none_or(|case| case.used_policy().is_none()) {
                notes.add(
                    "enforce_without_testing",
                    "rollout",
                    "No policy in use was seen. Begin with mode testing, so that reports show what enforce would keep \
                     from being delivered.",
                );
            }
        }
    }
}

/// The MX hosts of which not every address showed TLS with a good certificate.
fn unproven(case: &Case<'_>) -> Vec<String> {
    let good = |name: &str| {
        let host = case.hosts.iter().find(|host| host.host.name == name);
        host.is_some_and(|host| {
            !host.paths.is_empty() && host.paths.iter().all(|path| path.state == PathState::Good)
        })
    };
    case.candidates.iter().map(|host| host.name.clone()).filter(|name| !good(name)).collect()
}

/// Names that the strict reader accepts and over which senders differ all the same.
fn disputed(proposal: &Proposal, notes: &mut Notes) {
    let (_, oddities) = inspect_policy(proposal.policy.bytes());
    for oddity in oddities {
        let text = proposal.policy.as_str().get(oddity.start..oddity.end).unwrap_or_default();
        notes.add("mx_disputed", "oddities", format!("{}: {}", quoted(text.trim()), oddity.text));
    }
}

fn mail_hosts(proposal: &Proposal, case: Option<&Case<'_>>, notes: &mut Notes) {
    let patterns = proposal.patterns.iter().map(|named| &named.pattern);
    let wide: Vec<&str> = patterns.filter(|pattern| is_too_wide(pattern)).map(MxPattern::as_str).collect();
    if !wide.is_empty() {
        notes.add(
            "pattern_too_wide",
            "mta_sts_mx_pattern_too_wide",
            format!(
                "{} allows hosts of strangers, and perhaps not your own: `*` is one label. Name the hosts.",
                listed(&wide)
            ),
        );
    }
    let Some(case) = case else { return };
    let covers = |host: &str| proposal.patterns.iter().any(|named| named.pattern.matches(host));
    let missing: Vec<&str> =
        case.candidates.iter().map(|host| host.name.as_str()).filter(|host| !covers(host)).collect();
    if !missing.is_empty() && proposal.policy.policy().mode != Mode::None {
        notes.add(
            "mx_not_covered",
            "mx-pattern",
            format!(
                "The policy does not name {}, which the MX records name: in mode enforce senders would pass it by.",
                listed(&missing)
            ),
        );
    }
    let records = case.evidence.mx.records();
    if records.iter().any(|mx| mx.host.is_empty()) && !case.takes_no_mail() {
        notes.add(
            "mx_null_beside",
            "null-mx",
            "A null MX stands beside the other MX records: some senders take the domain as one without mail. Remove it.",
        );
    }
}

fn max_age(wish: &Wish, notes: &mut Notes) {
    let max_age = wish.max_age();
    match wish.max_age_profile.advice(wish.mode, max_age) {
        None => {}
        Some(MaxAgeAdvice::Short { wanted, .. }) => notes.add(
            "max_age_short",
            "mta_sts_max_age_short",
            format!(
                "max_age {max_age} is short for mode {}: senders soon forget the policy, and an attacker who hides it \
                 has to wait that long only. {wanted} or more is better.",
                wish.mode
            ),
        ),
        Some(MaxAgeAdvice::VeryLong) => notes.add(
            "max_age_very_long",
            "mta_sts_max_age_very_long",
            format!("max_age {max_age} is legal and very long: some senders use the old policy that long after a change."),
        ),
    }
}

fn id(proposal: &Proposal, wish: &Wish, case: Option<&Case<'_>>, notes: &mut Notes) {
    // A delegated record has the id of the provider.
    if id_in_use_is_unknown(case, wish) && wish.delegate.is_none() {
        let words = match &wish.id {
            IdWish::Given(_) => "see that this one differs from it, or name it with --previous-id.",
            IdWish::Made(IdStrategy::Timestamp) => "this one is made from the time, so that it is a new one.",
            IdWish::Made(IdStrategy::Counter) => {
                "there is nothing to count on from, and this one is made from the time, so that it is a new one. To \
                 count on, name the one in use with --previous-id."
            }
            IdWish::Made(IdStrategy::ContentHash) => {
                "this one is made from the policy, so that no other policy has it."
            }
        };
        notes.add("id_in_use_unknown", "policy-id", format!("The id in use is not known here: {words}"));
    }
    if is_bare_date(&proposal.id) && proposal.change != Change::Unchanged {
        notes.add(
            "id_day_granularity",
            "mta_sts_id_day_granularity",
            "The id is a date: a second change on the same day needs another id. Put the time into it too.",
        );
    }
}

fn delegation(proposal: &Proposal, wish: &Wish, case: Option<&Case<'_>>, notes: &mut Notes) {
    let domain = &proposal.domain;
    if let Some(provider) = &wish.delegate {
        notes.add(
            "delegated",
            "delegation",
            format!(
                "{provider} has to serve this policy for mta-sts.{domain}, with a certificate for that name, and to \
                 answer for _mta-sts with the id: from then on the two change there and not with you (RFC 8461 §8.2)."
            ),
        );
    } else if let Some(delegation) = proposal.preset.and_then(|preset| preset.delegation) {
        notes.add(
            "provider_serves",
            "delegation",
            format!(
                "The provider has both halves itself: _mta-sts.{domain} as an alias of {}, and the policy of {}. {} \
                 Or publish the policy and the record shown here, both your own.",
                delegation.record, delegation.policy_host, delegation.how
            ),
        );
    }
    let Some(case) = case else { return };
    let record = &case.evidence.record;
    if wish.delegate.is_none()
        && let Some(target) = record.aliases.last()
    {
        notes.add(
            "record_is_alias",
            "delegation",
            format!(
                "_mta-sts.{domain} is an alias of {} today: the id changes there, or the alias has to go before this \
                 record can stand.",
                quoted(target)
            ),
        );
    }
    if matches!(case.record, RecordState::Faulty(_)) && record.aliases.is_empty() {
        notes.add(
            "record_replaced",
            "mta_sts_record_syntax",
            format!(
                "What _mta-sts.{domain} holds today is no valid record: this one takes its place, as the only one \
                 that begins v=STSv1."
            ),
        );
    }
}

fn reports(proposal: &Proposal, wish: &Wish, case: Option<&Case<'_>>, notes: &mut Notes) {
    let domain = &proposal.domain;
    let published = case.and_then(|case| {
        let texts: Vec<Vec<u8>> =
            case.evidence.tlsrpt.records().iter().map(protocol::observed::Txt::joined).collect();
        protocol::tlsrpt::read_records(&texts).ok()
    });
    match (&proposal.tlsrpt_record, &published) {
        (None, None) => notes.add(
            "no_tlsrpt",
            "tlsrpt",
            format!(
                "No TLSRPT record is proposed, since no target is known: without reports nobody sees what fails. \
                 Name one with --rua, outside {domain} if you can: --rua mailto:tls-reports@reports.example"
            ),
        ),
        (None, Some(_)) => notes.add(
            "tlsrpt_stays",
            "tlsrpt",
            format!("_smtp._tls.{domain} has a valid TLSRPT record already; it stays as it is."),
        ),
        (Some(text), Some(record)) if record.to_string() != *text => notes.add(
            "tlsrpt_replaced",
            "tlsrpt",
            format!("This TLSRPT record takes the place of the one that _smtp._tls.{domain} has: {}", quoted(&record.to_string())),
        ),
        (Some(_), _) => {}
    }
    // R61, R107: reports on a broken road must not travel on it.
    if !wish.targets.is_empty() && wish.targets.iter().all(|target| target.is_mail_within(domain)) {
        let costs = match wish.mode {
            Mode::Enforce => "when your MX hosts fail, reports of it may not come through either",
            _ => "once the mode is enforce, reports of a failure may not come through it",
        };
        notes.add(
            "rua_same_domain",
            "tlsrpt_rua_same_domain",
            format!("All reports go by mail to {domain}, whose faults they describe: {costs}. Add a target outside, or one by https."),
        );
    }
    let encoded: Vec<&str> =
        wish.targets.iter().filter(|target| target.encoded).map(|target| target.rua.as_str()).collect();
    if !encoded.is_empty() {
        notes.add(
            "rua_encoded",
            "tlsrpt",
            format!("Exclamation marks, commas and semicolons are percent-encoded in the record (RFC 8460 §3): {}", listed(&encoded)),
        );
    }
}
