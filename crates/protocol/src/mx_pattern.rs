//! One `mx` value of a policy: a host name, or `*.` and the rest of one.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Domain;
use crate::excerpt::printable;
use crate::ldh::{self, LdhFault, MAX_LABEL, MAX_NAME};

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

/// Why a text is no [`MxPattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MxPatternError {
    /// What is wrong.
    pub fault: MxPatternFault,
    /// Byte offset of the fault in the value.
    pub offset: usize,
    /// A bounded, printable piece of the value.
    pub excerpt: String,
    /// The pattern or patterns that were probably meant: one, except for a list.
    pub mend: Vec<String>,
}

/// The ways in which a text is no [`MxPattern`]. RFC 8461 §3.2 unless said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MxPatternFault {
    /// No value at all.
    Empty,
    /// A final dot, as in zone files. Some senders tolerate it.
    TrailingDot,
    /// A dot in front: the suffix form of early drafts.
    LeadingDot,
    /// Two dots in a row.
    EmptyLabel,
    /// `*` anywhere but as the complete left-most label with a name after it.
    Wildcard,
    /// A label begins or ends with a hyphen.
    Hyphen,
    /// A label of more than 63 octets: no such name can exist (RFC 1035 §2.3.4).
    LabelTooLong,
    /// More than 253 octets: no such name can exist (RFC 1035 §2.3.4).
    NameTooLong,
    /// Letters outside ASCII where A-labels (`xn--…`) are required.
    NotAscii,
    /// An underscore.
    Underscore,
    /// Several names in one value.
    List,
    /// An address in brackets, or an IPv6 address.
    Address,
    /// A URL.
    Url,
    /// A mailbox.
    Mailbox,
    /// A number and a blank in front, as in MX records.
    Preference,
    /// A port after the name.
    Port,
    /// Quotation marks around the name.
    Quoted,
    /// Any other octet that no host name has.
    Octet,
}

impl MxPatternError {
    fn new(text: &str, fault: LdhFault, offset: usize) -> Self {
        let fault = name_fault(text, fault, offset);
        Self { fault, offset, excerpt: printable(text, 80), mend: mend(text, fault) }
    }
}

fn name_fault(text: &str, fault: LdhFault, offset: usize) -> MxPatternFault {
    match fault {
        LdhFault::EmptyLabel if text.is_empty() => MxPatternFault::Empty,
        LdhFault::EmptyLabel if text == "*." => MxPatternFault::Wildcard,
        LdhFault::EmptyLabel if offset == 0 => MxPatternFault::LeadingDot,
        LdhFault::EmptyLabel if offset == text.len() => MxPatternFault::TrailingDot,
        LdhFault::EmptyLabel => MxPatternFault::EmptyLabel,
        LdhFault::Hyphen => MxPatternFault::Hyphen,
        LdhFault::LabelTooLong => MxPatternFault::LabelTooLong,
        LdhFault::NameTooLong => MxPatternFault::NameTooLong,
        LdhFault::Octet => name_octet(text, offset),
    }
}

fn name_octet(text: &str, offset: usize) -> MxPatternFault {
    let ipv6 = |text: &str| text.parse::<std::net::Ipv6Addr>().is_ok();
    if !text.is_ascii() {
        MxPatternFault::NotAscii
    } else if text.contains("://") {
        MxPatternFault::Url
    } else if text.starts_with('[') || ipv6(text) {
        MxPatternFault::Address
    } else if without_preference(text).is_some() {
        MxPatternFault::Preference
    } else if text.contains([',', ' ', '\t']) {
        MxPatternFault::List
    } else if text.contains('@') {
        MxPatternFault::Mailbox
    } else if without_port(text).is_some() {
        MxPatternFault::Port
    } else if text.starts_with(['"', '\'']) {
        MxPatternFault::Quoted
    } else {
        match text.as_bytes().get(offset) {
            Some(b'*') => MxPatternFault::Wildcard,
            Some(b'_') => MxPatternFault::Underscore,
            _ => MxPatternFault::Octet,
        }
    }
}

fn without_preference(text: &str) -> Option<&str> {
    let (number, name) = text.split_once([' ', '\t'])?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| name.trim())
}

fn without_port(text: &str) -> Option<&str> {
    let (name, port) = text.rsplit_once(':')?;
    (!port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())).then_some(name)
}

