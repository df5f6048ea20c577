//! Whether every address of the policy host serves exactly these octets, as a sender must see them.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures_util::future::join_all;
use jiff::Timestamp;
use protocol::observed::{
    Answer, ConnectFailure, Fetch, FetchOutcome, HttpFailure, HttpResponse, NotTested, NotTestedReason,
    Outcome, PathResult, TlsFacts,
};
use protocol::sts::{MediaType, media_type};

use super::Survey;
use super::policy_host::{HTTPS, not_fetched};
use crate::Families;
use crate::net::NoConnection;
use crate::served::{Confirmed, NotServed, Shortfall};
use crate::watcher::{Purpose, Step};

/// Addresses of one family that are asked. A proof needs all of them, so more than this cannot be proven; the largest
/// answers of content networks have a dozen.
const MAX_ADDRESSES: usize = 64;

impl Survey {
    /// Asks every address of the policy host for the policy and compares each answer with `body`.
    pub(crate) async fn confirm(self, body: &[u8]) -> Result<Confirmed, NotServed> {
        // RFC 8461 §3.3: the host is "mta-sts." and the policy domain, nothing else.
        let host = format!("mta-sts.{}", self.domain.as_str());
        let (v4, v6) = tokio::join!(
            self.asker.ask_settled::<Ipv4Addr>(&host),
            self.asker.ask_settled::<Ipv6Addr>(&host)
        );
        // The caller chose the families: one that is left out is no part of what is proven.
        let (with_v4, with_v6) =
            (self.settings.families != Families::V6, self.settings.families != Families::V4);
        let unknown_v4 = unknown(&v4).filter(|_| with_v4);
        let unknown_v6 = unknown(&v6).filter(|_| with_v6);
        let mut shortfalls: Vec<Shortfall> = [unknown_v4, unknown_v6].into_iter().flatten().collect();
        let v4 = v4.records().iter().copied().map(IpAddr::V4).filter(|_| with_v4);
        let v6 = v6.records().iter().copied().map(IpAddr::V6).filter(|_| with_v6);
        let addresses: BTreeSet<IpAddr> = v4.chain(v6).collect();
        if addresses.len() > MAX_ADDRESSES {
            shortfalls.push(Shortfall::TooManyAddresses { count: addresses.len(), bound: MAX_ADDRESSES });
            return Err(NotServed { host, shortfalls });
        }
        let fetches = join_all(addresses.iter().map(|address| self.fetch_alone(&host, *address))).await;
        let mut confirmed = Vec::new();
        for fetch in fetches {
            match shortfall(&fetch, body, self.taken_at) {
                None => confirmed.push(fetch.address),
                Some(shortfall) => shortfalls.push(shortfall),
            }
        }
        if confirmed.is_empty() && shortfalls.is_empty() {
            shortfalls.push(Shortfall::NoAddress);
        }
        self.watcher.tell(|| Step::Done);
        if shortfalls.is_empty() {
            // The time at which the look began: what was seen is at least that new.
            Ok(Confirmed { addresses: confirmed, at: self.taken_at })
        } else {
            Err(NotServed { host, shortfalls })
        }
    }

    async fn fetch_alone(&self, name: &str, address: IpAddr) -> Fetch {
        let nothing = NotTested::new(NotTestedReason::Dependency, "there was no connection");
        let mut fetch = not_fetched(address, nothing);
        match self.dialer.dial(Purpose::Policy, name, address, HTTPS).await {
            Ok(connected) => self.exchange(&mut fetch, name, connected).await,
            Err(NoConnection::NotTested(why)) => fetch.outcome = FetchOutcome::NotTested(why),
            Err(NoConnection::Failed(failure, _)) => fetch.outcome = FetchOutcome::Connect(failure),
        }
        fetch
    }
}

