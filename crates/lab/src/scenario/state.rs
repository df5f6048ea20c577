//! How one domain differs from the healthy template: its zone, its policy, its hosts.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ca::CertificateKind;
use crate::dns::{Fault, Signing};
use crate::tls::TlsManner;

/// A TXT record: one text, cut into character-strings of 255 octets where needed, or the character-strings as given.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Txt {
    /// One text.
    Text(String),
    /// The character-strings.
    Strings(Vec<String>),
}

/// The differences from the healthy template. What is not given stays healthy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct State {
    // The policy.
    pub(crate) mode: Option<String>,
    pub(crate) max_age: Option<u64>,
    /// Values of the policy's `mx` lines.
    pub(crate) patterns: Option<Vec<String>>,
    /// The whole body, in place of the three above.
    pub(crate) policy: Option<String>,

    // The zone.
    pub(crate) id: Option<String>,
    /// TXT records at `_mta-sts`, in place of the one with `id`.
    pub(crate) sts: Option<Vec<Txt>>,
    /// TXT records at `_smtp._tls`.
    pub(crate) tlsrpt: Option<Vec<Txt>>,
    /// MX records: `10 mx1`.
    pub(crate) mx: Option<Vec<String>>,
    pub(crate) signing: Option<Signing>,
    /// TTL of the records above, in seconds.
    pub(crate) ttl: Option<u32>,
    /// Further record lines; `500x m# A …` stands for 500 lines with `#` counted up.
    pub(crate) add: Option<Vec<String>>,
    /// `NAME` or `NAME TYPE` to take out of what the template made.
    pub(crate) remove: Option<Vec<String>>,
    /// `NAME TYPE FAULT`, with `*` for any type.
    pub(crate) faults: Option<Vec<String>>,
    /// Further zones of this scenario, by name.
    #[serde(default)]
    pub(crate) zones: BTreeMap<String, Signing>,
    /// Own name servers, each with its differences from the zone.
    #[serde(default)]
    pub(crate) servers: BTreeMap<String, NameServer>,

    // The hosts, by name relative to the domain (or absolute with a final dot).
    #[serde(default)]
    pub(crate) https: BTreeMap<String, Https>,
    #[serde(default)]
    pub(crate) smtp: BTreeMap<String, Smtp>,
}

/// One of several name servers that do not agree.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NameServer {
    #[serde(default)]
    pub(crate) add: Vec<String>,
    #[serde(default)]
    pub(crate) remove: Vec<String>,
    /// What this server does instead of answering, whatever it is asked.
    pub(crate) fault: Option<Fault>,
}

/// What a server does with a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TcpManner {
    /// Accepts it.
    #[default]
    Open,
    /// Nothing listens there.
    Refused,
    /// Packets go unanswered.
    Silent,
    /// Accepts it and resets it at once.
    Reset,
}

/// A web server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Https {
    /// Labels of its addresses: `v4…` and `v6…`. None: the host has no address.
    pub(crate) addresses: Option<Vec<String>>,
    pub(crate) tcp: Option<TcpManner>,
    pub(crate) tls: Option<TlsManner>,
    pub(crate) certificate: Option<CertificateKind>,
    /// DNS names in the certificate, in place of the host's own.
    pub(crate) names: Option<Vec<String>>,
    /// On which port it serves.
    pub(crate) scheme: Option<Scheme>,
    /// The path that answers; all others are 404.
    pub(crate) path: Option<String>,
    pub(crate) status: Option<u16>,
    pub(crate) headers: Option<BTreeMap<String, String>>,
    /// The body, in place of the policy.
    pub(crate) body: Option<String>,
    pub(crate) manner: Option<HttpsManner>,
    /// Milliseconds before the answer.
    pub(crate) pause: Option<u64>,
    /// Accepts reports by POST on every path.
    pub(crate) accepts_reports: Option<bool>,
    /// What is different at one address.
    #[serde(default)]
    pub(crate) at: BTreeMap<String, Self>,
}

/// On which port the web server serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scheme {
    /// Port 443 only.
    #[default]
    Tls,
    /// Port 80 only.
    Plain,
}

/// How the web server sends its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HttpsManner {
    /// As HTTP says.
    #[default]
    Proper,
    /// Reads the request and never answers.
    Hang,
    /// Sends the body one octet at a time, half a second apart.
    Drip,
    /// Sends the head one octet at a time, half a second apart.
    DripHead,
    /// A body without end and without length.
    EndlessBody,
    /// A body of chunks without end.
    EndlessChunks,
    /// Header lines without end.
    EndlessHead,
    /// Octets that are no HTTP.
    Garbage,
    /// Closes in the middle of the body.
    CutShort,
    /// Closes without a word.
    CloseAtOnce,
    /// Resets the connection when the request has come.
    Reset,
    /// Two lengths that contradict each other.
    TwoLengths,
    /// A chunk size that is no number.
    BadChunk,
}

/// A mail server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Smtp {
    /// Labels of its addresses: `v4…` and `v6…`. None: the host has no address.
    pub(crate) addresses: Option<Vec<String>>,
    pub(crate) tcp: Option<TcpManner>,
    pub(crate) tls: Option<TlsManner>,
    pub(crate) certificate: Option<CertificateKind>,
    /// DNS names in the certificate, in place of the host's own.
    pub(crate) names: Option<Vec<String>>,
    /// The greeting line.
    pub(crate) greeting: Option<String>,
    /// EHLO keywords besides STARTTLS.
    pub(crate) ehlo: Option<Vec<String>>,
    /// `offered`, `missing`, or the reply that refuses it.
    pub(crate) starttls: Option<String>,
    pub(crate) after_starttls: Option<AfterStarttls>,
    pub(crate) manner: Option<SmtpManner>,
    /// Milliseconds before each reply.
    pub(crate) pause: Option<u64>,
    /// TLSA records: `3 1 1 leaf`, `2 1 1 issuer`, `3 1 1 stranger`, or hex in place of the word.
    pub(crate) tlsa: Option<Vec<String>>,
    /// What is different at one address.
    #[serde(default)]
    pub(crate) at: BTreeMap<String, Self>,
}

/// What happens once STARTTLS was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AfterStarttls {
    /// A TLS handshake.
    #[default]
    Tls,
    /// The connection is reset.
    Reset,
    /// The connection is closed in order.
    Close,
    /// Nothing.
    Silence,
    /// Plain text follows the reply in the same segment, before the handshake.
    Injection,
}

/// How the mail server converses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SmtpManner {
    /// As SMTP says.
    #[default]
    Proper,
    /// Accepts the connection and never greets.
    NoGreeting,
    /// Lines of greeting without end.
    EndlessGreeting,
    /// One greeting line without end.
    EndlessLine,
    /// Lines of EHLO reply without end.
    EndlessEhlo,
    /// Octets that are no SMTP.
    Garbage,
    /// Closes after EHLO.
    CloseAfterEhlo,
    /// Knows HELO only.
    NoEhlo,
}