fn mend(text: &str, fault: MxPatternFault) -> Vec<String> {
    let one = |candidate: &str| match MxPattern::parse(candidate) {
        Ok(pattern) => vec![pattern.as_str().to_owned()],
        Err(_) => Vec::new(),
    };
    match fault {
        MxPatternFault::TrailingDot => one(text.strip_suffix('.').unwrap_or(text)),
        MxPatternFault::LeadingDot => one(&format!("*{text}")),
        MxPatternFault::Preference => without_preference(text).map(one).unwrap_or_default(),
        MxPatternFault::Port => without_port(text).map(one).unwrap_or_default(),
        MxPatternFault::Quoted => one(text.trim_matches(['"', '\''])),
        MxPatternFault::Octet => one(text.trim_end_matches([';', '/', '.'])),
        MxPatternFault::Url => {
            let host = text.split("://").nth(1).and_then(|rest| rest.split(['/', ':', '?', '#']).next());
            host.map(one).unwrap_or_default()
        }
        MxPatternFault::List => list_mend(text),
        MxPatternFault::NotAscii => a_labels(text).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn list_mend(text: &str) -> Vec<String> {
    let names = text.split([',', ' ', '\t']).filter(|name| !name.is_empty());
    let patterns: Result<Vec<_>, _> = names.map(MxPattern::parse).collect();
    let patterns = patterns.unwrap_or_default();
    patterns.into_iter().map(|pattern| String::from(pattern.0)).collect()
}

// RFC 8461 §3.2: internationalised names are given as A-labels (rule 54).
fn a_labels(text: &str) -> Option<String> {
    match text.strip_prefix("*.") {
        Some(base) => Domain::parse(base).ok().map(|name| format!("*.{name}")),
        None => Domain::parse(text).ok().map(|name| name.to_string()),
    }
}

impl fmt::Display for MxPatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no host name",
            Self::TrailingDot => "a host name in a policy has no final dot",
            Self::LeadingDot => "a pattern does not begin with a dot; `*.` in front stands for one label",
            Self::EmptyLabel => "two dots in a row leave a label empty",
            Self::Wildcard => "`*` may stand only for the whole left-most label, with a name after it",
            Self::Hyphen => "a label must not begin or end with a hyphen",
            Self::LabelTooLong => "a label has more than 63 octets, so no host can match",
            Self::NameTooLong => "the name has more than 253 octets, so no host can match",
            Self::NotAscii => "names with letters outside ASCII must be written as A-labels (`xn--…`)",
            Self::Underscore => "a host name in a policy has no underscore",
            Self::List => "each MX host needs its own `mx:` line",
            Self::Address => "an address is not a host name; senders compare MX names",
            Self::Url => "a URL is not a host name",
            Self::Mailbox => "a mailbox is not a host name",
            Self::Preference => "the MX preference does not belong in a policy",
            Self::Port => "a port does not belong in a policy",
            Self::Quoted => "the name must not be quoted",
            Self::Octet => "there is a character that no host name has",
        })
    }
}

impl fmt::Display for MxPatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no MX pattern: {}", self.excerpt, self.fault)
    }
}

impl std::error::Error for MxPatternError {}

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

    #[test]
    fn faults_have_names_and_mends() {
        use MxPatternFault as F;
        for (text, fault, mend) in [
            ("", F::Empty, ""),
            ("*", F::Wildcard, ""),
            ("*.", F::Wildcard, ""),
            ("a.*.com", F::Wildcard, ""),
            ("*.*.com", F::Wildcard, ""),
            (".example.com", F::LeadingDot, "*.example.com"),
            ("mail.example.com.", F::TrailingDot, "mail.example.com"),
            ("*.example.com.", F::TrailingDot, "*.example.com"),
            ("*..example.com", F::EmptyLabel, ""),
            ("b\u{fc}cher.example", F::NotAscii, "xn--bcher-kva.example"),
            ("*.b\u{fc}cher.example", F::NotAscii, "*.xn--bcher-kva.example"),
            ("mx1.a.com, mx2.a.com", F::List, "mx1.a.com mx2.a.com"),
            ("10 mx1.a.com", F::Preference, "mx1.a.com"),
            ("mx1.a.com;", F::Octet, "mx1.a.com"),
            ("mx1.a.com:25", F::Port, "mx1.a.com"),
            ("https://mx1.a.com/", F::Url, "mx1.a.com"),
            ("user@a.com", F::Mailbox, ""),
            ("2001:db8::1", F::Address, ""),
            ("[192.0.2.1]", F::Address, ""),
            ("mx_1.a.com", F::Underscore, ""),
            ("\"mx.a.com\"", F::Quoted, "mx.a.com"),
        ] {
            let error = MxPattern::parse(text).expect_err(text);
            assert_eq!((error.fault, error.mend.join(" ").as_str()), (fault, mend), "{text}");
        }
    }
}
