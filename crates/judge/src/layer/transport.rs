//! Layer 5: can senders that demand TLS deliver to every address of every MX host?

use std::collections::BTreeMap;
use std::net::IpAddr;

use protocol::observed::{ConnectFailure, PathResult, SessionOutcome, SmtpSession, Stage};
use protocol::sts::DaneState;

use super::dane::dane_cost;
use super::wording;
use crate::Consequence;
use crate::case::{Case, HostView, PathState, PathView};
use crate::certificate::{self, CertificateFault, date};
use crate::cipher;
use crate::draft::{Draft, listed, quoted};

/// The findings on the sessions with MX hosts. Findings with the same code at one host are one finding.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    for host in &case.hosts {
        found.extend(stops(case, host));
        found.extend(differ(host));
        found.extend(notes(case, host));
        found.extend(unreachable(case, host));
    }
    found
}

/// A fault that makes senders pass an address by, and the addresses where it was seen.
#[derive(Debug)]
struct Stop<'a> {
    detail: Option<&'static str>,
    fact: String,
    certificate: Option<&'a CertificateFault>,
    at: Vec<&'a PathView<'a>>,
}

/// What makes senders that demand TLS pass the host or some of its addresses by.
fn stops(case: &Case<'_>, host: &HostView<'_>) -> Vec<Draft> {
    let mut stops: BTreeMap<&'static str, Stop<'_>> = BTreeMap::new();
    for path in &host.paths {
        if let Some((code, fact)) = &path.tls_fault {
            let new = || Stop { detail: None, fact: fact.clone(), certificate: None, at: Vec::new() };
            stops.entry(code).or_insert_with(new).at.push(path);
        }
        for fault in &path.certificate_faults {
            // Rule 100: a certificate that only TLSA vouches for is right for DANE and wrong for MTA-STS.
            let by_dane = fault.is_of_trust() && HostView::dane_vouches(path);
            let (code, detail) = match by_dane {
                true => ("mx_only_dane_covers", Some(fault.mx_code())),
                false => (fault.mx_code(), None),
            };
            let new = || Stop { detail, fact: fault.fact(), certificate: Some(fault), at: Vec::new() };
            stops.entry(code).or_insert_with(new).at.push(path);
        }
    }
    stops.into_iter().map(|(code, stop)| stopped(case, host, code, &stop)).collect()
}

fn stopped(case: &Case<'_>, host: &HostView<'_>, code: &'static str, stop: &Stop<'_>) -> Draft {
    let name = quoted(&host.host.name);
    let enforced = case.enforced();
    let left = case.some_path_is_left();
    let consequence = match (enforced, left) {
        (false, _) => Consequence::None,
        (true, true) => Consequence::DeliveryDegraded,
        (true, false) => Consequence::DeliveryLost,
    };
    // RFC 7672 §2.2: usable TLSA records demand TLS in every mode; the cause weighs as much as the mismatch that follows.
    let by_dane = stop.certificate.is_none() && host.dane.state == DaneState::Usable;
    let consequence = if by_dane { consequence.max(dane_cost(case)) } else { consequence };
    let meaning = match (code, enforced) {
        ("mx_only_dane_covers", true) if left => {
            "Senders that use DANE deliver; senders that know MTA-STS only go on to the other MX hosts.".to_owned()
        }
        ("mx_only_dane_covers", true) => {
            "Senders that use DANE deliver; senders that know MTA-STS only have nowhere to deliver: they defer the \
             mail, retry, and finally return it to their own user."
                .to_owned()
        }
        ("mx_only_dane_covers", false) => {
            "Senders that use DANE deliver. With a policy in mode enforce, senders that know MTA-STS only would not."
                .to_owned()
        }
        (_, false) if by_dane => {
            "Senders that use DANE do not deliver there, since the TLSA records demand TLS; the others deliver in the clear. \
             With a policy in mode enforce, senders that honour it would pass this host by too."
                .to_owned()
        }
        _ => wording::skipped(enforced, left).to_owned(),
    };
    let (remedy, paste) = match stop.certificate {
        Some(fault) => certificate_remedy(&name, fault, code),
        None => tls_remedy(&name, code),
    };
    let mut draft = Draft::new(code, name.clone())
        .costs(consequence)
        .graver(by_dane)
        .fact(format!("{name}{} {}.", at(host, &stop.at), stop.fact))
        .meaning(meaning)
        .remedy(remedy)
        .paste(paste);
    if let Some(detail) = stop.detail {
        draft = draft.detail(detail);
    }
    for path in &stop.at {
        draft = draft.evidence("address", path.session.address.to_string());
        if let SessionOutcome::TlsFailed(failure) = &path.session.outcome {
            draft = draft.evidence("tls", &failure.text);
        }
        if let Some(leaf) = path.session.tls.as_ref().and_then(|tls| tls.certificates.first()) {
            draft = draft.evidence("certificate", format!("{}, issued by {}", leaf.subject, leaf.issuer));
        }
    }
    draft
}

