//! Layer 2: can senders fetch the policy?

use protocol::observed::{DnsFailure, Outcome, Place};

use super::http;
use super::record::failure_words;
use super::wording::NO_POLICY;
use crate::case::{Case, FetchFault, FetchState, FetchView, RecordState, untested};
use crate::catalogue::{Catalogue, UNREACHABLE};
use crate::certificate::{self, CertificateFault, date};
use crate::draft::{Draft, listed, quoted};

/// The findings on fetching the policy. Where there is certainly no record, senders never come here.
pub(crate) fn findings(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    found.extend(wrong_place(case));
    if matches!(case.record, RecordState::Absent) {
        return found;
    }
    if case.policy.is_obtained() {
        found.extend(some_addresses(case));
    } else {
        found.extend(unreachable(case));
    }
    found.extend(http::findings(case));
    found.extend(expiring(case));
    found.extend(old_versions(case));
    found
}

/// The reason why no address gives a policy, as a detail of the umbrella with its words; `None` when a policy is
/// obtained, when it is a code of its own, or when our own trouble hides the reason.
fn unreachable(case: &Case<'_>) -> Option<Draft> {
    if let Some(draft) = dns(case) {
        return (!may_be_undeployed(case)).then_some(draft);
    }
    // Each address is named by the fault that a sender meets first; of several addresses the one that came furthest
    // gives the most exact reason.
    let first = case.fetches.iter().filter_map(|view| Some((view, view.faults.first()?)));
    let umbrella = first.filter(|(_, fault)| !is_code_of_its_own(fault));
    let (view, fault) = umbrella.rev().max_by_key(|(_, fault)| fault.reach())?;
    // Silence at IPv6 alone may be our own network's.
    if view.is_silent() && view.fetch.address.is_ipv6() && !view.is_refused() && !case.ipv6_proven() {
        return None;
    }
    let host = quoted(&case.evidence.policy_host.name);
    let mut draft = Draft::new(UNREACHABLE, case.policy_url())
        .detail(fault.detail)
        .fact(format!("{host} ({}) {}.", view.fetch.address, fault.fact))
        .meaning(NO_POLICY);
    let (text, paste) = remedy(case, fault);
    draft = draft.remedy(text);
    if let Some(paste) = paste {
        draft = draft.paste(paste);
    }
    for view in &case.fetches {
        for fault in &view.faults {
            draft = draft.evidence(&view.fetch.address.to_string(), &fault.fact);
            if let Some(quote) = fault.quote.as_ref().filter(|quote| !quote.is_empty()) {
                draft = draft.evidence(fault.detail, quote);
            }
        }
    }
    Some(draft)
}

fn is_code_of_its_own(fault: &FetchFault) -> bool {
    matches!(fault.detail, "policy_http_too_large" | "policy_http_slow")
}

/// Why DNS gives no address at all for the policy host, as a detail of the umbrella; `None` when it gives one, or when
/// our own trouble hides it.
fn without_address(case: &Case<'_>) -> Option<&'static str> {
    let host = &case.evidence.policy_host;
    if !host.a.records().is_empty() || !host.aaaa.records().is_empty() {
        return None;
    }
    if untested(&host.a.outcome).or(untested(&host.aaaa.outcome)).is_some() {
        return None;
    }
    Some(if failure(&host.a.outcome).or(failure(&host.aaaa.outcome)).is_some() {
        "policy_host_dns_failure"
    } else if matches!(host.a.outcome, Outcome::NxDomain) || matches!(host.aaaa.outcome, Outcome::NxDomain) {
        "policy_host_nxdomain"
    } else {
        "policy_host_no_address"
    })
}

/// Where the record's own lookup fails, nobody knows whether there should be a policy host: a name without addresses
/// is then no fault.
fn may_be_undeployed(case: &Case<'_>) -> bool {
    let absent = matches!(without_address(case), Some("policy_host_nxdomain" | "policy_host_no_address"));
    absent && matches!(case.record, RecordState::Failed(_))
}

/// The policy host's DNS, when it gives no address at all.
fn dns(case: &Case<'_>) -> Option<Draft> {
    let detail = without_address(case)?;
    let host = &case.evidence.policy_host;
    let name = quoted(&host.name);
    let by_alias = match host.a.aliases.last().or(host.aaaa.aliases.last()) {
        Some(target) => format!(" (it is a CNAME to {})", quoted(target)),
        None => String::new(),
    };
    let mut draft = Draft::new(UNREACHABLE, case.policy_url()).detail(detail).meaning(NO_POLICY);
    if let Some(failure) = failure(&host.a.outcome).or(failure(&host.aaaa.outcome)) {
        let (_, fact, remedy) = failure_words(failure);
        if let Some(reason) = &host.a.security.reason {
            draft = draft.evidence("dnssec", reason);
        }
        return Some(
            draft.fact(format!("The address lookup for {name} fails: {fact}{by_alias}.")).remedy(remedy),
        );
    }
    let (fact, remedy) = match detail {
        "policy_host_nxdomain" => (
            format!("{name} does not exist in DNS{by_alias}."),
            format!("Create {name} and let it lead to the web server that has the policy."),
        ),
        _ => (
            format!("{name} has neither an A nor an AAAA record{by_alias}."),
            format!("Give {name} the address of the web server that has the policy."),
        ),
    };
    Some(draft.fact(fact).remedy(remedy).paste(format!("{name}. 3600 IN CNAME your-web-host.example.")))
}

const fn failure<T>(outcome: &Outcome<T>) -> Option<&DnsFailure> {
    match outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    }
}

