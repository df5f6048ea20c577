//! What a look is told: resolver, roots, addresses, bounds.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use protocol::observed::Profile;

use crate::Exclusion;

/// Everything that [`Outside`](crate::Outside) is told. The internet and the lab differ only here.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program and version, for evidence and `User-Agent`.
    pub tool: String,
    /// A name for this vantage point.
    pub vantage: String,
    /// How much to look at.
    pub profile: Profile,
    /// Which resolver to ask.
    pub resolver: ResolverChoice,
    /// What DNSSEC is validated from.
    pub trust_anchor: TrustAnchor,
    /// What certificate paths must end at.
    pub roots: Roots,
    /// Where connections really go.
    pub connect_to: Vec<ConnectRule>,
    /// Addresses that may be visited although they are not public.
    pub allow_targets: Vec<IpNet>,
    /// Hosts and addresses that are not connected to, since they asked for it.
    pub exclusion: Exclusion,
    /// The name given in EHLO.
    pub helo: String,
    /// The local address to connect from (questions to the resolver leave by whatever way they find).
    pub source_ip: Option<IpAddr>,
    /// Which address families to use.
    pub families: Families,
    /// The bounds.
    pub limits: Limits,
}

/// Which resolver to ask. It is asked with RD, CD and DO set: the validation is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResolverChoice {
    /// The first ones of the system's configuration.
    System,
    /// UDP with TCP fallback.
    Plain(SocketAddr),
    /// DNS over TLS (RFC 7858): address, name in the certificate.
    Tls(SocketAddr, String),
    /// DNS over HTTPS (RFC 8484): URL, and the address of its host.
    Https(String, SocketAddr),
}

/// What DNSSEC is validated from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustAnchor {
    /// The root keys published by IANA, compiled in.
    Iana,
    /// DS or DNSKEY records in presentation form, any zone.
    Text(String),
    /// No validation: every answer is `Unchecked`.
    Off,
}

/// What certificate paths must end at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Roots {
    /// Mozilla's set, compiled in: the same result on every machine.
    Webpki,
    /// The system's set.
    System,
    /// A PEM file's text, and the name to show for it.
    Pem {
        /// The name shown.
        name: String,
        /// The text.
        text: String,
    },
}

/// A rule that sends connections elsewhere, as curl's `--connect-to`: `HOST:PORT:TO-HOST:TO-PORT` and, with
/// addresses, `ADDRESS:PORT=ADDRESS:PORT`; `*` or an empty part stands for any (left) or the same (right).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectRule {
    /// Host name or address that the rule is for; `None` for any.
    pub host: Option<String>,
    /// Port that the rule is for; `None` for any.
    pub port: Option<u16>,
    /// Address to go to instead; `None` for the same.
    pub to_address: Option<IpAddr>,
    /// Port to go to instead; `None` for the same.
    pub to_port: Option<u16>,
}

/// Which address families to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Families {
    /// Both.
    Both,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

/// Every outward call is bounded by these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For the whole look at one domain.
    pub total: Duration,
    /// For one DNS question with all its retries.
    pub dns: Duration,
    /// For one TCP connection.
    pub connect: Duration,
    /// For one TLS handshake.
    pub handshake: Duration,
    /// For the whole HTTP response.
    pub http: Duration,
    /// For one SMTP reply.
    pub smtp_reply: Duration,
    /// MX hosts looked at.
    pub mx_hosts: usize,
    /// Addresses looked at per host and family.
    pub addresses: usize,
    /// `rua` targets looked at.
    pub targets: usize,
    /// Connections of one look open at the same time.
    pub parallel: usize,
    /// TXT records kept of one answer.
    pub txt_records: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: Duration::from_secs(60),
            dns: Duration::from_secs(8),
            connect: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            // RFC 8461 §3.3 suggests one minute for the fetch; a checker need not wait that long to call it slow.
            http: Duration::from_secs(15),
            // Longer than the usual greet pause, shorter than RFC 5321's 5 minutes, which only a queue can wait.
            smtp_reply: Duration::from_secs(20),
            mx_hosts: 20,
            addresses: 8,
            targets: 8,
            parallel: 64,
            txt_records: 64,
        }
    }
}
