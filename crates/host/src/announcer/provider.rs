//! DNS providers' APIs, spoken by the library `dns-update`.

use std::time::Duration;

use dns_update::providers::route53::Route53Config;
use dns_update::{DnsRecord, DnsRecordType, DnsUpdater};
use protocol::observed::Txt;
use protocol::zone::quoted;

use super::{AnnounceError, Change, Present};

/// For one call. Providers answer within seconds, but some are slow to write.
const LIMIT: Duration = Duration::from_secs(30);
/// Characters kept of what an API says: enough for its reason, never a whole page.
const MAX_WORDS: usize = 300;

/// The providers by name, with what their secret is.
pub const PROVIDERS: [(&str, &str); 16] = [
    ("bunny", "API key"),
    ("cloudflare", "API token that may edit the zone's DNS"),
    ("desec", "token"),
    ("digitalocean", "personal access token"),
    ("gandi", "personal access token"),
    ("gcore", "API token"),
    ("hetzner", "API token"),
    ("infomaniak", "access token"),
    ("ionos", "API key, PREFIX.SECRET"),
    ("linode", "personal access token"),
    ("netlify", "personal access token"),
    ("ns1", "API key"),
    ("powerdns", "API key; --provider-url names the server's API"),
    ("route53", "two lines: access key id, secret access key"),
    ("scaleway", "secret key"),
    ("vultr", "API key"),
];

/// A DNS provider's API, with the means to use it.
pub struct Provider {
    name: &'static str,
    zone: String,
    updater: DnsUpdater,
}

/// A provider that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// No such provider.
    #[error("no provider {0:?} is known; known are {known}", known = known())]
    Unknown(String),
    /// A secret that cannot be one.
    #[error("the secret of {provider} must be: {what}")]
    Secret {
        /// The provider.
        provider: &'static str,
        /// What it is.
        what: &'static str,
    },
    /// It needs to know where the API is, or must not be told.
    #[error("--provider-url is for powerdns and route53 alone; powerdns needs it")]
    Url,
    /// The library refuses.
    #[error("{provider}: {why}")]
    Refused {
        /// The provider.
        provider: &'static str,
        /// In words.
        why: String,
    },
}

fn known() -> String {
    PROVIDERS.map(|(name, _)| name).join(", ")
}

impl Provider {
    /// The provider of that name, for a zone. `secret` is the text of the secret's file; `url` names the API for those
    /// that people run themselves.
    ///
    /// # Errors
    /// [`ProviderFault`]; nothing is sent yet, so that a wrong secret shows only later.
    pub fn open(name: &str, secret: &str, zone: &str, url: Option<&str>) -> Result<Self, ProviderFault> {
        let Some((name, what)) = PROVIDERS.into_iter().find(|(known, _)| *known == name) else {
            return Err(ProviderFault::Unknown(name.chars().take(40).collect()));
        };
        let lines: Vec<&str> = secret.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        // A secret goes into a header field: what cannot stand there would be left out in silence.
        if lines.is_empty() || lines.iter().any(|line| !line.bytes().all(|octet| octet.is_ascii_graphic())) {
            return Err(ProviderFault::Secret { provider: name, what });
        }
        if url.is_some() != (name == "powerdns") && !(url.is_some() && name == "route53") {
            return Err(ProviderFault::Url);
        }
        let updater = updater(name, &lines, url)
            .ok_or(ProviderFault::Secret { provider: name, what })?
            .map_err(|error| ProviderFault::Refused { provider: name, why: words(&error) })?;
        Ok(Self { name, zone: zone.to_owned(), updater })
    }

    pub(super) async fn present(&self, name: &str) -> Result<Present, AnnounceError> {
        let records = self.updater.list_rrset(name, DnsRecordType::TXT, self.zone.as_str()).await;
        let mut present = Present::default();
        for record in records.map_err(|error| self.failure(&error))? {
            if let DnsRecord::TXT(text) = record {
                present.texts.push(Txt { strings: vec![text.as_str().into()] });
            }
        }
        Ok(present)
    }