/// ` (192.0.2.1)`, or nothing when all tested addresses are meant.
fn at(host: &HostView<'_>, paths: &[&PathView<'_>]) -> String {
    let tested = host.paths.iter().filter(|path| path.state != PathState::NotTested).count();
    if paths.len() == tested && tested != 1 {
        return String::new();
    }
    let addresses: Vec<_> = paths.iter().map(|path| path.session.address.to_string()).collect();
    format!(" ({})", listed(&addresses))
}

fn certificate_remedy(name: &str, fault: &CertificateFault, code: &str) -> (String, String) {
    let chain = format!(
        "smtpd_tls_chain_files = /etc/letsencrypt/live/{name}/privkey.pem, /etc/letsencrypt/live/{name}/fullchain.pem"
    );
    let issue = format!("certbot certonly --standalone -d {name}");
    match fault {
        _ if code == "mx_only_dane_covers" => (
            "Get a certificate of a public CA for the same key, so that the TLSA records still match; or stay without \
             enforce and rely on DANE."
                .to_owned(),
            format!(
                "openssl req -new -key /etc/ssl/private/{name}.key -subj / -addext subjectAltName=DNS:{name} -out {name}.csr\n\
                 certbot certonly --standalone --csr {name}.csr"
            ),
        ),
        CertificateFault::Expired { .. } => (
            "Renew the certificate, and let the renewal reload the mail server.".to_owned(),
            format!("certbot renew --cert-name {name} --deploy-hook \"systemctl reload postfix\""),
        ),
        CertificateFault::NotYetValid { .. } => (
            "Use a certificate that is valid now; look at the clock of the machine that made it.".to_owned(),
            format!("openssl s_client -starttls smtp -connect {name}:25 -servername {name}"),
        ),
        CertificateFault::Name { .. } => (
            format!("Use a certificate whose dNSNames include {name}, the name in the MX record."),
            issue,
        ),
        CertificateFault::Incomplete { .. } => {
            ("Let the mail server send the whole chain: leaf first, then the intermediate certificates.".to_owned(), chain)
        }
        CertificateFault::SelfSigned | CertificateFault::Untrusted { .. } | CertificateFault::Invalid { .. } => {
            (format!("Use a certificate of a public CA for {name}."), issue)
        }
    }
}

fn tls_remedy(name: &str, code: &str) -> (String, String) {
    let probe = format!("openssl s_client -starttls smtp -connect {name}:25 -servername {name}");
    match code {
        "mx_starttls_missing" => (
            "Switch STARTTLS on; and look whether a firewall or proxy on the way takes it out of the EHLO answer."
                .to_owned(),
            "smtpd_tls_security_level = may".to_owned(),
        ),
        "mx_starttls_refused" => (
            "Look at the mail server's log for the reason; most often key or certificate cannot be read.".to_owned(),
            probe,
        ),
        "mx_tls_version" => (
            "Offer TLS 1.2 and 1.3.".to_owned(),
            "smtpd_tls_protocols = >=TLSv1.2".to_owned(),
        ),
        _ => ("Look at the mail server's log for the reason of the failed handshake.".to_owned(), probe),
    }
}

