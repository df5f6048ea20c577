//! The policy host `mta-sts.` + domain and what it serves.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::{Answer, ConnectFailure, LegacyOffer, NotTested, Octets, Tested, TlsFacts, TlsFailure};

/// The policy host: its addresses, and one fetch for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyHost {
    /// The host's name, `mta-sts.` + domain.
    pub name: String,
    /// Its IPv4 addresses.
    pub a: Answer<Ipv4Addr>,
    /// Its IPv6 addresses.
    pub aaaa: Answer<Ipv6Addr>,
    /// One fetch of `https://NAME/.well-known/mta-sts.txt` from each address (bounded in number).
    pub fetches: Vec<Fetch>,
    /// Where else a policy was found; looked for only when the right place has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<WrongPlace>,
}

/// One fetch from one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// The address asked.
    pub address: IpAddr,
    /// What came of it.
    pub outcome: FetchOutcome,
    /// The TLS session, when a handshake completed. The request is sent even when the certificate is bad,
    /// so that every fault shows at once; a sender would stop there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
    /// Whether TLS 1.0 or 1.1 is still answered.
    pub legacy: Tested<LegacyOffer>,
    /// Time to the TCP connection, in milliseconds.
    pub connect_millis: u64,
    /// Time from then to the end, in milliseconds.
    pub rest_millis: u64,
}

/// What came of a fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FetchOutcome {
    /// An HTTP response, whatever its status.
    Response(HttpResponse),
    /// No TCP connection.
    Connect(ConnectFailure),
    /// No TLS session.
    Tls(TlsFailure),
    /// No usable HTTP response.
    Http(HttpFailure),
    /// Not tried, or our own trouble.
    NotTested(NotTested),
}

/// An HTTP response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header fields, names in lower case, in order (bounded).
    pub headers: Vec<(String, Octets)>,
    /// The body, at most 64 KiB and one octet.
    pub body: Octets,
    /// Whether the body went on beyond that bound.
    pub too_large: bool,
}

/// Why no HTTP response could be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpFailure {
    /// No response, or not its end, within the time allowed.
    Timeout {
        /// Octets of the body that had arrived.
        received: u64,
    },
    /// Something that is no HTTP.
    Malformed(String),
    /// The connection ended too early.
    Closed,
}

/// A place where a policy was found though senders never look there (rule 22, R105).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongPlace {
    /// Which place.
    pub place: Place,
    /// Its URL.
    pub url: String,
}

/// The places looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The domain itself.
    Apex,
    /// `www.` + domain.
    Www,
    /// Another path on the policy host.
    OtherPath,
    /// The policy host over plain HTTP.
    PlainHttp,
}

impl HttpResponse {
    /// The first header field of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_slice())
    }
}
