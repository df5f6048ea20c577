//! The table of `mx`: what was seen of each MX host and address.

use std::net::IpAddr;

use jiff::Timestamp;
use judge::{Layer, NotTestedItem};
use protocol::MxPattern;
use protocol::observed::{
    Certificate, Evidence, MxHost, Outcome, PathResult, SecurityStatus, SessionOutcome, SmtpSession, TlsFacts,
};
use protocol::sts::Policy;
use serde::Serialize;

use super::escape::{markdown as text, visible};
use super::json::{Inputs, SCHEMA_VERSION, Tool};
use super::page::{hung, wrapped};
use super::paint::Paint;
use crate::expectation::served_policy;
use crate::provider::{VERIFIED, provider};

/// The table, as in JSON (`mta-sts schema mx`).
#[derive(Serialize)]
pub(crate) struct MxTable<'a> {
    schema_version: u32,
    tool: Tool,
    domain: &'a str,
    taken_at: Timestamp,
    /// What came of asking for MX records.
    mx: String,
    hosts: Vec<Host<'a>>,
    hosts_left_out: u32,
    /// What our own network kept from being looked at.
    not_tested: Vec<&'a NotTestedItem>,
    providers_verified: &'static str,
    inputs: Inputs<'a>,
}

#[derive(Serialize)]
struct Host<'a> {
    preference: u16,
    host: &'a str,
    implicit: bool,
    provider: Option<&'static str>,
    /// The pattern of the policy that matches; nothing when none does or there is no policy.
    pattern: Option<String>,
    policy: &'static str,
    tlsa: String,
    addresses: Vec<Address>,
}

#[derive(Serialize)]
struct Address {
    address: IpAddr,
    starttls: String,
    tls: Option<String>,
    certificate: Option<String>,
    not_after: Option<Timestamp>,
}

/// Puts the table together.
pub(crate) fn mx_table<'a>(evidence: &'a Evidence, not_tested: &'a [NotTestedItem]) -> MxTable<'a> {
    let policy = served_policy(evidence);
    MxTable {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        domain: evidence.domain.as_str(),
        taken_at: evidence.taken_at,
        mx: match evidence.mx.records().len() {
            0 => outcome_words(&evidence.mx.outcome),
            1 => "1 record".to_owned(),
            n => format!("{n} records"),
        },
        hosts: evidence.hosts.iter().map(|host| row(host, policy.as_ref(), evidence.taken_at)).collect(),
        hosts_left_out: evidence.mx_hosts_left_out,
        not_tested: not_tested.iter().filter(|item| concerns_hosts(item)).collect(),
        providers_verified: VERIFIED,
        inputs: Inputs::of(evidence),
    }
}

/// Whether something not tested concerns the MX hosts: `mx` says nothing of the record or the reports.
pub(crate) const fn concerns_hosts(item: &NotTestedItem) -> bool {
    matches!(item.layer, Layer::Coverage | Layer::Transport)
}

fn row<'a>(host: &'a MxHost, policy: Option<&Policy>, now: Timestamp) -> Host<'a> {
    let pattern = policy.and_then(|policy| policy.mx.iter().find(|pattern| pattern.matches(&host.name)));
    Host {
        preference: host.preference,
        host: &host.name,
        implicit: host.implicit,
        provider: provider(&host.name),
        policy: match (policy, pattern) {
            (None, _) => "no policy",
            (Some(_), None) => "not in the policy",
            (Some(_), Some(_)) => "in the policy",
        },
        pattern: pattern.map(MxPattern::as_str).map(str::to_owned),
        tlsa: tlsa_words(host),
        addresses: host.sessions.iter().map(|session| address(session, now)).collect(),
    }
}

fn address(session: &SmtpSession, now: Timestamp) -> Address {
    let tls = session.tls.as_ref();
    Address {
        address: session.address,
        starttls: session_words(&session.outcome),
        tls: tls.map(|tls| tls.version.clone()),
        certificate: tls.map(|tls| certificate_words(tls, now)),
        not_after: tls.and_then(|tls| tls.certificates.first()).map(|leaf| leaf.not_after),
    }
}