/// Why it is not known whether there are addresses of a family.
fn unknown<T>(answer: &Answer<T>) -> Option<Shortfall> {
    match &answer.outcome {
        Outcome::Records(_) | Outcome::NoData | Outcome::NxDomain => None,
        Outcome::Failed(failure) => {
            Some(Shortfall::Lookup { rtype: answer.rtype.clone(), failure: failure.clone() })
        }
        Outcome::NotTested(why) => Some(Shortfall::LookupNotTested(why.clone())),
    }
}

/// What keeps a sender that asks this address from getting `body`; `None` when nothing does.
fn shortfall(fetch: &Fetch, body: &[u8], now: Timestamp) -> Option<Shortfall> {
    let address = fetch.address;
    let response = match &fetch.outcome {
        FetchOutcome::Response(response) => response,
        FetchOutcome::Connect(failure) => {
            let why = match failure {
                ConnectFailure::Refused => "the port is closed",
                ConnectFailure::Timeout => "no answer came",
                ConnectFailure::Reset => "the connection was reset",
                ConnectFailure::Unreachable => "the address cannot be reached",
            };
            return Some(Shortfall::Unreachable { address, why: why.to_owned() });
        }
        FetchOutcome::Tls(failure) => return Some(Shortfall::Tls { address, why: failure.text.clone() }),
        FetchOutcome::Http(failure) => {
            let why = match failure {
                HttpFailure::Timeout { received } => {
                    format!("no whole answer came in time ({received} octets)")
                }
                HttpFailure::Malformed(text) => format!("the answer is no HTTP: {text}"),
                HttpFailure::Closed => "the connection ended before the answer did".to_owned(),
            };
            return Some(Shortfall::Unreachable { address, why });
        }
        FetchOutcome::NotTested(why) => return Some(Shortfall::NotTested { address, why: why.clone() }),
    };
    // RFC 8461 §3.3: a certificate that is not valid for the host means no policy, whatever the answer is.
    if let Some(why) = fetch.tls.as_ref().map_or(Some("there was no TLS"), |tls| certificate_fault(tls, now))
    {
        return Some(Shortfall::Certificate { address, why: why.to_owned() });
    }
    answer_fault(response, address, body)
}

fn answer_fault(response: &HttpResponse, address: IpAddr, body: &[u8]) -> Option<Shortfall> {
    // RFC 8461 §3.3: only 200 counts, and redirects are not followed.
    if response.status != 200 {
        return Some(Shortfall::Status { address, status: response.status });
    }
    // RFC 8461 §3.2: text/plain.
    let media = media_type(response.header("content-type"));
    if !media.is_text_plain() {
        let found = match media {
            MediaType::Other(text) => text,
            MediaType::Missing | MediaType::TextPlain { .. } => "none".to_owned(),
        };
        return Some(Shortfall::MediaType { address, found });
    }
    if response.too_large || response.body.as_slice() != body {
        return Some(Shortfall::OtherBody { address, octets: response.body.as_slice().len() });
    }
    None
}

fn certificate_fault(tls: &TlsFacts, now: Timestamp) -> Option<&'static str> {
    if !tls.signature_valid {
        return Some("the server does not prove that it holds the key of its certificate");
    }
    match &tls.path.result {
        PathResult::Trusted => {}
        PathResult::SelfSigned => return Some("the certificate is self-signed"),
        PathResult::Incomplete { .. } => return Some("an intermediate certificate is missing"),
        PathResult::UnknownIssuer { .. } => return Some("the certificate's issuer is not trusted"),
        PathResult::Invalid(_) => return Some("the certificate is not valid"),
    }
    if !tls.name_matches {
        return Some("the certificate has another name");
    }
    match tls.certificates.first() {
        None => Some("no certificate was shown"),
        Some(leaf) if now < leaf.not_before => Some("the certificate is not valid yet"),
        Some(leaf) if leaf.not_after < now => Some("the certificate has expired"),
        // Dates of the certificates above count too: a path is valid as a whole.
        Some(_) if tls.certificates.iter().any(|above| above.is_ca && above.not_after < now) => {
            Some("a certificate above the host's has expired")
        }
        Some(_) => None,
    }
}
