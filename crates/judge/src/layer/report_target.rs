//! Layer 6, continued: do the targets of TLSRPT reports take them?

use std::net::{Ipv4Addr, Ipv6Addr};

use protocol::Domain;
use protocol::observed::{Answer, MxRecord, Outcome, Reach, TargetLook, Tested};
use protocol::tlsrpt::{Rua, RuaTarget};

use super::record::failure_words;
use crate::case::Case;
use crate::draft::{Draft, listed, quoted};

/// The findings on the targets.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let looks =
        case.evidence.targets.iter().filter_map(|target| Some((target.uri.as_str(), target.look.seen()?)));
    let mut found: Vec<(&'static str, String, String)> = Vec::new();
    for (uri, look) in looks {
        let fault = match look {
            TargetLook::Mail { domain, mx, a, aaaa } => {
                let domain = mail_domain(uri).map_or_else(|| quoted(domain), |domain| domain.to_string());
                no_mail(&domain, mx, a, aaaa).map(|fact| ("tlsrpt_rua_no_mail", fact))
            }
            TargetLook::Https { host, a, aaaa, reach } => {
                let reach: Vec<_> = reach.iter().map(|(_, reach)| reach).collect();
                unreachable(host, a, aaaa, &reach).map(|fact| ("tlsrpt_rua_unreachable", fact))
            }
        };
        // The same target twice is one fault.
        if let Some((code, fact)) = fault
            && !found.iter().any(|(_, _, known)| *known == fact)
        {
            found.push((code, quoted(uri), fact));
        }
    }
    found
        .into_iter()
        .map(|(code, uri, fact)| {
            let remedy = match code {
                "tlsrpt_rua_no_mail" => "Use a mailbox in a domain that takes mail.",
                _ => "Let the host answer HTTPS on its port, or use another target.",
            };
            Draft::new(code, uri).fact(fact).meaning("Reports to this target are lost.").remedy(remedy).paste(
                format!(
                    "_smtp._tls.{}. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:tls-reports@reports.example\"",
                    case.evidence.domain
                ),
            )
        })
        .collect()
}

/// Why a domain takes no mail (rule 107); `None` when it does, or when our own trouble hides it.
fn no_mail(
    domain: &str,
    mx: &Answer<MxRecord>,
    a: &Answer<Ipv4Addr>,
    aaaa: &Answer<Ipv6Addr>,
) -> Option<String> {
    match &mx.outcome {
        Outcome::NotTested(_) => None,
        Outcome::Failed(failure) => {
            Some(format!("The MX lookup for {domain} fails: {}.", failure_words(failure).1))
        }
        Outcome::Records(records) if records.iter().all(|mx| mx.host.is_empty()) => {
            Some(format!("{domain} has a null MX: it takes no mail."))
        }
        Outcome::Records(_) => None,
        Outcome::NxDomain => Some(format!("{domain} does not exist in DNS.")),
        // RFC 5321 §5.1: without MX records the domain's own addresses count.
        Outcome::NoData if a.is_absent() && aaaa.is_absent() => {
            Some(format!("{domain} has neither MX records nor an address."))
        }
        Outcome::NoData => None,
    }
}

/// Why a host takes no reports (rule 109); a certificate that is not good is no reason (RFC 8460 §3).
fn unreachable(
    host: &str,
    a: &Answer<Ipv4Addr>,
    aaaa: &Answer<Ipv6Addr>,
    reach: &[&Tested<Reach>],
) -> Option<String> {
    let host = quoted(host);
    if a.is_absent() && aaaa.is_absent() {
        return Some(format!("{host} has no address."));
    }
    if let (Outcome::Failed(failure), true) = (&a.outcome, aaaa.records().is_empty()) {
        return Some(format!("The address lookup for {host} fails: {}.", failure_words(failure).1));
    }
    let seen: Vec<&Reach> = reach.iter().filter_map(|reach| reach.seen()).collect();
    if seen.is_empty() || seen.iter().any(|reach| matches!(reach, Reach::Tls(_))) {
        return None;
    }
    let words: Vec<&str> = seen
        .iter()
        .map(|reach| match reach {
            Reach::TlsFailed(_) => "the TLS handshake fails",
            _ => "the connection fails",
        })
        .take(1)
        .collect();
    Some(format!("{host} takes no reports: {}.", listed(&words)))
}

/// The domain of an address, for those who compare.
fn mail_domain(uri: &str) -> Option<Domain> {
    match Rua::parse(uri).ok()?.target() {
        RuaTarget::Mailto { domain: Ok(domain), .. } => Some(domain.clone()),
        _ => None,
    }
}
