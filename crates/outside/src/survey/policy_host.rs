//! The policy host and the policy (RFC 8461 §3.2, §3.3).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures_util::future::join_all;
use protocol::observed::{Fetch, FetchOutcome, LegacyOffer, NotTested, NotTestedReason, PolicyHost, Tested};

use super::Survey;
use crate::certificate::judge;
use crate::deadline::Late;
use crate::http::{Get, get};
use crate::net::{Connected, NoConnection};
use crate::smtp::one_connection;
use crate::tls::{Offer, offers_old};
use crate::watcher::Purpose;

/// RFC 8461 §3.2.
pub(super) const PATH: &str = "/.well-known/mta-sts.txt";
/// RFC 9110 §4.2.2.
pub(super) const HTTPS: u16 = 443;

impl Survey {
    /// The policy host: both address questions at once, each address fetched from as soon as it is known.
    pub(super) async fn policy_host(&self) -> PolicyHost {
        // RFC 8461 §3.3: the host is "mta-sts." and the policy domain, nothing else (rule 22).
        let name = format!("mta-sts.{}", self.domain.as_str());
        let v4 = async {
            let heard = self.asker.ask_with_alias::<Ipv4Addr>(&name).await;
            let addresses: Vec<IpAddr> = heard.records().iter().copied().map(IpAddr::V4).collect();
            tokio::join!(heard.settle(&self.deadline), self.fetches(&name, &addresses))
        };
        let v6 = async {
            let heard = self.asker.ask::<Ipv6Addr>(&name).await;
            let addresses: Vec<IpAddr> = heard.records().iter().copied().map(IpAddr::V6).collect();
            tokio::join!(heard.settle(&self.deadline), self.fetches(&name, &addresses))
        };
        let ((a, mut fetches), (aaaa, v6_fetches)) = tokio::join!(v4, v6);
        fetches.extend(v6_fetches);
        let elsewhere = self.policy_elsewhere(&name, &a, &aaaa, &fetches).await;
        PolicyHost { name, a, aaaa, fetches, elsewhere }
    }

    /// RFC 8461 §3.3: senders take whichever address they like, so each must serve the policy (rule 23).
    async fn fetches(&self, name: &str, addresses: &[IpAddr]) -> Vec<Fetch> {
        let bound = self.settings.limits.addresses;
        let mut fetches =
            join_all(addresses.iter().take(bound).map(|address| self.fetch(name, *address))).await;
        if let Some(address) = addresses.get(bound) {
            fetches.push(not_fetched(*address, self.left_out(addresses.len() - bound)));
        }
        fetches
    }

    /// One fetch; the request is sent even when the certificate is bad, so that every fault shows at once.
    #[tracing::instrument(name = "fetch_policy", skip_all, fields(%address))]
    async fn fetch(&self, name: &str, address: IpAddr) -> Fetch {
        let mut fetch =
            not_fetched(address, NotTested::new(NotTestedReason::Dependency, "there was no connection"));
        let connected = match self.dialer.dial(Purpose::Policy, name, address, HTTPS).await {
            Ok(connected) => connected,
            Err(NoConnection::NotTested(why)) => {
                fetch.outcome = FetchOutcome::NotTested(why);
                return fetch;
            }
            Err(NoConnection::Failed(failure, millis)) => {
                fetch.outcome = FetchOutcome::Connect(failure);
                fetch.connect_millis = millis;
                return fetch;
            }
        };
        fetch.connect_millis = connected.connect_millis;
        let exchange = async {
            let since = connected.since;
            self.exchange(&mut fetch, name, connected).await;
            since.millis()
        };
        let (rest_millis, legacy) = tokio::join!(exchange, self.https_old_versions(name, address));
        fetch.rest_millis = rest_millis;
        fetch.legacy = legacy;
        fetch
    }

    pub(super) async fn exchange(&self, fetch: &mut Fetch, name: &str, connected: Connected) {
        let limits = &self.settings.limits;
        let Connected { stream, slot, .. } = connected;
        // RFC 8461 §7.1: the server name is the policy host's (rule 24).
        let offer = Offer { sni: Some(name), alpn: Some(b"http/1.1") };
        fetch.outcome = match self.handshake.run(stream, offer, &self.deadline, limits.handshake).await {
            Ok(Ok((stream, shown))) => {
                let what = Get { host: name, path: PATH, user_agent: &self.user_agent() };
                let got = get(stream, what, &self.deadline, limits.http).await;
                fetch.tls = Some(judge(shown, name, &self.roots, &self.pool));
                match got {
                    Ok(Ok(response)) => FetchOutcome::Response(response),
                    Ok(Err(failure)) => FetchOutcome::Http(failure),
                    Err(_) => FetchOutcome::NotTested(self.deadline.not_tested()),
                }
            }
            Ok(Err(failure)) => FetchOutcome::Tls(failure),
            Err(_) => FetchOutcome::NotTested(self.deadline.not_tested()),
        };
        drop(slot);
    }

    /// Whether TLS 1.0 or 1.1 is still answered (RFC 8461 §7.2, RFC 8996; rule 26), on a connection beside the fetch.
    async fn https_old_versions(&self, name: &str, address: IpAddr) -> Tested<LegacyOffer> {
        if !self.probes() {
            return Tested::NotTested(one_connection());
        }
        let connect = async || match self.dialer.dial(Purpose::OldVersions, name, address, HTTPS).await {
            Ok(Connected { stream, slot, .. }) => Ok((stream, slot)),
            Err(NoConnection::NotTested(why)) => Err(why),
            Err(NoConnection::Failed(..)) => {
                Err(NotTested::new(NotTestedReason::Dependency, "there was no second connection"))
            }
        };
        match offers_old(name, &self.deadline, self.settings.limits.handshake, connect).await {
            Ok(Ok(offer)) => Tested::Seen(offer),
            Ok(Err(Late::Limit)) => {
                Tested::not(NotTestedReason::Dependency, "the server gave no answer to the handshake in time")
            }
            Ok(Err(Late::Deadline)) => Tested::NotTested(self.deadline.not_tested()),
            Err(why) => Tested::NotTested(why),
        }
    }

    /// The program as a product token with its version (RFC 9110 §10.1.5).
    pub(super) fn user_agent(&self) -> String {
        let token: String = self
            .settings
            .tool
            // What follows the version is a comment that says how to reach whoever looks.
            .replacen(' ', "/", 1)
            .chars()
            .filter(|c| c.is_ascii_graphic() || *c == ' ')
            .collect();
        if token.is_empty() { "mta-sts".to_owned() } else { token }
    }
}

/// A fetch that did not take place.
pub(super) fn not_fetched(address: IpAddr, why: NotTested) -> Fetch {
    Fetch {
        address,
        outcome: FetchOutcome::NotTested(why.clone()),
        tls: None,
        legacy: Tested::NotTested(why),
        connect_millis: 0,
        rest_millis: 0,
    }
}
