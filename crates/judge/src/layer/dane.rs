//! Layer 5, continued: DANE beside MTA-STS (RFC 7672).

use protocol::dane::{Mismatch, Outcome as DaneOutcome, Tlsa};
use protocol::observed::{Certificate, DnsFailure, Outcome, SecurityStatus};
use protocol::sts::DaneState;
use sha2::{Digest as _, Sha256};

use super::record::failure_words;
use crate::Consequence;
use crate::case::{Case, HostView, PathView};
use crate::draft::{Draft, listed, quoted};
use crate::hosted;

/// Why DNSSEC and DANE were not tested when answers are taken as they come.
pub(crate) const UNVALIDATED: &str = "validation was switched off";

/// The findings on DNSSEC and TLSA records.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    found.extend(unsigned(case));
    for host in &case.hosts {
        found.extend(of_host(case, host));
    }
    found
}

/// DNSSEC is missing where DANE would need it.
fn unsigned(case: &Case<'_>) -> Option<Draft> {
    if case.takes_no_mail() || !case.looks_at_mail_hosts() {
        return None;
    }
    let domain = case.evidence.domain.as_str();
    let mx_answered = !case.evidence.mx.records().is_empty() || case.evidence.mx.is_absent();
    let mx = mx_answered && case.evidence.mx.security.status == SecurityStatus::Insecure;
    let hosts: Vec<&str> = case
        .hosts
        .iter()
        .filter(|view| !view.paths.is_empty() && view.dane.addresses == SecurityStatus::Insecure)
        .map(|view| view.host.name.as_str())
        .collect();
    if !mx && hosts.is_empty() {
        return None;
    }
    let fact = match (mx, hosts.is_empty()) {
        (true, true) => format!("The MX records of {domain} are not signed."),
        (true, false) => {
            format!("The MX records of {domain} and the addresses of {} are not signed.", listed(&hosts))
        }
        (false, _) => format!("The addresses of {} are not signed.", listed(&hosts)),
    };
    Some(
        Draft::new("dnssec_missing", domain)
            .fact(fact)
            .meaning("DANE is not possible there; MTA-STS does not need DNSSEC.")
            .remedy(
                "If you want DANE as well, have the zone signed and the DS record published at the parent.",
            ),
    )
}

fn of_host(case: &Case<'_>, view: &HostView<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    if !view.dane.tested {
        return found;
    }
    let answer = &view.host.tlsa.answer;
    let signed = view.dane.mx == SecurityStatus::Secure && view.dane.addresses == SecurityStatus::Secure;
    match &answer.outcome {
        Outcome::NoData | Outcome::NxDomain
            if signed && view.host.tlsa.unreadable == 0 && !view.paths.is_empty() =>
        {
            found.push(missing(view));
        }
        Outcome::Failed(_) | Outcome::Records(_) if view.dane.state == DaneState::LookupFailed => {
            found.push(bogus(case, view));
        }
        Outcome::Records(_) => {
            found.extend(insecure(view));
            found.extend(unusable(view));
            found.extend(mismatch(case, view));
            found.extend(no_rollover(view));
        }
        _ => {}
    }
    found.extend(malformed(view));
    found
}

fn tlsa_name(view: &HostView<'_>) -> String {
    format!("_25._tcp.{}", quoted(&view.host.tlsa.base))
}

fn missing(view: &HostView<'_>) -> Draft {
    let name = quoted(&view.host.name);
    Draft::new("dane_missing", name.clone())
        .fact(format!("{name} has no TLSA records, though its zone is signed."))
        .meaning("Senders that use DANE fall back to MTA-STS or to whatever TLS they can get.")
        .remedy("If you want DANE as well, publish a record for the key in use and one for the next key.")
        .paste(of_leaf(view))
}

fn bogus(case: &Case<'_>, view: &HostView<'_>) -> Draft {
    let name = tlsa_name(view);
    let zone = hosted::registrable(&view.host.tlsa.base);
    let why = match &view.host.tlsa.answer.outcome {
        Outcome::Failed(failure) => failure_words(failure).1,
        _ => failure_words(&DnsFailure::Bogus).1,
    };
    // RFC 7672 §2.1.2 (rule 94): the host must not be used, lest an attacker suppress the records.
    let mut draft = Draft::new("dane_bogus", quoted(&view.host.name))
        .costs(dane_cost(case))
        .fact(format!(
            "The TLSA lookup for {name} fails: {why}. Its zone, {zone} or one below, is signed: the fault is in the zone or \
             at its name servers."
        ))
        .meaning("Senders that use DANE cannot tell whether there are TLSA records and do not deliver to this host.")
        .remedy("Sign the zone anew, and let every name server answer for the name, also when there is no record.")
        .paste(format!("delv +rtrace TLSA {name}"));
    if let Some(reason) = &view.host.tlsa.answer.security.reason {
        draft = draft.evidence("dnssec", reason);
    }
    // Rule 101: the servers by name, where they are known: those of the domain itself.
    if zone == hosted::registrable(case.evidence.domain.as_str()) {
        for server in case.evidence.surroundings.servers.seen().into_iter().flatten() {
            draft = draft.evidence("name server", format!("{} ({})", server.server, server.address));
        }
    }
    draft
}