fn session_words(outcome: &SessionOutcome) -> String {
    match outcome {
        SessionOutcome::Tls => "yes".to_owned(),
        SessionOutcome::Connect(failure) => format!("no connection: {}", word(failure)),
        SessionOutcome::Refused(stage) => format!("refused at {}", word(stage)),
        SessionOutcome::NoStarttls => "not offered".to_owned(),
        SessionOutcome::StarttlsRefused => "refused".to_owned(),
        SessionOutcome::TlsFailed(failure) => format!("handshake failed: {}", failure.text),
        SessionOutcome::Protocol { stage, text } => format!("no SMTP at {}: {text}", word(stage)),
        SessionOutcome::Timeout(stage) => format!("silent at {}", word(stage)),
        SessionOutcome::Closed(stage) => format!("closed at {}", word(stage)),
        SessionOutcome::NotTested(why) => format!("not tested, because {}", why.text),
    }
}

/// What a sender would make of the chain at the time of the look: every fault, not the first alone.
fn certificate_words(tls: &TlsFacts, now: Timestamp) -> String {
    let mut faults: Vec<String> = chain(tls).filter_map(|(at, one)| out_of_date(at, one, now)).collect();
    match &tls.path.result {
        PathResult::Trusted => {}
        PathResult::SelfSigned => faults.push("self-signed".to_owned()),
        PathResult::Incomplete { missing } => faults.push(format!("incomplete: lacks {missing}")),
        PathResult::UnknownIssuer { issuer } => faults.push(format!("unknown issuer {issuer}")),
        PathResult::Invalid(why) => faults.push(format!("invalid: {why}")),
    }
    if !tls.name_matches {
        faults.push("for another name".to_owned());
    }
    if !tls.signature_valid {
        faults.push("its key is not proved".to_owned());
    }
    if faults.is_empty() { "trusted".to_owned() } else { faults.join(", ") }
}

/// The leaf and what leads up from it, each as sent right after the one it signed; a root's dates do not count.
fn chain(tls: &TlsFacts) -> impl Iterator<Item = (usize, &Certificate)> {
    let mut wanted: Option<&str> = None;
    tls.certificates.iter().enumerate().take_while(move |(at, one)| {
        let follows = *at == 0 || (wanted == Some(one.subject.as_str()) && one.subject != one.issuer);
        wanted = Some(&one.issuer);
        follows
    })
}

/// RFC 5280 §4.1.2.5: both ends of the period belong to it.
fn out_of_date(at: usize, certificate: &Certificate, now: Timestamp) -> Option<String> {
    let whose = if at == 0 { "" } else { "its issuer's " };
    let day = |at: Timestamp| at.strftime("%Y-%m-%d");
    if now > certificate.not_after {
        return Some(format!("{whose}expired on {}", day(certificate.not_after)));
    }
    (now < certificate.not_before).then(|| format!("{whose}valid only from {}", day(certificate.not_before)))
}

fn tlsa_words(host: &MxHost) -> String {
    let answer = &host.tlsa.answer;
    match &answer.outcome {
        Outcome::Records(records) => {
            let signed =
                if answer.security.status == SecurityStatus::Secure { "secure" } else { "without DNSSEC" };
            let forms: Vec<String> =
                records.iter().map(|r| format!("{} {} {}", r.usage, r.selector, r.matching)).collect();
            format!("{} ({signed})", forms.join(", "))
        }
        other => outcome_words(other),
    }
}

fn outcome_words<T>(outcome: &Outcome<T>) -> String {
    match outcome {
        Outcome::Records(_) => "present".to_owned(),
        Outcome::NoData | Outcome::NxDomain => "none".to_owned(),
        Outcome::Failed(failure) => format!("no answer: {}", word(failure)),
        Outcome::NotTested(why) => format!("not tested, because {}", why.text),
    }
}

