//! Places where policies are put by mistake, looked at only when the right place has none (rule 22, R105).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use protocol::observed::{Answer, Fetch, FetchOutcome, HttpResponse, Place, Profile, WrongPlace};
use tokio::net::TcpStream;

use super::Survey;
use super::policy_host::{HTTPS, PATH};
use crate::http::{Get, get};
use crate::net::Connected;
use crate::tls::Offer;
use crate::watcher::Purpose;

/// Where files lie when somebody forgets the folder.
const OTHER_PATH: &str = "/mta-sts.txt";
/// RFC 9110 §4.2.1.
const HTTP: u16 = 80;

impl Survey {
    pub(super) async fn policy_elsewhere(
        &self,
        host: &str,
        a: &Answer<Ipv4Addr>,
        aaaa: &Answer<Ipv6Addr>,
        fetches: &[Fetch],
    ) -> Vec<WrongPlace> {
        let found = |fetch: &Fetch| matches!(&fetch.outcome, FetchOutcome::Response(r) if is_policy(r));
        if self.settings.profile == Profile::Basic || fetches.iter().any(found) {
            return Vec::new();
        }
        let domain = self.domain.as_str();
        let www = format!("www.{domain}");
        let of_host: Option<IpAddr> = a
            .records()
            .first()
            .copied()
            .map(IpAddr::V4)
            .or_else(|| aaaa.records().first().copied().map(IpAddr::V6));
        let (apex, www_found, other, plain) = tokio::join!(
            self.look_at_name(domain),
            self.look_at_name(&www),
            self.look(host, of_host, HTTPS, OTHER_PATH),
            self.look(host, of_host, HTTP, PATH),
        );
        [
            (apex, Place::Apex, format!("https://{domain}{PATH}")),
            (www_found, Place::Www, format!("https://{www}{PATH}")),
            (other, Place::OtherPath, format!("https://{host}{OTHER_PATH}")),
            (plain, Place::PlainHttp, format!("http://{host}{PATH}")),
        ]
        .into_iter()
        .filter_map(|(there, place, url)| there.then_some(WrongPlace { place, url }))
        .collect()
    }

    async fn look_at_name(&self, name: &str) -> bool {
        let (v4, v6) = tokio::join!(self.asker.ask::<Ipv4Addr>(name), self.asker.ask::<Ipv6Addr>(name));
        let address = v4
            .records()
            .first()
            .copied()
            .map(IpAddr::V4)
            .or_else(|| v6.records().first().copied().map(IpAddr::V6));
        self.look(name, address, HTTPS, PATH).await
    }

    /// Whether a policy lies there. No answer counts as none: this only adds a hint to a fault found elsewhere.
    async fn look(&self, host: &str, address: Option<IpAddr>, port: u16, path: &str) -> bool {
        let Some(address) = address else { return false };
        let Ok(Connected { stream, slot: _slot, .. }) =
            self.dialer.dial(Purpose::WrongPlace, host, address, port).await
        else {
            return false;
        };
        self.ask_for_policy(stream, host, port, path).await.is_some_and(|response| is_policy(&response))
    }

    async fn ask_for_policy(
        &self,
        stream: TcpStream,
        host: &str,
        port: u16,
        path: &str,
    ) -> Option<HttpResponse> {
        let limits = &self.settings.limits;
        let agent = self.user_agent();
        let what = Get { host, path, user_agent: &agent };
        if port == HTTP {
            return get(stream, what, &self.deadline, limits.http).await.ok()?.ok();
        }
        let offer = Offer { sni: Some(host), alpn: Some(b"http/1.1") };
        let (stream, _) =
            self.handshake.run(stream, offer, &self.deadline, limits.handshake).await.ok()?.ok()?;
        get(stream, what, &self.deadline, limits.http).await.ok()?.ok()
    }
}

/// Whether a response looks like a policy, good or faulty: status 200 and a version field (RFC 8461 §3.2).
fn is_policy(response: &HttpResponse) -> bool {
    let body = response.body.lossy();
    response.status == 200 && !response.too_large && body.contains("STSv1") && body.contains("version")
}