/// What a DANE fault costs senders that use DANE: degraded while some other host takes their mail.
pub(crate) fn dane_cost(case: &Case<'_>) -> Consequence {
    match case.hosts.iter().any(HostView::may_take_dane_mail) {
        true => Consequence::DeliveryDegraded,
        false => Consequence::DeliveryLost,
    }
}

fn insecure(view: &HostView<'_>) -> Option<Draft> {
    let dane = &view.dane;
    let unsigned: Vec<&str> = [
        (dane.mx, "the MX records"),
        (dane.addresses, "the host's addresses"),
        (dane.tlsa, "the TLSA records"),
    ]
    .into_iter()
    .filter(|(status, _)| *status == SecurityStatus::Insecure)
    .map(|(_, what)| what)
    .collect();
    (!unsigned.is_empty()).then(|| {
        let name = quoted(&view.host.name);
        Draft::new("dane_insecure", name.clone())
            .fact(format!("{name} has TLSA records, and {} are not signed.", listed(&unsigned)))
            .meaning("Senders ignore TLSA records unless every answer on the way to them is signed: they protect nothing.")
            .remedy("Have the zone signed and the DS record published at the parent, or remove the TLSA records.")
    })
}

fn unusable(view: &HostView<'_>) -> Option<Draft> {
    let records = view.host.tlsa.answer.records();
    let only_malformed = view.dane.malformed >= records.len();
    (view.dane.usable == 0 && !only_malformed).then(|| {
        let why: Vec<String> = records
            .iter()
            .filter_map(|record| {
                Some(format!(
                    "{} {} {} ({})",
                    record.usage,
                    record.selector,
                    record.matching,
                    record.usable().err()?
                ))
            })
            .collect();
        let name = quoted(&view.host.name);
        Draft::new("dane_unusable", name.clone())
            .fact(format!("Senders can use none of the TLSA records of {name}: {}.", listed(&why)))
            .meaning("Senders that use DANE demand TLS and do not check the certificate (RFC 7672 §2.2).")
            .remedy("Publish usage 3 or 2, selector 1, matching type 1.")
            .paste(of_leaf(view))
    })
}