/// The serialised word of a value, blanks for underscores.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word.replace('_', " "),
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// For people.
pub(crate) fn mx_human(table: &MxTable<'_>, paint: Paint) -> String {
    let mut page = vec![paint.bold(format!("{}: MX: {}", visible(table.domain), visible(&table.mx)))];
    for host in &table.hosts {
        let implicit = if host.implicit { " (the domain itself, for want of MX records)" } else { "" };
        let provider = host.provider.map(|name| format!(", probably {name}")).unwrap_or_default();
        page.push(String::new());
        let head = format!("{}{implicit}{provider}", visible(host.host));
        page.push(paint.bold(hung(&head, &format!("{:>5}  ", host.preference), "       ")));
        let pattern = host.pattern.as_deref().map(|pattern| format!(" as {pattern}")).unwrap_or_default();
        page.push(wrapped(&format!("policy: {}{}", host.policy, visible(&pattern)), "       "));
        page.push(wrapped(&format!("TLSA: {}", visible(&host.tlsa)), "       "));
        if host.addresses.is_empty() {
            page.push(wrapped("no session with any address", "       "));
        }
        for address in &host.addresses {
            page.push(hung(&address_words(address), &format!("       {}: ", address.address), "         "));
        }
    }
    if table.hosts_left_out > 0 {
        page.push(String::new());
        page.push(wrapped(&format!("{} more MX hosts were not looked at.", table.hosts_left_out), "  "));
    }
    if !table.not_tested.is_empty() {
        page.push(String::new());
        page.push("Not tested:".to_owned());
        page.extend(table.not_tested.iter().map(|item| {
            hung(&visible(&format!("{}, because {}", item.subject, item.because)), "  – ", "    ")
        }));
    }
    if table.hosts.iter().any(|host| host.provider.is_some()) {
        page.push(String::new());
        let words =
            format!("Providers are guessed from the hosts' names (table of {}).", table.providers_verified);
        page.push(paint.dim(wrapped(&words, "")));
    }
    page.join("\n") + "\n"
}

fn address_words(address: &Address) -> String {
    let mut words = vec![format!("STARTTLS {}", visible(&address.starttls))];
    words.extend(address.tls.clone());
    words.extend(address.certificate.as_deref().map(|words| format!("certificate {}", visible(words))));
    // "expired on …" already says until when.
    let expired = address.certificate.as_deref().is_some_and(|words| words.contains("expired on"));
    words.extend(
        address.not_after.filter(|_| !expired).map(|until| format!("until {}", until.strftime("%Y-%m-%d"))),
    );
    words.join(", ")
}

/// Markdown.
pub(crate) fn mx_markdown(table: &MxTable<'_>) -> String {
    let mut page = format!("## {}: MX: {}\n\n", text(table.domain), text(&table.mx));
    page.push_str(
        "| preference | host | address | STARTTLS | TLS | certificate | until | TLSA | policy | provider |\n",
    );
    page.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    for host in &table.hosts {
        let rest = format!("{} | {} | {}", text(&host.tlsa), host.policy, host.provider.unwrap_or("–"));
        if host.addresses.is_empty() {
            page.push_str(&format!(
                "| {} | {} | – | – | – | – | – | {rest} |\n",
                host.preference,
                text(host.host)
            ));
        }
        for address in &host.addresses {
            page.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} | {} | {rest} |\n",
                host.preference,
                text(host.host),
                address.address,
                text(&address.starttls),
                address.tls.as_deref().unwrap_or("–"),
                text(address.certificate.as_deref().unwrap_or("–")),
                address
                    .not_after
                    .map_or_else(|| "–".to_owned(), |until| until.strftime("%Y-%m-%d").to_string()),
            ));
        }
    }
    if !table.not_tested.is_empty() {
        page.push_str("\nNot tested:\n\n");
    }
    for item in &table.not_tested {
        page.push_str(&format!("- {}, because {}\n", text(&item.subject), text(&item.because)));
    }
    page
}
