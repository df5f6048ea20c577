//! Layer 1: the `_mta-sts` record itself.

use jiff::SignedDuration;
use protocol::Weight;
use protocol::observed::{DnsFailure, Security};
use protocol::sts::Mode;

use super::tlsrpt;
use super::wording::{self, NO_POLICY};
use crate::case::{Case, FetchState, FetchView, RecordFault, RecordState};
use crate::certificate::date;
use crate::draft::{Draft, listed, quoted};
use crate::id_date::IdDate;

/// A day, in seconds: with a longer TTL senders notice a new id late (rule 19).
const LONG_TTL: u32 = 86_400;

/// The findings on the record itself.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    let answer = &case.evidence.record;
    match &case.record {
        RecordState::NotTested(_) => return found,
        RecordState::Absent if case.takes_no_mail() => {}
        RecordState::Absent => found.push(missing(case)),
        RecordState::Failed(failure) => found.push(dns_failure(case, failure, &answer.security)),
        RecordState::Faulty(fault) => found.push(faulty(case, fault)),
        RecordState::Valid { text, oddities, record } => {
            found.extend(disputed(case, text, oddities));
            found.extend(day_granularity(case, &record.id));
            found.extend(older_than_policy(case, &record.id));
            found.extend(long_ttl(case));
        }
    }
    if answer.alias_beside_data {
        found.push(
            Draft::new("mta_sts_record_cname_conflict", case.record_name())
                .fact(format!("{} has a CNAME beside other records.", case.record_name()))
                .meaning(format!("Which of them a sender gets is a matter of luck. {NO_POLICY}"))
                .remedy("Keep either the CNAME or the TXT record, not both."),
        );
    }
    found
}

fn missing(case: &Case<'_>) -> Draft {
    let name = case.record_name();
    Draft::new("mta_sts_missing", name.clone())
        .fact(format!("There is no MTA-STS record at {name}."))
        .meaning(format!(
            "Senders deliver with whatever TLS they can get: somebody on the way can strip STARTTLS or answer with \
             a certificate of their own.{}",
            still_enforced(case)
        ))
        .remedy(
            "Publish TLSRPT, then a policy in mode testing that lists your MX hosts, then this record; \
             `mta-sts explain rollout` tells the order.",
        )
        .paste(rollout(case))
}

/// What to publish, in order: reports first, then a policy that only tests, and the record last.
fn rollout(case: &Case<'_>) -> String {
    let mut text = String::new();
    if !tlsrpt::is_there(case) {
        text.push_str(&format!("; first, in DNS:\n{}\n", tlsrpt::example(case)));
    }
    let policy = wording::testing_policy(case);
    text.push_str(&format!("; then, at {}:\n{policy}; last, in DNS:\n", case.policy_url()));
    text + &wording::record(case.evidence.domain.as_str(), case.now)
}

/// A policy that earlier looks saw lives on at senders, whatever becomes of the record (RFC 8461 §8.3, rule 83).
fn still_enforced(case: &Case<'_>) -> String {
    let ends = case.history.looks.iter().filter_map(|look| {
        let policy = look.policy.as_ref().filter(|policy| policy.mode == Mode::Enforce)?;
        let life = SignedDuration::from_secs(i64::try_from(policy.max_age).ok()?);
        Some((look.taken_at, look.taken_at.checked_add(life).ok()?))
    });
    match ends.filter(|(_, end)| *end > case.now).max_by_key(|(_, end)| *end) {
        Some((seen, end)) => format!(
            " Senders that hold the policy seen on {} may go on enforcing it until {}.",
            date(seen),
            date(end)
        ),
        None => String::new(),
    }
}

fn dns_failure(case: &Case<'_>, failure: &DnsFailure, security: &Security) -> Draft {
    let name = case.record_name();
    let (detail, fact, remedy) = failure_words(failure);
    let mut draft = Draft::new("mta_sts_record_dns_failure", name.clone())
        .detail(detail)
        .fact(format!("The TXT lookup for {name} fails: {fact}."))
        .meaning(format!("Senders cannot tell whether there is a record. {NO_POLICY}"))
        .remedy(remedy);
    if let Some(reason) = &security.reason {
        draft = draft.evidence("dnssec", reason);
    }
    draft
}

