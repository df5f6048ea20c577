//! Findings that need memory: they compare with earlier looks (`--since`).

use jiff::{SignedDuration, Timestamp};
use protocol::observed::{Look, PastPolicy};
use protocol::sts::Mode;

use super::wording;
use crate::case::{Case, sha256_of};
use crate::certificate::date;
use crate::draft::Draft;

/// Testing for longer than this many days is no test any more.
const LONG_TESTING_DAYS: i64 = 90;

/// The findings that need memory.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    if let (Some(id), Some(sha256)) = (case.record.id(), current(case)) {
        found.extend(id_unchanged(case, id, &sha256));
        found.extend(id_changed(case, id, &sha256));
    }
    found.extend(testing_too_long(case));
    found.extend(enforce_without_testing(case));
    found
}

fn current(case: &Case<'_>) -> Option<String> {
    sha256_of(case.policy.text.as_deref().filter(|_| case.policy.is_obtained())?)
}

/// Looks with an id and a policy, newest first.
fn complete<'a>(case: &'a Case<'_>) -> impl Iterator<Item = (&'a Look, &'a str, &'a PastPolicy)> {
    let look = |look: &'a Look| Some((look, look.id.as_deref()?, look.policy.as_ref()?));
    case.history.looks.iter().rev().filter_map(look)
}

fn id_unchanged(case: &Case<'_>, id: &str, sha256: &str) -> Option<Draft> {
    // RFC 8461 §8.1: senders fetch again when the id changes (rule 84). Only the newest look counts: what was mended
    // since is no fault today.
    let (look, past_id, past) = complete(case).next()?;
    (past_id == id && past.sha256 != sha256).then(|| {
        Draft::new("mta_sts_id_unchanged", case.record_name())
            .fact(format!(
                "The policy has changed since the look of {}, and the id is still {id}.",
                date(look.taken_at)
            ))
            .meaning(format!(
                "Senders that hold the earlier policy may keep it for up to {} seconds, its max_age.",
                past.max_age
            ))
            .remedy("Publish the record with a new id.")
            .paste(wording::record(case.evidence.domain.as_str(), case.now))
            .evidence("policy then", format!("sha256 {}", past.sha256))
            .evidence("policy now", format!("sha256 {sha256}"))
    })
}

fn id_changed(case: &Case<'_>, id: &str, sha256: &str) -> Option<Draft> {
    let (look, past_id, past) = complete(case).next()?;
    (past_id != id && past.sha256 == sha256).then(|| {
        Draft::new("mta_sts_id_changed_same_policy", case.record_name())
            .fact(format!(
                "Since the look of {} the id went from {past_id} to {id}, and the policy is the same.",
                date(look.taken_at)
            ))
            .meaning("Harmless: senders fetch the same policy once more.")
            .remedy("Nothing to do; an id need change only with the policy.")
    })
}

/// Since when the domain has been seen in mode testing without a break, by earlier looks.
pub(crate) fn testing_since(case: &Case<'_>) -> Option<Timestamp> {
    let is_testing = |look: &&Look| look.policy.as_ref().is_some_and(|policy| policy.mode == Mode::Testing);
    case.used_policy().filter(|policy| policy.mode == Mode::Testing)?;
    case.history.looks.iter().rev().take_while(is_testing).last().map(|look| look.taken_at)
}

/// Whole days from then to now.
pub(crate) fn days_since(case: &Case<'_>, then: Timestamp) -> i64 {
    case.now.duration_since(then).as_hours() / 24
}

fn testing_too_long(case: &Case<'_>) -> Option<Draft> {
    let since = testing_since(case)?;
    let long = case.now.duration_since(since) > SignedDuration::from_hours(LONG_TESTING_DAYS * 24);
    long.then(|| {
        Draft::new("mta_sts_testing_too_long", case.policy_url())
            .fact(format!(
                "The policy has been in mode testing since {} at least, {} days.",
                date(since),
                days_since(case, since)
            ))
            .meaning("Testing gives reports and no protection: attackers are not stopped.")
            .remedy(format!(
                "Run `mta-sts ready {}` and mend what it names; then switch to enforce.",
                case.evidence.domain
            ))
    })
}

fn enforce_without_testing(case: &Case<'_>) -> Option<Draft> {
    case.used_policy().filter(|policy| policy.mode == Mode::Enforce)?;
    let looks = &case.history.looks;
    let began_without = looks.first().is_some_and(|look| look.record_absent && look.policy.is_none());
    let mut modes = looks.iter().filter_map(|look| look.policy.as_ref()).map(|policy| policy.mode);
    let first_is_enforce = modes.next().is_none_or(|mode| mode == Mode::Enforce);
    (began_without && first_is_enforce).then(|| {
        Draft::new("mta_sts_enforce_without_testing", case.policy_url())
            .fact("Earlier looks saw no policy, and the first one seen is in mode enforce.")
            .meaning("Faults that testing would have shown by reports now keep senders from delivering.")
            .remedy("Watch the TLSRPT reports of the next weeks closely; with the first failure go back to testing.")
    })
}
