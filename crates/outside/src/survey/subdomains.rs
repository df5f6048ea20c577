//! Subdomains that receive mail: each is a policy domain of its own (RFC 8461 §3.4, rule 78).

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

impl Survey {
    /// Those of the usual names that have MX records of their own.
    pub(super) async fn subdomains(&self) -> Vec<SubdomainLook> {
        if self.settings.profile == Profile::Basic {
            return Vec::new();
        }
        join_all(LABELS.map(async |label| {
            let name = format!("{label}.{}", self.domain.as_str());
            let heard = self.asker.ask::<MxRecord>(&name).await;
            // RFC 7505: a null MX is no mail.
            if !heard.records().iter().any(|mx| !mx.host.is_empty()) {
                return None;
            }
            let record_name = format!("_mta-sts.{name}");
            let (mx, record) =
                tokio::join!(heard.settle(&self.deadline), self.asker.ask_settled(&record_name));
            (!mx.records().is_empty()).then_some(SubdomainLook { name, mx, record })
        }))
        .await
        .into_iter()
        .flatten()
        .collect()
    }
}