/// A DNS failure as a detail, a clause and a remedy.
pub(crate) fn failure_words(failure: &DnsFailure) -> (&'static str, String, &'static str) {
    let zone = "Look at the zone's name servers: each must answer for the name, with the same data.";
    match failure {
        DnsFailure::ServFail => ("servfail", "the name servers answer SERVFAIL".to_owned(), zone),
        DnsFailure::Refused => ("refused", "the name servers answer REFUSED".to_owned(), zone),
        DnsFailure::Rcode(code) => ("rcode", format!("the name servers answer {}", quoted(code)), zone),
        DnsFailure::Timeout => ("timeout", "the domain's name servers do not answer".to_owned(), zone),
        DnsFailure::Bogus => (
            "bogus",
            "DNSSEC validation fails".to_owned(),
            "Sign the zone anew and compare the DS record at the parent with the zone's keys; \
             `delv +rtrace` and `dnsviz` show where the chain breaks.",
        ),
        DnsFailure::CnameLoop => (
            "cname_loop",
            "the CNAMEs go round in a circle or on for too long".to_owned(),
            "Let the CNAME lead to a name that has the record itself.",
        ),
        DnsFailure::Malformed(_) => ("malformed", "the answer cannot be read".to_owned(), zone),
        DnsFailure::TooLarge => (
            "too_large",
            "the answer is larger than senders take".to_owned(),
            "Remove what does not belong at the name.",
        ),
    }
}

fn faulty(case: &Case<'_>, fault: &RecordFault) -> Draft {
    let name = case.record_name();
    match fault {
        RecordFault::Multiple { texts } => {
            let mut draft = Draft::new("mta_sts_record_multiple", name.clone())
                .fact(format!(
                    "{} records at {name} begin `v=STSv1;`; senders accept exactly one.",
                    texts.len()
                ))
                .meaning(NO_POLICY)
                .remedy("Delete all of them but one.")
                .paste(wording::record(case.evidence.domain.as_str(), case.now));
            for text in texts {
                draft = draft.evidence("record", text);
            }
            draft
        }
        RecordFault::Dangling { target } => Draft::new("mta_sts_record_dns_failure", name.clone())
            .detail("dangling_cname")
            .fact(format!("{name} is a CNAME to {target}, where there is no TXT record."))
            .meaning(NO_POLICY)
            .remedy("Publish the record at the CNAME's target, or replace the CNAME by the record.")
            .paste(wording::record(case.evidence.domain.as_str(), case.now)),
        RecordFault::Syntax { text, detail, why, oddities, mended } => {
            let paste = match mended {
                Some(text) => format!("_mta-sts.{}. 3600 IN TXT \"{text}\"", case.evidence.domain),
                None => wording::record(case.evidence.domain.as_str(), case.now),
            };
            let mut draft = Draft::new("mta_sts_record_syntax", name.clone())
                .detail(detail)
                .fact(format!("The record at {name} breaks the grammar: {}", sentence(why)))
                .meaning(NO_POLICY)
                .remedy("Publish the record in this form.")
                .paste(paste)
                .evidence("record", text);
            for oddity in oddities.iter().filter(|oddity| oddity.weight != Weight::Noted) {
                draft = draft.evidence(oddity.code, format!("octet {}: {}", oddity.start + 1, oddity.text));
            }
            draft
        }
    }
}

/// A clause made into a sentence's end.
pub(crate) fn sentence(clause: &str) -> String {
    let clause = clause.trim();
    if clause.ends_with(['.', '!', '?']) { clause.to_owned() } else { format!("{clause}.") }
}