/// What to do about a fault, and what to paste.
fn remedy(case: &Case<'_>, fault: &FetchFault) -> (String, Option<String>) {
    let host = quoted(&case.evidence.policy_host.name);
    if let Some(certificate) = &fault.certificate {
        return certificate_remedy(&host, certificate);
    }
    let location = || {
        format!(
            "location = /.well-known/mta-sts.txt {{\n    default_type text/plain;\n    alias /var/www/mta-sts/{host}.txt;\n}}"
        )
    };
    match fault.detail {
        "policy_host_refused" | "policy_host_timeout" | "policy_host_reset" => (
            format!("Let a web server answer for {host} on port 443, and open the port in the firewall."),
            Some(format!("curl -v https://{host}/.well-known/mta-sts.txt")),
        ),
        "policy_tls_version" => (
            "Offer TLS 1.2 and 1.3 at the policy host.".to_owned(),
            Some("ssl_protocols TLSv1.2 TLSv1.3;".to_owned()),
        ),
        "policy_tls_handshake" => (
            format!("Let the web server answer TLS with the server name {host} and a certificate for it."),
            Some(format!("openssl s_client -connect {host}:443 -servername {host}")),
        ),
        "policy_http_redirect" => (
            format!(
                "Answer the policy's path at {host} itself; senders never follow a redirect, though browsers do."
            ),
            Some(location()),
        ),
        "policy_http_status" => (
            "Serve the policy with status 200 to every client, also to programs and from every country."
                .to_owned(),
            Some(location()),
        ),
        _ => ("Serve the policy as a small file straight from a web server.".to_owned(), Some(location())),
    }
}

fn certificate_remedy(host: &str, fault: &CertificateFault) -> (String, Option<String>) {
    match fault {
        CertificateFault::Expired { .. } => (
            "Renew the certificate, and let the renewal reload the web server.".to_owned(),
            Some(format!("certbot renew --cert-name {host} --deploy-hook \"systemctl reload nginx\"")),
        ),
        CertificateFault::NotYetValid { .. } => {
            ("Serve a certificate that is valid now; look at the clock of the machine that made it.".to_owned(), None)
        }
        CertificateFault::Name { .. }
        | CertificateFault::SelfSigned
        | CertificateFault::Untrusted { .. }
        | CertificateFault::Invalid { .. } => (
            format!("Serve a certificate of a public CA whose dNSNames include {host}."),
            Some(format!("certbot certonly --webroot -w /var/www/html -d {host}")),
        ),
        CertificateFault::Incomplete { .. } => (
            "Serve the whole chain: leaf first, then the intermediate certificates. Browsers fetch what is missing, \
             senders do not."
                .to_owned(),
            Some(format!("ssl_certificate /etc/letsencrypt/live/{host}/fullchain.pem;")),
        ),
    }
}

