//! The order in which a proposal is published: the policy first, then the record. RFC 8461 §8.1.

use judge::propose::{Change, Proposal, RecordType, ZoneRecord};
use protocol::sts::Mode;
use serde::Serialize;

/// One step.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    /// What to do.
    pub(crate) text: String,
    /// What to paste for it.
    #[serde(skip)]
    pub(crate) paste: Vec<Paste>,
}

/// Something to paste.
#[derive(Debug)]
pub(crate) enum Paste {
    /// The policy.
    Policy,
    /// A record.
    Record(ZoneRecord),
    /// A command.
    Command(String),
}

/// The steps, in order.
pub(crate) fn steps(proposal: &Proposal) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut step = |text: String, paste: Vec<Paste>| steps.push(Step { text, paste });
    let (host, url) = (proposal.policy_host(), proposal.policy_url());
    let (tlsrpt, sts): (Vec<_>, Vec<_>) =
        proposal.records.iter().cloned().partition(|record| record.name.starts_with("_smtp._tls."));
    let (aliases, announcing): (Vec<_>, Vec<_>) =
        sts.into_iter().partition(|record| record.name == host && record.rtype == RecordType::Cname);
    let delegated = !aliases.is_empty();
    let served = Paste::Command(served_command(proposal));
    if proposal.change != Change::Unchanged {
        let words = match delegated {
            false => format!(
                "Serve the policy at {url}, as text/plain, with status 200 and no redirect, over IPv4 and IPv6, with a \
                 certificate of a public authority for {host}."
            ),
            true => format!(
                "Have the provider serve the policy for {host}, with a certificate for that name; then let the name \
                 lead there."
            ),
        };
        let mut paste = vec![Paste::Policy];
        paste.extend(aliases.into_iter().map(Paste::Record));
        step(words, paste);
        let words = "See it served by every address of the policy host before anything else is published.";
        step(words.to_owned(), vec![served]);
        let words = match delegated {
            false => "Only then publish the record: it tells senders to fetch the policy (RFC 8461 §8.1).",
            true => "Only then let the name of the record lead there too (RFC 8461 §8.2).",
        };
        step(words.to_owned(), announcing.into_iter().map(Paste::Record).collect());
    }
    if !tlsrpt.is_empty() {
        let words = "Ask for reports: at any time, since it depends on nothing else (RFC 8460 §3).";
        step(words.to_owned(), tlsrpt.into_iter().map(Paste::Record).collect());
    }
    let words = match proposal.policy.policy().mode {
        Mode::Testing => "Look at the whole as senders do, now and when anything changes.",
        Mode::Enforce => {
            "Look at the whole as senders do, and soon: what is wrong now keeps mail from arriving."
        }
        Mode::None => {
            "Look at the whole as senders do, and leave the policy served until old copies have ended."
        }
    };
    step(words.to_owned(), vec![Paste::Command(check_command(proposal, delegated))]);
    steps
}

/// The check that says whether this very policy is served, by every address; there need be no record yet. Addresses that
/// serve something else do not meet it.
fn served_command(proposal: &Proposal) -> String {
    let policy = proposal.policy.policy();
    let mut expect = format!("mode={},max_age={}", policy.mode, policy.max_age);
    if !policy.mx.is_empty() {
        let patterns: Vec<&str> = policy.mx.iter().map(protocol::MxPattern::as_str).collect();
        expect.push_str(&format!(",all_mx={}", patterns.join("+")));
    }
    // A shell would take the asterisk for file names.
    let quote = if expect.contains('*') { "'" } else { "" };
    // That there is no record yet is a finding of severity LOW.
    let fail_on = if proposal.change == Change::First { "medium" } else { "low" };
    format!(
        "mta-sts check {} --profile basic --fail-on {fail_on} --expect {quote}{expect}{quote}",
        proposal.domain
    )
}

/// The check that says whether it worked. The id of a delegated record is the provider's.
pub(crate) fn check_command(proposal: &Proposal, delegated: bool) -> String {
    let mode = proposal.policy.policy().mode;
    let id = if delegated { String::new() } else { format!(",id={}", proposal.id) };
    format!("mta-sts check {} --expect mode={mode}{id}", proposal.domain)
}
