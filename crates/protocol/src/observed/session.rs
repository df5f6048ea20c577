//! One SMTP session, as far as a probe goes: banner, EHLO, STARTTLS, handshake, EHLO, QUIT. No mail is ever sent.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ConnectFailure, NotTested, Octets, Tested, TlsFacts, TlsFailure};

/// A session with one address of one MX host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpSession {
    /// The address.
    pub address: IpAddr,
    /// How far it came.
    pub outcome: SessionOutcome,
    /// The greeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banner: Option<Reply>,
    /// The answer to EHLO, before TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ehlo: Option<Reply>,
    /// The answer to STARTTLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starttls: Option<Reply>,
    /// The answer to EHLO inside TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ehlo_in_tls: Option<Reply>,
    /// Octets that came in the clear after the answer to STARTTLS and before the handshake: someone injects,
    /// or the server buffers wrongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injected: Option<Octets>,
    /// The TLS session with SNI = MX host name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
    /// The same without SNI: the handshake's facts, or its failure (rule 70).
    pub without_sni: Tested<Result<TlsFacts, TlsFailure>>,
    /// The same with SNI = TLSA base domain, as senders that use DANE ask (RFC 7672 §8.1; rule 99). `None` where that
    /// domain is the MX host's name, as it nearly always is, where it has no TLSA records, or where no handshake was
    /// due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_tlsa_base: Option<Tested<Result<TlsFacts, TlsFailure>>>,
    /// Whether TLS 1.0 or 1.1 is still answered.
    pub legacy: Tested<LegacyOffer>,
    /// Time to the TCP connection, in milliseconds.
    pub connect_millis: u64,
    /// Time from then to QUIT, in milliseconds.
    pub rest_millis: u64,
    /// When it took place, where that was not during this look: looks at many domains share a session, also one under
    /// another name (`tls.sni` tells which) whose certificate is valid for this name too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visited_at: Option<Timestamp>,
}

/// How far a session came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionOutcome {
    /// The handshake completed (the certificate may still be bad).
    Tls,
    /// No TCP connection.
    Connect(ConnectFailure),
    /// The server refused us for good (5xx) at this stage.
    Refused(Stage),
    /// EHLO was answered without STARTTLS.
    NoStarttls,
    /// STARTTLS was offered, then refused (the reply is kept).
    StarttlsRefused,
    /// STARTTLS was accepted, the handshake failed.
    TlsFailed(TlsFailure),
    /// What came was no SMTP, or without end.
    Protocol {
        /// Where.
        stage: Stage,
        /// What was wrong.
        text: String,
    },
    /// Silence at this stage.
    Timeout(Stage),
    /// The connection ended at this stage.
    Closed(Stage),
    /// Not tried, put off (4xx), or our own trouble.
    NotTested(NotTested),
}

/// The stages of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Waiting for the greeting.
    Banner,
    /// EHLO.
    Ehlo,
    /// STARTTLS.
    Starttls,
    /// The handshake.
    Handshake,
    /// EHLO inside TLS.
    EhloInTls,
}

/// An SMTP reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The code, such as 250.
    pub code: u16,
    /// The text of each line, bounded in number and length.
    pub lines: Vec<Octets>,
}

/// Which outdated versions a server still answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyOffer {
    /// Versions answered with a ServerHello, such as `TLSv1.0`.
    pub answered: Vec<String>,
}
