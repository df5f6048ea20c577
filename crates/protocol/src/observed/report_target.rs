//! Where TLSRPT reports are to go (`rua`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::{Answer, ConnectFailure, MxRecord, Tested, TlsFacts, TlsFailure};

/// One `rua` URI and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportTarget {
    /// The URI as published.
    pub uri: String,
    /// What was seen of its host or domain.
    pub look: Tested<TargetLook>,
}

/// What was seen of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetLook {
    /// `mailto:`: does the domain take mail?
    Mail {
        /// The domain of the address.
        domain: String,
        /// Its MX records.
        mx: Answer<MxRecord>,
        /// Its own addresses, which count when there are no MX records.
        a: Answer<Ipv4Addr>,
        /// Likewise.
        aaaa: Answer<Ipv6Addr>,
    },
    /// `https:`: does the host resolve and answer?
    Https {
        /// The host.
        host: String,
        /// Its IPv4 addresses.
        a: Answer<Ipv4Addr>,
        /// Its IPv6 addresses.
        aaaa: Answer<Ipv6Addr>,
        /// A TLS handshake with its first addresses; no request is sent.
        reach: Vec<(IpAddr, Tested<Reach>)>,
    },
}

/// What came of reaching an HTTPS target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// A TLS session (whose certificate reporters may ignore, RFC 8460 §3).
    Tls(TlsFacts),
    /// No TCP connection.
    Connect(ConnectFailure),
    /// No TLS session.
    TlsFailed(TlsFailure),
}