/// One address works and another does not.
fn differ(host: &HostView<'_>) -> Option<Draft> {
    let of = |state| {
        let paths = host.paths.iter().filter(move |path| path.state == state);
        paths.map(|path| path.session.address.to_string()).collect::<Vec<_>>()
    };
    let (good, bad) = (of(PathState::Good), of(PathState::Bad));
    (!good.is_empty() && !bad.is_empty()).then(|| {
        let name = quoted(&host.host.name);
        Draft::new("mx_addresses_differ", name.clone())
            .fact(format!("{name} passes at {} and fails at {}.", listed(&good), listed(&bad)))
            .meaning(
                "Whether a sender that demands TLS delivers at once depends on the address that it tries.",
            )
            .remedy("Give every machine behind the name the same certificate and settings.")
    })
}

fn notes(case: &Case<'_>, host: &HostView<'_>) -> Vec<Draft> {
    [injection(host), weak(host), expiring(case, host), old_versions(host), needs_sni(host)]
        .into_iter()
        .flatten()
        .collect()
}

fn injection(host: &HostView<'_>) -> Option<Draft> {
    let hit: Vec<_> = host.paths.iter().filter(|path| path.session.injected.is_some()).collect();
    let octets = hit.first()?.session.injected.as_ref()?;
    let name = quoted(&host.host.name);
    // RFC 3207 §4: nothing learnt in the clear may be kept (rule 75).
    Some(
        Draft::new("mx_starttls_injection", name.clone())
            .fact(format!("At {name}{}, octets in the clear follow the answer to STARTTLS.", at(host, &hit)))
            .meaning(
                "A sender that reads them takes them for answers given inside TLS: somebody injects, or the server \
                 buffers wrongly.",
            )
            .remedy("Update the mail server or the proxy in front of it; look from another network as well.")
            .evidence("octets", octets.lossy()),
    )
}

fn weak(host: &HostView<'_>) -> Option<Draft> {
    let mut notes: Vec<String> = Vec::new();
    let mut hit = Vec::new();
    for path in &host.paths {
        let found = path.session.tls.as_ref().map(certificate::weaknesses).unwrap_or_default();
        if !found.is_empty() {
            hit.push(path);
        }
        notes.extend(found);
    }
    notes.sort();
    notes.dedup();
    let name = quoted(&host.host.name);
    (!notes.is_empty()).then(|| {
        Draft::new("mx_cert_weak", name.clone())
            .fact(format!("The certificate of {name}{} has {}.", at(host, &hit), listed(&notes)))
            .meaning("Careful senders refuse it, and a strong attacker could forge it.")
            .remedy("Use a certificate with an EC P-256 key or an RSA key of 2048 bits or more, signed with SHA-256.")
            .paste(format!("certbot certonly --standalone --key-type ecdsa -d {name}"))
    })
}

fn expiring(case: &Case<'_>, host: &HostView<'_>) -> Option<Draft> {
    let ending = |path| {
        let tls = PathView::tls(path)?;
        Some((path, certificate::ending_soon(tls, case.now)?))
    };
    let ends: Vec<_> = host.paths.iter().filter_map(ending).collect();
    let (_, next) = ends.iter().min_by_key(|(_, ending)| ending.at)?;
    let hit: Vec<_> = ends.iter().map(|(path, _)| *path).collect();
    let name = quoted(&host.host.name);
    let meaning = match case.enforced() {
        true => "After that, senders that honour the policy pass this host by.",
        false => "After that, a policy in mode enforce would keep senders from this host.",
    };
    Some(
        Draft::new("mx_cert_expiring", name.clone())
            .milder(next.is_mild())
            .fact(format!(
                "The certificate of {name}{} ends on {}, in {} days.",
                at(host, &hit),
                date(next.at),
                next.days
            ))
            .meaning(meaning)
            .remedy("Renew the certificate, and let the renewal reload the mail server.")
            .paste(format!("certbot renew --cert-name {name} --deploy-hook \"systemctl reload postfix\""))
            .evidence("certificate", &next.subject),
    )
}