fn disputed(case: &Case<'_>, text: &str, oddities: &[protocol::Oddity]) -> Option<Draft> {
    let disputed: Vec<_> = oddities.iter().filter(|oddity| oddity.weight == Weight::Disputed).collect();
    let first = disputed.first()?;
    let name = case.record_name();
    let mut draft = Draft::new("mta_sts_record_disputed", name.clone())
        .detail(first.code)
        .fact(format!("The record at {name} is valid by one reading only: {}", sentence(&first.text)))
        .meaning("Some senders drop such a record and then find no policy.")
        .remedy("Publish the record in the plain form that every sender reads.")
        .evidence("record", text);
    if let Some(id) = case.record.id() {
        draft = draft.paste(format!("_mta-sts.{}. 3600 IN TXT \"v=STSv1; id={id};\"", case.evidence.domain));
    }
    Some(draft)
}

fn day_granularity(case: &Case<'_>, id: &str) -> Option<Draft> {
    // C14: a date, alone or with the time left at zero.
    IdDate::read(id).filter(|date| date.is_day)?;
    Some(
        Draft::new("mta_sts_id_day_granularity", case.record_name())
            .fact(format!("The id {id} is a bare date."))
            .meaning("Two changes on one day would carry the same id, and senders would miss the second.")
            .remedy("With the next change, use an id that holds the time as well.")
            .paste(wording::record(case.evidence.domain.as_str(), case.now)),
    )
}

/// The file is newer than the id suggests (R7). Advice and no more: an id means nothing to senders (C15), and a file is
/// also written anew when nothing in it changes.
fn older_than_policy(case: &Case<'_>, id: &str) -> Option<Draft> {
    let date = IdDate::read(id)?;
    let served = case.fetches.iter().filter(|view| view.state == FetchState::Obtained);
    // RFC 9110 §8.8.2: when the origin believes that the file was last changed.
    let modified = served.filter_map(FetchView::last_modified).max()?;
    date.is_clearly_before(modified).then(|| {
        let shown = modified.strftime("%Y-%m-%d %H:%M UTC");
        Draft::new("mta_sts_id_older_than_policy", case.record_name())
            .fact(format!("The policy file is of {shown} by its Last-Modified header, newer than the id {id} suggests."))
            .meaning(
                "If its content has changed since, senders that hold the earlier policy do not know: they look again when the \
                 id changes (RFC 8461 §8.1). If it was only written anew, nothing is lost.",
            )
            .remedy("If the content of the policy changed, publish the record with a new id; otherwise leave it.")
            .paste(wording::record(case.evidence.domain.as_str(), case.now))
            .evidence("id", id)
            .evidence("last-modified", shown.to_string())
    })
}

fn long_ttl(case: &Case<'_>) -> Option<Draft> {
    let ttl = case.evidence.record.ttl.filter(|ttl| *ttl > LONG_TTL)?;
    Some(
        Draft::new("mta_sts_record_ttl_long", case.record_name())
            .fact(format!("The record's TTL is {ttl} seconds."))
            .meaning("Senders notice a new id, and with it a changed policy, only after that time.")
            .remedy("Use a TTL of an hour, 3600 seconds."),
    )
}

/// One line on the layer.
pub(crate) fn summary(case: &Case<'_>) -> String {
    match &case.record {
        RecordState::Valid { record, .. } => format!("one record, id {}", record.id),
        RecordState::Absent => "no record".to_owned(),
        RecordState::Faulty(RecordFault::Multiple { texts }) => {
            format!("{} records where one is allowed", texts.len())
        }
        RecordState::Faulty(RecordFault::Syntax { detail, .. }) => {
            format!("the record breaks the grammar ({detail})")
        }
        RecordState::Faulty(RecordFault::Dangling { target }) => {
            format!("the CNAME leads to {}, where nothing is", listed(&[target]))
        }
        RecordState::Failed(failure) => format!("the lookup fails: {}", failure_words(failure).1),
        RecordState::NotTested(why) => format!("not tested, because {}", why.text),
    }
}
