//! One `mx` value of a policy: a host name, or `*.` and the rest of one.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ldh::{self, MAX_LABEL, MAX_NAME};

mod fault;

pub use fault::{MxPatternError, MxPatternFault};

/// Which MX hosts a policy allows: `mail.example.com`, or `*.example.com` for exactly one label more.
///
/// Keeps the spelling of the policy; two patterns are equal when they differ only in the case of ASCII letters.
#[derive(Clone)]
pub struct MxPattern(Box<str>);

impl MxPattern {
    /// Reads the value exactly as it stands in a policy, blanks around it already taken off.
    ///
    /// # Errors
    /// [`MxPatternError`] when it is not `["*."] Domain` (RFC 8461 §3.2, RFC 5321 §4.1.2) or could never match
    /// (RFC 1035 §2.3.4).
    pub fn parse(text: &str) -> Result<Self, MxPatternError> {
        // RFC 8461 §3.2: sts-policy-mx-value = ["*."] Domain (rule 52)
        let base = text.strip_prefix("*.").unwrap_or(text);
        match ldh::check(base) {
            Ok(()) => Ok(Self(text.into())),
            Err((fault, at)) => Err(MxPatternError::new(text, fault, text.len() - base.len() + at)),
        }
    }

    /// Does this pattern allow the MX host `host`, given as the DNS gave it?
    ///
    /// RFC 8461 §4.1 (rule 65): ASCII letters compare without case, one final dot is dropped, the wildcard stands for
    /// exactly one left-most label. The host is never mapped by IDNA: that would let look-alikes in.
    pub fn matches(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        // An MX exchange is a name; what ends in a number is an address. RFC 1035 §3.3.9 (rule 55).
        if host.len() > MAX_NAME || ldh::ends_in_number(host) {
            return false;
        }
        match self.0.strip_prefix("*.") {
            Some(base) => match host.split_once('.') {
                Some((label, rest)) => is_host_label(label) && rest.eq_ignore_ascii_case(base),
                None => false,
            },
            None => host.eq_ignore_ascii_case(&self.0),
        }
    }

    /// The pattern as the policy spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for `*.` patterns.
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// The pattern without `*.`.
    pub fn base(&self) -> &str {
        self.0.strip_prefix("*.").unwrap_or(&self.0)
    }

    /// True when no MX host can ever match, because the pattern is an IPv4 address or ends in a number.
    pub fn never_matches(&self) -> bool {
        ldh::ends_in_number(&self.0)
    }
}

// The wildcard covers a whole label, also one with an underscore. A backslash is an escape of the DNS text form, behind
// which a dot may hide: such a label, and one outside ASCII, is never covered.
fn is_host_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

impl PartialEq for MxPattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for MxPattern {}

impl Hash for MxPattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for b in self.0.bytes() {
            state.write_u8(b.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for MxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for MxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MxPattern({})", self.0)
    }
}

impl FromStr for MxPattern {
    type Err = MxPatternError;
    fn from_str(text: &str) -> Result<Self, MxPatternError> {
        Self::parse(text)
    }
}

impl Serialize for MxPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MxPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching_is_by_one_whole_label() {
        for (pattern, host, expected) in [
            ("mail.example.com", "MAIL.example.com.", true),
            ("mail.example.com", "mail.example.com..", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "x\\.example.com", false),
            ("*.example.com", "mail.badexample.com", false),
            ("192.0.2.1", "192.0.2.1", false),
            ("*.0.2.1", "192.0.2.1", false),
            ("mail.example.com", "m\u{430}il.example.com", false),
            ("mark.example", "mar\u{212a}.example", false),
        ] {
            let parsed = MxPattern::parse(pattern).expect(pattern);
            assert_eq!(parsed.matches(host), expected, "{pattern} {host}");
        }
    }
}