/// Some address gives the policy: what of the others?
fn some_addresses(case: &Case<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    let host = quoted(&case.evidence.policy_host.name);
    let obtained: Vec<_> = case.fetches.iter().filter(|view| view.state == FetchState::Obtained).collect();
    let failed: Vec<_> = case.fetches.iter().filter(|view| view.state == FetchState::Failed).collect();
    let ipv4_works = obtained.iter().any(|view| view.fetch.address.is_ipv4());
    let ipv6_works = obtained.iter().any(|view| view.fetch.address.is_ipv6());
    let silent_ipv6 =
        |view: &FetchView<'_>| view.fetch.address.is_ipv6() && view.is_silent() && ipv4_works && !ipv6_works;
    let (ipv6, other): (Vec<&FetchView<'_>>, Vec<_>) = failed.into_iter().partition(|view| silent_ipv6(view));
    // Silence, as opposed to a refusal, may be our own network's unless some IPv6 address answered.
    let ipv6: Vec<_> = ipv6.into_iter().filter(|view| view.is_refused() || case.ipv6_proven()).collect();
    if !ipv6.is_empty() {
        found.push(
            at_addresses(Draft::new("policy_host_ipv6_broken", host.clone()), &host, &ipv6)
                .meaning("Senders that use IPv6 and do not fall back get no policy.")
                .remedy("Let the web server listen on IPv6 as well, or remove the AAAA record.")
                .paste("listen [::]:443 ssl;"),
        );
    }
    if !other.is_empty() {
        found.push(
            at_addresses(Draft::new("policy_host_address_differs", host.clone()), &host, &other)
                .meaning("Whether a sender gets the policy depends on the address that it tries.")
                .remedy("Serve the same policy from every address, or remove the address from DNS."),
        );
    } else if let Some(draft) = bodies_differ(&host, &obtained) {
        found.push(draft);
    }
    found
}

fn at_addresses(draft: Draft, host: &str, views: &[&FetchView<'_>]) -> Draft {
    let words = |view: &&FetchView<'_>| {
        let fact = view.faults.first().map_or("fails", |fault| fault.fact.as_str());
        format!("{} {fact}", view.fetch.address)
    };
    let mut draft = draft.fact(format!(
        "Of the addresses of {host}, {}.",
        listed(&views.iter().map(words).collect::<Vec<_>>())
    ));
    if let Some(fault) = views.first().and_then(|view| view.faults.first()) {
        draft = draft.detail(fault.detail);
    }
    for view in views {
        for fault in &view.faults {
            draft = draft.evidence(&view.fetch.address.to_string(), &fault.fact);
        }
    }
    draft
}

fn bodies_differ(host: &str, obtained: &[&FetchView<'_>]) -> Option<Draft> {
    let mut texts: Vec<&[u8]> = obtained.iter().filter_map(|view| view.body()).collect();
    texts.sort_unstable();
    texts.dedup();
    (texts.len() > 1).then(|| {
        let mut draft = Draft::new("policy_host_address_differs", host)
            .detail("body")
            .fact(format!("The addresses of {host} serve {} different texts.", texts.len()))
            .meaning("Which policy a sender gets depends on the address that it tries.")
            .remedy("Serve the same policy from every address; then publish the record with a new id.");
        for view in obtained {
            let body = view.body().map(String::from_utf8_lossy).unwrap_or_default();
            draft = draft.evidence(&view.fetch.address.to_string(), body);
        }
        draft
    })
}

fn wrong_place(case: &Case<'_>) -> Option<Draft> {
    if case.policy.is_obtained() {
        return None;
    }
    let places = &case.evidence.policy_host.elsewhere;
    let first = places.first()?;
    let urls: Vec<&str> = places.iter().map(|place| place.url.as_str()).collect();
    // R105, rule 22
    let why = match first.place {
        Place::Apex | Place::Www => "Senders ask only the host `mta-sts.` + domain.",
        Place::OtherPath => "Senders ask only for the path /.well-known/mta-sts.txt.",
        Place::PlainHttp => "Senders ask by HTTPS only.",
    };
    Some(
        Draft::new("policy_wrong_place", quoted(&first.url))
            .fact(format!("A policy is served at {}, where no sender looks.", listed(&urls)))
            .meaning(format!("{why} {NO_POLICY}"))
            .remedy(format!("Serve the same text at {}.", case.policy_url())),
    )
}

fn expiring(case: &Case<'_>) -> Option<Draft> {
    let ends = case.fetches.iter().filter_map(|view| {
        let tls = view.fetch.tls.as_ref()?;
        Some((view.fetch.address, certificate::ending_soon(tls, case.now)?))
    });
    let ends: Vec<_> = ends.collect();
    let (_, next) = ends.iter().min_by_key(|(_, ending)| ending.at)?;
    let host = quoted(&case.evidence.policy_host.name);
    let addresses: Vec<_> = ends.iter().map(|(address, _)| address.to_string()).collect();
    Some(
        Draft::new("policy_tls_expiring", host.clone())
            .milder(next.is_mild())
            .fact(format!("The certificate of {host} ends on {}, in {} days.", date(next.at), next.days))
            .meaning(
                "After that, senders get no policy: those without a copy deliver as if there were no MTA-STS. Mail \
                 goes on arriving.",
            )
            .remedy("Renew the certificate, and let the renewal reload the web server.")
            .paste(format!("certbot renew --cert-name {host} --deploy-hook \"systemctl reload nginx\""))
            .evidence("certificate", &next.subject)
            .evidence("addresses", addresses.join(", ")),
    )
}

fn old_versions(case: &Case<'_>) -> Option<Draft> {
    let mut notes = Vec::new();
    for view in &case.fetches {
        // Nothing but old versions is a finding of its own.
        let Some(tls) = &view.fetch.tls else { continue };
        let answered = view.fetch.legacy.seen().map(|offer| offer.answered.as_slice()).unwrap_or_default();
        if !answered.is_empty() {
            notes.push(format!("{} still answers {}", view.fetch.address, listed(answered)));
        } else if tls.version == "TLSv1.2" {
            notes.push(format!("{} does not offer TLS 1.3", view.fetch.address));
        }
    }
    let host = quoted(&case.evidence.policy_host.name);
    (!notes.is_empty()).then(|| {
        Draft::new("policy_tls_old_versions", host.clone())
            .fact(format!("At {host}, {}.", listed(&notes)))
            .meaning("Senders choose the newest version both sides have, so that nothing is lost today.")
            .remedy("Offer TLS 1.2 and 1.3 only.")
            .paste("ssl_protocols TLSv1.2 TLSv1.3;")
    })
}

/// One line on the layer.
pub(crate) fn summary(case: &Case<'_>) -> String {
    let total = case.fetches.len();
    let obtained = case.fetches.iter().filter(|view| view.state == FetchState::Obtained).count();
    if matches!(case.record, RecordState::Absent) {
        return match case.policy.is_obtained() {
            true => "a policy is served, and there is no record".to_owned(),
            false => "not asked for: there is no record".to_owned(),
        };
    }
    if let Some(why) = not_tested(case) {
        return format!("not tested, because {why}");
    }
    match (obtained, total) {
        (0, 0) => {
            let entry = without_address(case).and_then(Catalogue::find);
            entry.map_or("the policy host has no address", |entry| entry.title).to_owned()
        }
        (0, _) => {
            let fault = case.fetches.iter().filter_map(|view| view.faults.first()).max_by_key(|f| f.reach());
            fault.map_or_else(|| "no policy".to_owned(), |fault| format!("the policy host {}", fault.fact))
        }
        (1, 1) => "the policy comes from its one address".to_owned(),
        (some, all) if some == all => format!("the policy comes from all {all} addresses"),
        (some, all) => format!("the policy comes from {some} of {all} addresses"),
    }
}

/// Why nothing is known, when our own trouble hides the policy host.
pub(crate) fn not_tested(case: &Case<'_>) -> Option<String> {
    let host = &case.evidence.policy_host;
    if may_be_undeployed(case) {
        return Some("the record cannot be looked up, and there is no policy host".to_owned());
    }
    if case.fetches.is_empty() {
        return untested(&host.a.outcome).or(untested(&host.aaaa.outcome)).map(|why| why.text.clone());
    }
    let mut reasons = case.fetches.iter().map(|view| match &view.fetch.outcome {
        protocol::observed::FetchOutcome::NotTested(why) => Some(why.text.clone()),
        _ if view.is_silent()
            && view.fetch.address.is_ipv6()
            && !view.is_refused()
            && !case.ipv6_proven() =>
        {
            Some("no IPv6 address answered, which may be our own network".to_owned())
        }
        _ => None,
    });
    let first = reasons.next()??;
    reasons.all(|reason| reason.is_some()).then_some(first)
}