    /// The whole set by the provider's own means: some replace it at once, others take records away and add new ones. No
    /// API here has conditions, so that a change by someone else is found only if it came before this call.
    ///
    /// The library gives texts of other records neither octet for octet nor with the bounds of their strings, so that
    /// nobody could put them back as they were: beside them nothing is changed.
    pub(super) async fn replace(&self, change: Change<'_>) -> Result<(), AnnounceError> {
        let Change { name, seen, wanted, ttl } = change;
        if self.present(name).await?.texts != seen {
            return Err(AnnounceError::Changed { name: name.to_owned() });
        }
        // The new record is the last, behind those for other uses.
        let (record, others) = match wanted {
            [others @ .., record] => (record.joined(), others.len()),
            [] => return Err(AnnounceError::Malformed("there is no record to announce".to_owned())),
        };
        let text = match (others, String::from_utf8(record)) {
            (0, Ok(text)) => text,
            (_, record) => {
                let octets = record.map_or_else(std::string::FromUtf8Error::into_bytes, String::into_bytes);
                return Err(AnnounceError::Others {
                    provider: self.name.to_owned(),
                    name: name.to_owned(),
                    others,
                    line: format!("{name}. {ttl} IN TXT {}", quoted(&octets)),
                });
            }
        };
        let records = vec![DnsRecord::TXT(text)];
        let set = self.updater.set_rrset(name, DnsRecordType::TXT, ttl, records, self.zone.as_str());
        set.await.map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &dns_update::Error) -> AnnounceError {
        let why = match error {
            dns_update::Error::Unauthorized => {
                "it does not accept the secret, or not for this zone".to_owned()
            }
            dns_update::Error::NotFound => format!("it has no zone {}", self.zone),
            other => words(other),
        };
        AnnounceError::Api { provider: self.name.to_owned(), why }
    }
}

fn words(error: &dns_update::Error) -> String {
    error.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_WORDS).collect()
}

/// `None` for a secret of another number of lines.
fn updater(name: &str, secret: &[&str], url: Option<&str>) -> Option<dns_update::Result<DnsUpdater>> {
    let limit = Some(LIMIT);
    if name == "route53" {
        let [id, key] = secret else { return None };
        return Some(DnsUpdater::new_route53(Route53Config {
            access_key_id: (*id).to_owned(),
            secret_access_key: (*key).to_owned(),
            session_token: None,
            region: None,
            hosted_zone_id: None,
            private_zone_only: None,
            endpoint: url.map(str::to_owned),
        }));
    }
    let [token] = secret else { return None };
    Some(match name {
        "bunny" => DnsUpdater::new_bunny(token, limit),
        "cloudflare" => DnsUpdater::new_cloudflare(token, limit),
        "desec" => DnsUpdater::new_desec(token, limit),
        "digitalocean" => DnsUpdater::new_digitalocean(token, limit),
        "gandi" => DnsUpdater::new_gandiv5(token, limit),
        "gcore" => DnsUpdater::new_gcore(token, limit),
        "hetzner" => DnsUpdater::new_hetzner(token, limit),
        "infomaniak" => DnsUpdater::new_infomaniak(token, limit),
        "ionos" => DnsUpdater::new_ionos(token, limit),
        "linode" => DnsUpdater::new_linode(token, limit),
        "netlify" => DnsUpdater::new_netlify(token, limit),
        "ns1" => DnsUpdater::new_ns1(token, limit),
        "powerdns" => DnsUpdater::new_pdns(token, url, None::<&str>, limit),
        "scaleway" => DnsUpdater::new_scaleway(token, limit),
        "vultr" => DnsUpdater::new_vultr(token, limit),
        _ => return None,
    })
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({} {})", self.name, self.zone)
    }
}

#[cfg(test)]
mod tests;
