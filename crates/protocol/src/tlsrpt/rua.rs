//! One place that reports are sent to. RFC 8460 §3, RFC 6068, RFC 9110 §4.2.2.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::uri::{self, Uri, UriFault};
use crate::record_grammar::Defect;
use crate::{Domain, DomainError};

/// A URI of a `rua` list, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rua {
    text: String,
    target: RuaTarget,
}

/// Where a [`Rua`] leads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuaTarget {
    /// `mailto:`. Percent-encoding is undone.
    Mailto {
        /// The whole address.
        address: String,
        /// What follows its last `@`.
        domain: Result<Domain, DomainError>,
        /// Whether header fields follow (`?subject=…`), which reporters may not expect (rule 107).
        has_headers: bool,
    },
    /// `https:`.
    Https {
        /// The host as written: a name, an IPv4 address, or an IPv6 address in brackets.
        host: String,
        /// 443 unless given.
        port: u16,
    },
    /// A scheme that no reporter uses, in lower case: `http`, `ftp`, …
    Other {
        /// The scheme.
        scheme: String,
    },
}

/// Why a text is no [`Rua`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuaError {
    /// What is wrong: one of the `Rua…` defects.
    pub kind: Defect,
    /// Byte offset in the text.
    pub offset: usize,
}

impl Rua {
    /// Reads one URI, without blanks around it.
    ///
    /// # Errors
    /// [`RuaError`] when it is no URI (RFC 3986), or its scheme's own rules leave nothing to send to.
    pub fn parse(text: &str) -> Result<Self, RuaError> {
        let error = |kind, offset| RuaError { kind, offset };
        if text.is_empty() {
            return Err(error(Defect::RuaEmpty, 0));
        }
        let uri = uri::split(text).map_err(|(fault, at)| match fault {
            UriFault::Scheme => error(Defect::RuaScheme, at),
            UriFault::Authority if has_scheme(text, "https") => error(Defect::RuaHttps, at),
            UriFault::Authority | UriFault::Octet => error(Defect::RuaUri, at),
        })?;
        // RFC 3986 §3.1: schemes compare without case.
        let scheme = uri.scheme.to_ascii_lowercase();
        let after_scheme = uri.scheme.len() + 1;
        let target = match scheme.as_str() {
            "mailto" => mailto(&uri).ok_or(error(Defect::RuaMailto, after_scheme))?,
            "https" => https(&uri).ok_or(error(Defect::RuaHttps, after_scheme))?,
            _ => RuaTarget::Other { scheme },
        };
        Ok(Self { text: text.to_owned(), target })
    }

    /// The URI as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it leads.
    pub fn target(&self) -> &RuaTarget {
        &self.target
    }

    /// True for the two schemes that reporters use (rule 105).
    pub fn is_usable(&self) -> bool {
        !matches!(self.target, RuaTarget::Other { .. })
    }
}

fn has_scheme(text: &str, scheme: &str) -> bool {
    text.split(':').next().is_some_and(|found| found.eq_ignore_ascii_case(scheme))
}

// RFC 6068 §2: mailto has no authority part; we need one address with a local part and a domain.
fn mailto(uri: &Uri<'_>) -> Option<RuaTarget> {
    if uri.authority.is_some() {
        return None;
    }
    let address = uri::percent_decoded(uri.path);
    let (local, domain) = address.rsplit_once('@')?;
    if local.is_empty() || domain.is_empty() {
        return None;
    }
    let domain = Domain::parse(domain);
    Some(RuaTarget::Mailto { address, domain, has_headers: uri.query.is_some() })
}

// RFC 9110 §4.2.2: an https URI needs an authority with a host that is not empty.
fn https(uri: &Uri<'_>) -> Option<RuaTarget> {
    let authority = uri.authority.filter(|authority| !authority.host.is_empty())?;
    let port = match authority.port {
        None | Some("") => 443, // RFC 3986 §3.2.3: the port may be empty
        Some(digits) => digits.parse().ok()?,
    };
    Some(RuaTarget::Https { host: authority.host.to_owned(), port })
}

impl fmt::Display for Rua {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for Rua {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Rua {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(error.kind))
    }
}

impl fmt::Display for RuaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at octet {})", self.kind, self.offset + 1)
    }
}

impl std::error::Error for RuaError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let domain = |text: &str| Domain::parse(text);
        let mail = |address: &str, at: &str, has_headers| RuaTarget::Mailto {
            address: address.to_owned(),
            domain: domain(at),
            has_headers,
        };
        let https = |host: &str, port| RuaTarget::Https { host: host.to_owned(), port };
        for (text, target) in [
            ("mailto:tls+rpt@example.com", mail("tls+rpt@example.com", "example.com", false)),
            ("MAILTO:a@EXAMPLE.com", mail("a@EXAMPLE.com", "example.com", false)),
            ("mailto:a%3Bb@x.example", mail("a;b@x.example", "x.example", false)),
            ("mailto:%22a%40b%22@x.example", mail("\"a@b\"@x.example", "x.example", false)),
            ("mailto:a@x.example?subject=s", mail("a@x.example", "x.example", true)),
            ("mailto:a@%5B192.0.2.1%5D", mail("a@[192.0.2.1]", "[192.0.2.1]", false)),
            ("https://example.com", https("example.com", 443)),
            ("HTTPS://EXAMPLE.com:8443/x", https("EXAMPLE.com", 8443)),
            ("https://u:p@a_b.example:/x", https("a_b.example", 443)),
            ("https://[2001:db8::1]:1/x", https("[2001:db8::1]", 1)),
            ("http://example.com/", RuaTarget::Other { scheme: "http".to_owned() }),
        ] {
            assert_eq!(Rua::parse(text).map(|rua| rua.target), Ok(target), "{text}");
        }
    }

    #[test]
    fn nothing_to_send_to() {
        for (text, kind) in [
            ("", Defect::RuaEmpty),
            ("a@example.com", Defect::RuaScheme),
            ("mailto:", Defect::RuaMailto),
            ("mailto:a", Defect::RuaMailto),
            ("mailto:@example.com", Defect::RuaMailto),
            ("mailto:a@", Defect::RuaMailto),
            ("mailto://a@example.com", Defect::RuaMailto),
            ("mailto:<a@example.com>", Defect::RuaUri),
            ("mailto:a@example.com!10m", Defect::RuaUri),
            ("https:///x", Defect::RuaHttps),
            ("https:/example.com/x", Defect::RuaHttps),
            ("https://example.com:99999/x", Defect::RuaHttps),
            ("https://example.com:+1/x", Defect::RuaHttps),
            ("https://[::::]/x", Defect::RuaHttps),
            ("https://[::1]x/x", Defect::RuaHttps),
        ] {
            assert_eq!(Rua::parse(text).map_err(|error| error.kind), Err(kind), "{text}");
        }
    }
}
