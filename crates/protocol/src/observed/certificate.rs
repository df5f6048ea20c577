//! TLS sessions and the certificates shown in them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What a completed TLS handshake showed. The handshake is completed whatever the certificate is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: String,
    /// The cipher suite's IANA name.
    pub cipher: String,
    /// The key exchange group, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The server name sent, `None` when none was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sni: Option<String>,
    /// The protocol agreed by ALPN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpn: Option<String>,
    /// The certificates as sent, leaf first.
    pub certificates: Vec<Certificate>,
    /// Whether the server proved that it holds the leaf's key.
    pub signature_valid: bool,
    /// Whether a dNSName of the leaf matches the expected name (RFC 9525; the CN is never used).
    pub name_matches: bool,
    /// The trust path, judged without regard to dates.
    pub path: PathFacts,
}

/// Whether a path from the leaf to a root exists, dates left aside (they are in the certificates).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathFacts {
    /// The result.
    pub result: PathResult,
    /// Indexes of presented certificates which, taken as the sole trust anchor, give a valid path to the leaf
    /// (0 is the leaf itself): what DANE-TA needs (RFC 7672 §3.1.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<usize>,
}

/// The kinds of path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathResult {
    /// It ends at a root of the set named in [`Vantage`](super::Vantage).
    Trusted,
    /// The leaf is signed by itself.
    SelfSigned,
    /// The chain as sent stops before a root, and the missing link is most likely an intermediate certificate
    /// that the server should send.
    Incomplete {
        /// The issuer whose certificate is missing.
        missing: String,
    },
    /// The chain ends at an issuer that is not in the root set.
    UnknownIssuer {
        /// That issuer.
        issuer: String,
    },
    /// Some other fault: bad signature, a CA used as leaf, wrong purpose…
    Invalid(String),
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The subject, RFC 4514 style.
    pub subject: String,
    /// The issuer, likewise.
    pub issuer: String,
    /// The dNSNames of the subject alternative name.
    pub dns_names: Vec<String>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// The public key.
    pub key: KeyFacts,
    /// The signature's algorithm, such as `sha256WithRSAEncryption`.
    pub signature: String,
    /// Whether it is a CA certificate.
    pub is_ca: bool,
    /// The whole certificate.
    #[serde(serialize_with = "encode", deserialize_with = "decode")]
    pub der: Vec<u8>,
    /// Its subject public key info.
    #[serde(serialize_with = "encode", deserialize_with = "decode")]
    pub spki: Vec<u8>,
}

/// A public key's kind and size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// `RSA`, `EC`, `Ed25519`…
    pub algorithm: String,
    /// Its size in bits.
    pub bits: u32,
}

/// A handshake that did not complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFailure {
    /// The kind.
    pub kind: TlsFailureKind,
    /// The library's or the peer's words.
    pub text: String,
}

/// The kinds of handshake failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsFailureKind {
    /// The server speaks no TLS 1.2 or newer.
    Version,
    /// No common cipher suite, group or signature algorithm.
    NoCommonSuite,
    /// The server sent another alert, such as `unrecognized_name`.
    Alert,
    /// What came was no TLS.
    NotTls,
    /// The connection was reset or closed.
    Closed,
    /// Nothing came in time.
    Timeout,
    /// Anything else.
    Other,
}

fn encode<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(octets))
}

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
}
