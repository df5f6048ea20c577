//! The facts behind each layer, for healthy domains too (R1, R30, R39 to R43).

use protocol::observed::{Answer, Outcome, SecurityStatus, SmtpSession, TlsFacts, Txt};

use crate::case::{Case, MAX_MX_NAMES};
use crate::certificate::date;
use crate::draft::quoted;
use crate::hosted::Operator;
use crate::{EvidenceItem, Layer};

/// Most facts that one layer shows: a person reads few, a hostile domain can offer thousands.
const MAX_FACTS: usize = 64;

/// What was seen in one layer.
pub(crate) fn of(case: &Case<'_>, layer: Layer) -> Vec<EvidenceItem> {
    let mut facts = Facts::default();
    match layer {
        Layer::Record => record(case, &mut facts),
        Layer::Fetch => fetch(case, &mut facts),
        Layer::Policy => policy(case, &mut facts),
        Layer::Coverage => coverage(case, &mut facts),
        Layer::Transport => transport(case, &mut facts),
        Layer::Tlsrpt => texts(&case.evidence.tlsrpt, &mut facts),
        Layer::Across => {}
    }
    facts.0
}

#[derive(Default)]
struct Facts(Vec<EvidenceItem>);

impl Facts {
    fn add(&mut self, label: &str, text: impl AsRef<str>) {
        if self.0.len() < MAX_FACTS {
            self.0.push(EvidenceItem { label: label.to_owned(), text: quoted(text.as_ref()) });
        }
    }

    fn security<T>(&mut self, answer: &Answer<T>) {
        if !matches!(answer.outcome, Outcome::NotTested(_)) {
            self.add("dnssec", security(answer.security.status));
        }
    }

    fn aliases<T>(&mut self, answer: &Answer<T>) {
        if let Some(target) = answer.aliases.last() {
            let by = Operator::of(target).service().map(|name| format!(" ({name})")).unwrap_or_default();
            self.add("delegation", format!("delegated to {target}{by}"));
        }
    }

    fn tls(&mut self, place: &str, tls: &TlsFacts) {
        let certificate = tls.certificates.first().map_or_else(String::new, |leaf| {
            format!(", certificate until {} issued by {}", date(leaf.not_after), leaf.issuer)
        });
        self.add(place, format!("{}{certificate}", tls.version));
    }
}

const fn security(status: SecurityStatus) -> &'static str {
    match status {
        SecurityStatus::Secure => "signed, and validated here",
        SecurityStatus::Insecure => "not signed",
        SecurityStatus::Bogus => "validation fails",
        SecurityStatus::Indeterminate => "could not be determined",
        SecurityStatus::Unchecked => "not validated",
    }
}

fn texts(answer: &Answer<Txt>, facts: &mut Facts) {
    for text in answer.records().iter().map(Txt::joined) {
        facts.add("record", String::from_utf8_lossy(&text));
    }
    facts.aliases(answer);
    facts.security(answer);
}

fn record(case: &Case<'_>, facts: &mut Facts) {
    texts(&case.evidence.record, facts);
    if let Some(id) = case.record.id() {
        facts.add("id", id);
    }
    if let Some(ttl) = case.evidence.record.ttl {
        facts.add("ttl", format!("{ttl} s"));
    }
}

fn fetch(case: &Case<'_>, facts: &mut Facts) {
    let host = &case.evidence.policy_host;
    if host.a.aliases.is_empty() {
        facts.aliases(&host.aaaa);
    } else {
        facts.aliases(&host.a);
    }
    for view in &case.fetches {
        let address = view.fetch.address.to_string();
        if let Some(tls) = &view.fetch.tls {
            facts.tls(&address, tls);
        }
        if let Some(response) = view.response() {
            facts.add(&address, format!("status {}", response.status));
            for name in ["content-type", "last-modified"] {
                if let Some(value) = response.header(name) {
                    facts.add(&address, format!("{name}: {}", String::from_utf8_lossy(value)));
                }
            }
        }
    }
}

fn policy(case: &Case<'_>, facts: &mut Facts) {
    if let Some(text) = &case.policy.text {
        facts.add("policy", String::from_utf8_lossy(text));
    }
    if let Some(policy) = case.policy.some_reading() {
        facts.add("mode", policy.mode.to_string());
        facts.add("max_age", policy.max_age.to_string());
        for mx in &policy.mx {
            facts.add("mx", mx.as_str());
        }
    }
}

fn coverage(case: &Case<'_>, facts: &mut Facts) {
    for mx in case.evidence.mx.records().iter().take(MAX_MX_NAMES) {
        let host = if mx.host.is_empty() { "." } else { &mx.host };
        facts.add("mx", format!("{} {host}", mx.preference));
    }
    facts.security(&case.evidence.mx);
}

fn transport(case: &Case<'_>, facts: &mut Facts) {
    for view in &case.hosts {
        for path in &view.paths {
            let place = format!("{} ({})", quoted(&view.host.name), path.session.address);
            if let Some(tls) = path.tls() {
                facts.tls(&place, tls);
            }
            if offers_requiretls(path.session) {
                facts.add(&place, "offers REQUIRETLS inside TLS");
            }
        }
        for record in view.host.tlsa.answer.records() {
            facts.add(&format!("TLSA of {}", quoted(&view.host.name)), record.to_string());
        }
    }
}

/// Whether EHLO inside TLS names the extension. RFC 8689 §2: it counts there only (rule 76).
fn offers_requiretls(session: &SmtpSession) -> bool {
    let lines = session.ehlo_in_tls.iter().flat_map(|reply| &reply.lines);
    lines.into_iter().any(|line| line.lossy().trim().eq_ignore_ascii_case("REQUIRETLS"))
}