/// Old versions beside good ones, and sessions with less than the best cipher suites (rule 71).
fn old_versions(host: &HostView<'_>) -> Option<Draft> {
    let mut notes: Vec<String> = Vec::new();
    let mut hit = Vec::new();
    // Nothing but old versions is a finding of its own.
    for path in &host.paths {
        let Some(tls) = path.tls() else { continue };
        // RFC 8996 §4
        let answered = path.session.legacy.seen().map(|offer| offer.answered.as_slice()).unwrap_or_default();
        let weak = cipher::weaknesses(tls);
        if answered.is_empty() && weak.is_empty() {
            continue;
        }
        hit.push(path);
        if !answered.is_empty() {
            notes.push(format!("still answers {}", listed(answered)));
        }
        notes.extend(weak.into_iter().map(|what| format!("chooses {what}")));
    }
    notes.sort();
    notes.dedup();
    let name = quoted(&host.host.name);
    (!notes.is_empty()).then(|| {
        Draft::new("mx_tls_old_versions", name.clone())
            .fact(format!("{name}{} {}.", at(host, &hit), listed(&notes)))
            .meaning("Senders choose the best that both sides have, so that nothing is lost today.")
            .remedy("Offer TLS 1.2 and 1.3 only, with the cipher suites of RFC 9325 §4.2.")
            .paste("smtpd_tls_protocols = >=TLSv1.2\nsmtpd_tls_ciphers = high")
    })
}

fn needs_sni(host: &HostView<'_>) -> Option<Draft> {
    let mut words = "the handshake fails";
    let mut hit = Vec::new();
    for path in host.paths.iter().filter(|path| path.state == PathState::Good) {
        match path.session.without_sni.seen() {
            Some(Err(_)) => hit.push(path),
            Some(Ok(tls)) if !tls.name_matches || tls.path.result != PathResult::Trusted => {
                words = "another certificate is shown, which does not fit";
                hit.push(path);
            }
            _ => {}
        }
    }
    let name = quoted(&host.host.name);
    (!hit.is_empty()).then(|| {
        Draft::new("mx_needs_sni", name.clone())
            .fact(format!("At {name}{}, without a server name {words}.", at(host, &hit)))
            .meaning("Senders that know MTA-STS or DANE name the host (RFC 8461 §7.1); older ones do not and fail here.")
            .remedy(format!("Make the certificate for {name} the one that is shown when no server name comes."))
            .paste(format!("openssl s_client -starttls smtp -connect {name}:25 -noservername"))
    })
}

/// An address that does not speak SMTP, while others do.
fn unreachable(case: &Case<'_>, host: &HostView<'_>) -> Option<Draft> {
    let hit: Vec<_> = host.paths.iter().filter(|path| is_reported(case, path)).collect();
    let first = hit.first()?;
    let name = quoted(&host.host.name);
    let others: Vec<IpAddr> = host
        .paths
        .iter()
        .filter(|path| matches!(path.state, PathState::Good | PathState::Bad))
        .map(|path| path.session.address)
        .collect();
    let meaning = match others.is_empty() {
        // RFC 5321 §3.1: 554 in the greeting; delivery, not protection.
        _ if is_no_service(first.session) => {
            "Unless it turns only us away, no sender can deliver to this address, with or without a policy; senders go on \
             to the other addresses and MX hosts."
        }
        true => "Senders go on to the other MX hosts: mail arrives by fewer paths.",
        false => "Senders go on to the host's other addresses: mail arrives by fewer paths.",
    };
    let mut draft = Draft::new("mx_unreachable", name.clone())
        .fact(format!("{name}{} {}.", at(host, &hit), unreachable_words(&first.session.outcome)))
        .meaning(meaning)
        .remedy(match &first.session.outcome {
            SessionOutcome::Refused(_) => {
                "The mail server listens and refuses: look in its log and its access rules for the reason, or remove the \
                 address or the MX record."
            }
            SessionOutcome::Protocol { .. } => {
                "Let a mail server answer there, or remove the address or the MX record."
            }
            _ => {
                "Let the mail server listen there and open port 25 in the firewall, or remove the address or the MX \
                 record."
            }
        })
        .paste(format!("nc -vz {} 25", first.session.address));
    for path in &hit {
        draft = draft.evidence(
            &path.session.address.to_string(),
            format!("{}{}", unreachable_words(&path.session.outcome), reply(path)),
        );
    }
    Some(draft)
}

