//! The names that a domain's records point to, and the records that its owner is asked for.

use std::net::IpAddr;

use protocol::Domain;
use protocol::sts::Record;

use super::hosted::HostedDomain;
use super::label::{Label, TOKEN_LABEL};

/// Where the service itself can be found; what the owners of domains point their records to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceNames {
    /// The zone that our DNS answers for, if there is one. Below it each domain has three names, see
    /// [`ServiceNames::policy_target`] and the two after it.
    pub zone: Option<Domain>,
    /// The addresses of the door, as the world sees them.
    pub addresses: Vec<IpAddr>,
}

/// A record that the owner of a domain is asked to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedRecord {
    /// Its name, without the final dot.
    pub name: String,
    /// `A`, `AAAA`, `CNAME` or `TXT`.
    pub rtype: &'static str,
    /// What it holds: an address, a name without the final dot, or the text.
    pub value: String,
    /// What it is for: half a sentence.
    pub what: &'static str,
}

impl ServiceNames {
    /// Where `mta-sts.` of a domain points to.
    #[must_use]
    pub fn policy_target(&self, label: &Label) -> Option<String> {
        self.below("p", label)
    }

    /// Where `_mta-sts.` of a domain points to, so that its id follows the policy (RFC 8461 §8.2).
    #[must_use]
    pub fn record_target(&self, label: &Label) -> Option<String> {
        self.below("s", label)
    }

    /// Where `_smtp._tls.` of a domain points to.
    #[must_use]
    pub fn tlsrpt_target(&self, label: &Label) -> Option<String> {
        self.below("r", label)
    }

    fn below(&self, kind: &str, label: &Label) -> Option<String> {
        self.zone.as_ref().map(|zone| format!("{label}.{kind}.{}", zone.as_str()))
    }

    /// The records that the owner is asked for. `id` is that of the version that is served.
    #[must_use]
    pub fn wanted(&self, hosted: &HostedDomain, id: Option<&str>) -> Vec<WantedRecord> {
        let name = |label: &str| format!("{label}.{}", hosted.domain.as_str());
        let mut records = Vec::new();
        let mut want = |name: String, rtype, value: String, what| {
            records.push(WantedRecord { name, rtype, value, what });
        };
        if !hosted.owner.is_operator() && hosted.verified.is_none() {
            let what = "shows that the domain is yours, before anything else is changed";
            want(name(TOKEN_LABEL), "TXT", hosted.token.to_string(), what);
        }
        match self.policy_target(&hosted.label) {
            Some(target) => want(name("mta-sts"), "CNAME", target, "where senders fetch the policy"),
            None => {
                for address in &self.addresses {
                    let rtype = if address.is_ipv4() { "A" } else { "AAAA" };
                    want(name("mta-sts"), rtype, address.to_string(), "where senders fetch the policy");
                }
            }
        }
        match (self.record_target(&hosted.label), id) {
            (Some(target), _) => {
                want(name("_mta-sts"), "CNAME", target, "the policy's id, which then follows every change");
            }
            (None, Some(id)) => {
                let record = Record { id: id.to_owned(), extensions: Vec::new() };
                want(name("_mta-sts"), "TXT", record.to_string(), "the policy's id");
            }
            (None, None) => {}
        }
        if let Some(text) = &hosted.tlsrpt {
            match self.tlsrpt_target(&hosted.label) {
                Some(target) => want(name("_smtp._tls"), "CNAME", target, "where senders send their reports"),
                None => want(name("_smtp._tls"), "TXT", text.clone(), "where senders send their reports"),
            }
        }
        records
    }
}
