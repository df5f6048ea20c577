//! Subdomains that receive mail: each is a policy domain of its own (RFC 8461 §3.4, rule 78). Nobody can list the names of
//! a zone; the usual ones are tried, and those that the domain's own records name.

use futures_util::future::join_all;
use protocol::observed::{MxRecord, Profile, SubdomainLook};

use super::Survey;

/// Labels under which mail is often received apart from the domain itself: hosts that take mail for themselves,
/// mailing lists, ticket systems, and the return addresses of bulk mail.
const LABELS: [&str; 12] = [
    "mail",
    "smtp",
    "mx",
    "email",
    "lists",
    "news",
    "newsletter",
    "support",
    "help",
    "bounce",
    "bounces",
    "info",
];

/// Names looked at that were seen in records of one type: as many as MX hosts are visited.
const MAX_SEEN: usize = 20;

impl Survey {
    /// Those of the usual names that have MX records of their own.
    pub(super) async fn subdomains(&self) -> Vec<SubdomainLook> {
        if self.settings.profile == Profile::Basic {
            return Vec::new();
        }
        let names = LABELS.iter().map(|label| format!("{label}.{}", self.domain.as_str()));
        join_all(names.map(|name| self.subdomain(name))).await.into_iter().flatten().collect()
    }

    /// Those of the names, seen in records, that lie below the domain and have MX records of their own. The usual
    /// names are left to [`Survey::subdomains`].
    pub(super) async fn subdomains_among(&self, seen: impl Iterator<Item = String>) -> Vec<SubdomainLook> {
        let mut names: Vec<String> = Vec::new();
        for name in seen.take(MAX_SEEN) {
            let below = name.strip_suffix(self.domain.as_str()).and_then(|rest| rest.strip_suffix('.'));
            if below.is_some_and(|label| !LABELS.contains(&label)) && !names.contains(&name) {
                names.push(name);
            }
        }
        join_all(names.into_iter().map(|name| self.subdomain(name))).await.into_iter().flatten().collect()
    }

    async fn subdomain(&self, name: String) -> Option<SubdomainLook> {
        let heard = self.asker.ask::<MxRecord>(&name).await;
        // RFC 7505: a null MX is no mail.
        if !heard.records().iter().any(|mx| !mx.host.is_empty()) {
            return None;
        }
        let record_name = format!("_mta-sts.{name}");
        let (mx, record) = tokio::join!(heard.settle(&self.deadline), self.asker.ask_settled(&record_name));
        (!mx.records().is_empty()).then_some(SubdomainLook { name, mx, record })
    }
}
