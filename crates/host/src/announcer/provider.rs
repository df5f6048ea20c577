//! DNS providers' APIs, spoken by the library `dns-update`.

use std::time::Duration;

use dns_update::providers::route53::Route53Config;
use dns_update::{DnsRecord, DnsRecordType, DnsUpdater};
use protocol::observed::Txt;

use super::{AnnounceError, Present};

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
    pub(super) async fn replace(
        &self,
        name: &str,
        seen: &[Txt],
        wanted: &[Txt],
        ttl: u32,
    ) -> Result<(), AnnounceError> {
        if self.present(name).await?.texts != seen {
            return Err(AnnounceError::Changed { name: name.to_owned() });
        }
        let records = wanted
            .iter()
            .map(|text| DnsRecord::TXT(String::from_utf8_lossy(&text.joined()).into_owned()))
            .collect();
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
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn every_provider_of_the_table_opens() {
        for (name, _) in PROVIDERS {
            let secret = if name == "route53" { "id\nsecret\n" } else { "token\n" };
            let url = (name == "powerdns").then_some("http://127.0.0.1:9");
            let provider = Provider::open(name, secret, "example.com", url).expect(name);
            assert_eq!(
                format!("{provider:?}"),
                format!("Provider({name} example.com)"),
                "no secret is shown"
            );
            for wrong in ["", "a b", "two\nlines\nor three", "ctrl\u{1}"] {
                assert!(
                    matches!(
                        Provider::open(name, wrong, "example.com", url),
                        Err(ProviderFault::Secret { .. })
                    ),
                    "{name}"
                );
            }
        }
        assert!(matches!(Provider::open("nobody", "x", "example.com", None), Err(ProviderFault::Unknown(_))));
        assert_eq!(
            Provider::open("desec", "x", "example.com", Some("http://x")).err(),
            Some(ProviderFault::Url)
        );
        assert_eq!(Provider::open("powerdns", "x", "example.com", None).err(), Some(ProviderFault::Url));
    }

    /// Answers like the API of PowerDNS, one request a connection; returns what it was asked.
    async fn powerdns(listener: TcpListener, status: &'static str) -> Vec<String> {
        let zone = serde_json::json!({ "rrsets": [{
            "name": "_mta-sts.example.com.", "type": "TXT", "ttl": 300,
            "records": [{ "content": "\"v=STSv1; id=1;\"", "disabled": false }],
        }] })
        .to_string();
        let mut asked = Vec::new();
        while let Ok(Ok((mut stream, _))) =
            tokio::time::timeout(Duration::from_secs(2), listener.accept()).await
        {
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            let whole = |request: &[u8]| {
                let text = String::from_utf8_lossy(request).into_owned();
                let (head, body) = text.split_once("\r\n\r\n")?;
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok()
                });
                (body.len() >= length.unwrap_or(0)).then_some(text)
            };
            let text = loop {
                let read = stream.read(&mut piece).await.expect("a request");
                assert!(read > 0, "the request ends too early");
                request.extend_from_slice(&piece[..read]);
                if let Some(text) = whole(&request) {
                    break text;
                }
            };
            let is_get = text.starts_with("GET");
            let (status, body) = match is_get {
                true => ("200 OK", zone.as_str()),
                false => (status, ""),
            };
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes()).await.expect("answered");
            asked.push(text);
            if !is_get {
                break;
            }
        }
        asked
    }

    #[tokio::test]
    async fn powerdns_replaces_the_set_in_one_call() {
        for (status, taken) in [("204 No Content", true), ("401 Unauthorized", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("its address"));
            let server = tokio::spawn(powerdns(listener, status));
            let provider =
                Provider::open("powerdns", "the-secret", "example.com", Some(&url)).expect("opens");
            let present = provider.present("_mta-sts.example.com").await.expect("asked");
            assert_eq!(present.id().as_deref(), Some("1"));
            let wanted = [Txt { strings: vec!["v=STSv1; id=2;".into()] }];
            let replaced = provider.replace("_mta-sts.example.com", &present.texts, &wanted, 300).await;
            assert_eq!(replaced.is_ok(), taken, "{replaced:?}");
            if let Err(failure) = replaced {
                assert!(failure.to_string().contains("does not accept the secret"), "{failure}");
            }
            let asked = server.await.expect("it ends");
            let changes: Vec<&String> = asked.iter().filter(|request| !request.starts_with("GET")).collect();
            let [change] = changes[..] else { panic!("more than one change: {changes:?}") };
            for part in ["PATCH /", "REPLACE", "_mta-sts.example.com.", "v=STSv1; id=2;", "the-secret"] {
                assert!(change.contains(part), "{part}: {change}");
            }
        }
    }
}