fn malformed(view: &HostView<'_>) -> Option<Draft> {
    let count = view.dane.malformed;
    (count > 0).then(|| {
        let name = quoted(&view.host.name);
        let mut draft = Draft::new("dane_malformed", name.clone())
            .fact(format!(
                "{count} TLSA record{} of {name} cannot be read, or the data has the wrong length.",
                plural(count)
            ))
            .meaning("Senders ignore such records; what they should vouch for is not vouched for.")
            .remedy("Make the record anew from the certificate in use.")
            .paste(of_leaf(view));
        for record in view.host.tlsa.answer.records().iter().filter(|record| record.usable().is_err()) {
            draft = draft.evidence("tlsa", record.to_string());
        }
        draft
    })
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn mismatch(case: &Case<'_>, view: &HostView<'_>) -> Option<Draft> {
    if view.dane.state != DaneState::Usable {
        return None;
    }
    let hit: Vec<_> = view
        .paths
        .iter()
        .filter_map(|path| match (&path.dane, &path.tls_fault) {
            (Some(DaneOutcome::Mismatch { why }), _) => {
                Some((path, why.first().map_or("no reason known", |(_, mismatch)| reason(*mismatch))))
            }
            (Some(DaneOutcome::Matched { .. }), _) => None,
            // RFC 7672 §2.2: usable TLSA records demand TLS.
            (_, Some(_)) => Some((path, "there is no TLS, which the records demand")),
            _ => None,
        })
        .collect();
    let (first, why) = hit.first()?;
    let name = quoted(&view.host.name);
    let addresses: Vec<_> = hit.iter().map(|(path, _)| path.session.address.to_string()).collect();
    let mut draft = Draft::new("dane_mismatch", name.clone())
        .costs(dane_cost(case))
        .fact(format!(
            "No usable TLSA record of {name} matches what the host shows{} at {}: {why}.",
            asked_as(view),
            listed(&addresses),
        ))
        .meaning("Senders that use DANE do not deliver there; a good MTA-STS policy does not change that (RFC 8461 §2).")
        .remedy(match first.dane_tls().is_some() {
            true => "Publish a TLSA record for the key in use, wait for the TTL, and only then remove the old one.",
            false => "Let the host offer STARTTLS with a working handshake: the records demand TLS, and may fit then.",
        });
    if let Some(leaf) = first.dane_tls().and_then(|tls| tls.certificates.first()) {
        draft = draft.paste(format!("{}. 3600 IN TLSA {}", tlsa_name(view), fitting(3, &leaf.spki)));
    }
    for record in view.host.tlsa.answer.records() {
        draft = draft.evidence("tlsa", record.to_string());
    }
    Some(draft)
}

/// By which name senders that use DANE ask the host, where that is not its own (RFC 7672 §8.1).
fn asked_as(view: &HostView<'_>) -> String {
    match view.host.tlsa.base == view.host.name {
        true => String::new(),
        false => format!(" to senders that ask for {}", quoted(&view.host.tlsa.base)),
    }
}

/// The record that would match a key, by usage: `3 1 1` or `2 1 1` and its SHA-256.
fn fitting(usage: u8, spki: &[u8]) -> String {
    Tlsa { usage, selector: 1, matching: 1, data: Sha256::digest(spki).to_vec() }.to_string()
}

/// The certificates that the host showed, where it did.
fn shown<'a>(view: &HostView<'a>) -> &'a [Certificate] {
    let mut seen = view.paths.iter().filter_map(PathView::tls);
    seen.find(|tls| !tls.certificates.is_empty()).map(|tls| tls.certificates.as_slice()).unwrap_or_default()
}

/// The record for the key in use, or a mark where no key was seen.
fn of_leaf(view: &HostView<'_>) -> String {
    let record = match shown(view).first() {
        Some(leaf) => fitting(3, &leaf.spki),
        None => "3 1 1 <sha256 of the public key>".to_owned(),
    };
    format!("{}. 3600 IN TLSA {record}", tlsa_name(view))
}

/// The record for the issuing CA's key, or a mark where its certificate was not sent.
fn of_issuer(view: &HostView<'_>) -> String {
    let record = match shown(view) {
        [leaf, issuer, ..] if leaf.issuer == issuer.subject => fitting(2, &issuer.spki),
        _ => "2 1 1 <sha256 of the issuing CA's public key>".to_owned(),
    };
    format!("{}. 3600 IN TLSA {record}", tlsa_name(view))
}

const fn reason(mismatch: Mismatch) -> &'static str {
    match mismatch {
        Mismatch::NoCertificate => "no certificate is shown",
        Mismatch::OtherLeaf => "the record is for another certificate or key",
        Mismatch::AnchorNotPresented => "the named trust anchor is not among the certificates sent",
        Mismatch::NoPath => "the named trust anchor gives no path to the certificate",
        Mismatch::Name => "the certificate names another host, which usage 2 does not allow",
        Mismatch::Expired => "the certificate has expired, which usage 2 does not allow",
        Mismatch::NotYetValid => "the certificate is not valid yet, which usage 2 does not allow",
    }
}

fn no_rollover(view: &HostView<'_>) -> Option<Draft> {
    // RFC 7671 §8.1 (rule 98)
    let one = view.dane.state == DaneState::Usable && view.dane.usable == 1;
    one.then(|| {
        let name = quoted(&view.host.name);
        Draft::new("dane_no_rollover", name.clone())
            .fact(format!("{name} has one usable TLSA record only."))
            .meaning("The next certificate with another key breaks DANE unless its record is published well before.")
            .remedy("Publish a second record for the next key, or one for the issuing CA's key with usage 2.")
            .paste(of_issuer(view))
    })
}

/// One line on DANE.
pub(crate) fn summary(case: &Case<'_>) -> String {
    if case.is_unvalidated() {
        return format!("not tested, because {UNVALIDATED}");
    }
    let usable = case.hosts.iter().filter(|host| host.dane.state == DaneState::Usable).count();
    match usable {
        0 => "no usable TLSA records".to_owned(),
        usable if usable == case.hosts.len() => "every MX host has TLSA records that fit".to_owned(),
        usable => format!("{usable} of {} MX hosts have TLSA records, and they fit", case.hosts.len()),
    }
}
