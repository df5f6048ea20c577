//! Why a text is no MX pattern, and which one was meant.

use std::fmt;

use crate::Domain;
use crate::excerpt::printable;
use crate::ldh::{self, LdhFault};

/// Why a text is no [`MxPattern`](crate::MxPattern).
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

/// The ways in which a text is no [`MxPattern`](crate::MxPattern). RFC 8461 §3.2 unless said.
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
    pub(super) fn new(text: &str, fault: LdhFault, offset: usize) -> Self {
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
    let one = |candidate: &str| match is_pattern(candidate) {
        true => vec![candidate.to_owned()],
        false => Vec::new(),
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
    let names = || text.split([',', ' ', '\t']).filter(|name| !name.is_empty());
    if names().all(is_pattern) { names().map(str::to_owned).collect() } else { Vec::new() }
}

fn is_pattern(text: &str) -> bool {
    ldh::check(text.strip_prefix("*.").unwrap_or(text)).is_ok()
}

// RFC 8461 §3.2: internationalised names are given as A-labels (rule 54).
fn a_labels(text: &str) -> Option<String> {
    match text.strip_prefix("*.") {
        Some(base) => Domain::parse(base).ok().map(|name| format!("*.{name}")),
        None => Domain::parse(text).ok().map(|name| name.to_string()),
    }
}

impl MxPatternFault {
    /// A stable name in lower snake case, for example `mx_wildcard`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "mx_empty",
            Self::TrailingDot => "mx_trailing_dot",
            Self::LeadingDot => "mx_leading_dot",
            Self::EmptyLabel => "mx_empty_label",
            Self::Wildcard => "mx_wildcard",
            Self::Hyphen => "mx_hyphen",
            Self::LabelTooLong => "mx_label_too_long",
            Self::NameTooLong => "mx_name_too_long",
            Self::NotAscii => "mx_not_ascii",
            Self::Underscore => "mx_underscore",
            Self::List => "mx_list",
            Self::Address => "mx_address_literal",
            Self::Url => "mx_url",
            Self::Mailbox => "mx_mailbox",
            Self::Preference => "mx_preference",
            Self::Port => "mx_port",
            Self::Quoted => "mx_quoted",
            Self::Octet => "mx_octet",
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MxPattern;

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