/// Whether the greeting says that there is no mail service.
fn is_no_service(session: &SmtpSession) -> bool {
    matches!(session.outcome, SessionOutcome::Refused(Stage::Banner))
}

fn reply(path: &PathView<'_>) -> String {
    let reply = path.session.ehlo.as_ref().or(path.session.banner.as_ref());
    match reply.and_then(|reply| Some((reply.code, reply.lines.last()?))) {
        Some((code, line)) => format!(": {code} {}", line.lossy()),
        None => String::new(),
    }
}

/// Whether an unreachable address is a finding: only when something else answered, of the same family where silence
/// could be our own network's (rule 73).
pub(crate) fn is_reported(case: &Case<'_>, path: &PathView<'_>) -> bool {
    let spoke = matches!(path.session.outcome, SessionOutcome::Protocol { .. });
    let silent = matches!(
        path.session.outcome,
        SessionOutcome::Connect(ConnectFailure::Timeout | ConnectFailure::Unreachable)
    );
    path.state == PathState::Unreachable
        && (spoke || case.any_mail_answer())
        && !(silent && path.session.address.is_ipv6() && !case.ipv6_proven())
}

pub(crate) const OWN_IPV6: &str =
    "no IPv6 address answered in this look, so that our own IPv6 may be at fault";
const TURNED_AWAY: &str =
    "it turned us away and no other MX host answered: if it does so to all, no sender can deliver";
const OWN_PORT_25: &str = "no MX host answered at all, so that our own network may be at fault";

/// Why an address counts as not tested, if it does: it was not tried, or its silence may be our own network's.
pub(crate) fn untested<'a>(case: &Case<'_>, path: &'a PathView<'_>) -> Option<&'a str> {
    if let Some(why) = path.untested() {
        return Some(&why.text);
    }
    let ours = path.state == PathState::Unreachable && !is_reported(case, path);
    ours.then(|| match case.any_mail_answer() {
        true => OWN_IPV6,
        false if matches!(path.session.outcome, SessionOutcome::Refused(_)) => TURNED_AWAY,
        false => OWN_PORT_25,
    })
}

const fn unreachable_words(outcome: &SessionOutcome) -> &'static str {
    match outcome {
        SessionOutcome::Connect(ConnectFailure::Refused) => "refuses connections on port 25",
        SessionOutcome::Connect(ConnectFailure::Reset) => "resets connections on port 25",
        SessionOutcome::Connect(ConnectFailure::Timeout) => "does not answer on port 25",
        SessionOutcome::Connect(ConnectFailure::Unreachable) => "cannot be reached, says a router on the way",
        SessionOutcome::Refused(Stage::Banner) => "turns us away in its greeting: it takes no mail",
        SessionOutcome::Refused(_) => "turns us away after its greeting",
        SessionOutcome::Protocol { .. } => "answers with something that is no SMTP",
        SessionOutcome::Timeout(_) => "takes the connection and then stays silent",
        SessionOutcome::Closed(_) => "takes the connection and closes it",
        _ => "does not answer",
    }
}

/// One line on the layer.
pub(crate) fn summary(case: &Case<'_>) -> String {
    if case.takes_no_mail() {
        return "no mail hosts".to_owned();
    }
    let paths = || case.hosts.iter().flat_map(|host| &host.paths);
    let tested = paths().filter(|path| untested(case, path).is_none()).count();
    let good = paths().filter(|path| path.state == PathState::Good).count();
    match (tested, good) {
        (0, _) if !case.looks_at_mail_hosts() => "not tested, because the profile leaves it out".to_owned(),
        (0, _) => match paths().find_map(|path| untested(case, path)) {
            Some(why) => format!("not tested, because {why}"),
            None => "no address to look at".to_owned(),
        },
        (1, 1) => "the one address tested has TLS with a good certificate".to_owned(),
        (tested, good) if tested == good => {
            format!("all {tested} addresses tested have TLS with a good certificate")
        }
        (tested, good) => format!("{good} of {tested} addresses tested have TLS with a good certificate"),
    }
}
