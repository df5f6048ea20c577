//! One sentence for all: what works, and what it costs.

use protocol::observed::Outcome;
use protocol::sts::Mode;

use crate::case::{Case, RecordState};
use crate::draft::stops_delivery;
use crate::layer::record::failure_words;
use crate::ready::Thresholds;
use crate::verdict::may_enforce;
use crate::{Catalogue, Consequence, Finding, Verdict};

/// The sentence.
pub(crate) fn of(case: &Case<'_>, verdict: Verdict, findings: &[Finding]) -> String {
    let domain = &case.evidence.domain;
    let reason =
        || findings.first().and_then(|finding| Catalogue::find(finding.code)).map(|entry| entry.title);
    match verdict {
        Verdict::Unknown => unknown(case),
        Verdict::NotDeployed if case.takes_no_mail() => {
            format!("{domain} takes no mail, and so needs no MTA-STS.")
        }
        Verdict::NotDeployed => format!(
            "{domain} does not use MTA-STS: senders deliver with whatever TLS they can get, and attackers on the way \
             are not stopped."
        ),
        Verdict::Broken if matches!(case.record, RecordState::Failed(_)) => lookup_fails(case),
        Verdict::Broken => {
            let why = broken(findings).or_else(reason).unwrap_or("senders find no usable policy");
            format!(
                "{domain} has set up MTA-STS, and it does not work ({why}): mail arrives, without the protection that \
                 was meant."
            )
        }
        Verdict::Disabled => {
            format!("{domain} has switched MTA-STS off with `mode: none`: mail arrives without protection.")
        }
        Verdict::Testing if may_enforce(case, findings) => format!(
            "{domain} is testing, and nothing that was seen speaks against enforce; once earlier looks (`--since`) have \
             seen {} days of it, `mta-sts ready {domain}` can say more.",
            Thresholds::default().testing_days
        ),
        Verdict::Testing => {
            let blocking = findings.iter().filter(|finding| finding.consequence != Consequence::None).count();
            match blocking {
                0 | 1 => format!(
                    "{domain} is testing: failures are reported and attackers not stopped; enforce needs more to be seen first."
                ),
                _ => format!(
                    "{domain} is testing: failures are reported and attackers not stopped; something is in the way of enforce."
                ),
            }
        }
        Verdict::ReadyToEnforce => format!(
            "{domain} has been testing for long enough, and nothing that was seen speaks against enforce; `mta-sts ready \
             {domain}` asks for reports as well."
        ),
        Verdict::Enforcing => match case.takes_no_mail() {
            true => format!("{domain} enforces MTA-STS, and takes no mail."),
            false => format!(
                "{domain} enforces MTA-STS: senders that know it deliver only over TLS to the hosts that the policy \
                 names."
            ),
        },
        Verdict::EnforcingButBroken => enforcing_but_broken(case, findings),
    }
}

/// The record's lookup fails: nobody can tell whether the domain uses MTA-STS.
fn lookup_fails(case: &Case<'_>) -> String {
    let domain = &case.evidence.domain;
    let why = match &case.record {
        RecordState::Failed(failure) => failure_words(failure).1,
        _ => "it cannot be read".to_owned(),
    };
    // RFC 5321 §5.1: a failing MX lookup is a temporary error; mail waits.
    let mail = match &case.evidence.mx.outcome {
        Outcome::Failed(_) => "the MX lookup fails as well, so that mail waits at its senders",
        _ => "mail arrives, without the protection that may have been meant",
    };
    format!(
        "The DNS lookup for the MTA-STS record of {domain} fails ({why}): senders find no policy; {mail}."
    )
}

/// Senders that honour what is published cannot deliver: which, and by how many paths.
fn enforcing_but_broken(case: &Case<'_>, findings: &[Finding]) -> String {
    let domain = &case.evidence.domain;
    if let Outcome::Failed(failure) = &case.evidence.mx.outcome {
        let (_, why, _) = failure_words(failure);
        return format!(
            "{domain} enforces MTA-STS, and its MX lookup fails ({why}): no sender learns where to deliver; mail waits \
             and finally returns to its sender's user."
        );
    }
    let stops = || findings.iter().filter(|finding| stops_delivery(finding));
    // RFC 8461 §2: senders that use DANE go by TLSA records where there are any; all others by the policy.
    let (who, others) = if stops().all(|finding| finding.code.starts_with("dane_")) {
        ("senders that use DANE", "; those that know MTA-STS only deliver")
    } else if stops().all(|finding| finding.code == "mx_only_dane_covers") {
        ("senders that know MTA-STS only", "; those that use DANE deliver")
    } else {
        ("senders that honour it", "")
    };
    match cost(findings) {
        Consequence::DeliveryLost => format!(
            "{domain} enforces MTA-STS, and {who} have nowhere to deliver: they defer the mail and finally return it to \
             their own user{others}."
        ),
        _ => format!(
            "{domain} enforces MTA-STS, and {who} cannot deliver by some paths: mail arrives by the others."
        ),
    }
}

fn cost(findings: &[Finding]) -> Consequence {
    findings.iter().filter(|f| stops_delivery(f)).map(|f| f.consequence).max().unwrap_or(Consequence::None)
}

/// The most telling fault of record, policy host or policy.
fn broken(findings: &[Finding]) -> Option<&'static str> {
    let telling = findings.iter().find(|finding| {
        matches!(finding.layer, crate::Layer::Record | crate::Layer::Fetch | crate::Layer::Policy)
            && finding.consequence == Consequence::ProtectionLost
    })?;
    let detail = telling.detail.as_deref().and_then(Catalogue::find);
    detail.or_else(|| Catalogue::find(telling.code)).map(|entry| entry.title)
}

fn unknown(case: &Case<'_>) -> String {
    let domain = &case.evidence.domain;
    match &case.record {
        RecordState::NotTested(why) => {
            format!("{domain} could not be judged: the record was not tested, because {}.", why.text)
        }
        _ => match case.policy.some_reading().map(|policy| policy.mode) {
            Some(Mode::Enforce | Mode::Testing | Mode::None) | None => {
                format!("{domain} could not be judged: the policy host could not be looked at from here.")
            }
        },
    }
}
