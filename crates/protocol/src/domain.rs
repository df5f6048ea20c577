//! A domain name in the one form that is compared.

use std::fmt;
use std::str::FromStr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::excerpt::printable;
use crate::ldh::{self, LdhFault, MAX_LABEL, MAX_NAME};
use crate::odd_octets::odd_octet;

/// Longest text that [`Domain::parse`] looks at, in octets: 253 characters of four octets each, and some blanks.
const MAX_INPUT: usize = 1024;

/// A domain name: A-labels, lower case, no final dot, each label 1 to 63 letters, digits and inner hyphens, 253 octets
/// at most (RFC 1035 §2.3.4, RFC 5890 §2.3.2.1). Never an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(Box<str>);

impl Domain {
    /// Reads a name as people write it: any case, U-labels (mapped by UTS 46), one final dot.
    ///
    /// A label that begins `xn--` is taken as it is: whether its Punycode decodes is of no concern to the DNS.
    ///
    /// # Errors
    /// [`DomainError`] says what is wrong, where, and how to mend it.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        if text.len() > MAX_INPUT {
            return Err(DomainError::new(DomainFault::NameTooLong, text, 0));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err(DomainError::new(DomainFault::Empty, text, 0));
        }
        let ascii = if name.is_ascii() { name.to_ascii_lowercase() } else { to_a_labels(text, name)? };
        if let Err((fault, at)) = ldh::check(&ascii) {
            return Err(DomainError::from_ldh(fault, text, if name.is_ascii() { at } else { 0 }));
        }
        if ldh::ends_in_number(&ascii) {
            return Err(DomainError::new(DomainFault::Address, text, 0));
        }
        Ok(Self(ascii.into_boxed_str()))
    }

    /// The name, for example `xn--bcher-kva.example`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for people, with U-labels where they decode; otherwise as [`as_str`](Self::as_str).
    pub fn to_unicode(&self) -> String {
        let (text, result) = idna::domain_to_unicode(&self.0);
        if result.is_ok() { text } else { self.0.to_string() }
    }

    /// The name without its left-most label; `None` for a single label.
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_once('.')?;
        Some(Self(rest.into()))
    }

    /// True when this name is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        match self.0.strip_suffix(&*other.0) {
            Some(front) => front.is_empty() || front.ends_with('.'),
            None => false,
        }
    }

    /// How many labels the name has: 2 for `example.com`.
    pub fn label_count(&self) -> usize {
        self.0.split('.').count()
    }

    /// The name with `label` and a dot in front, for example `mta-sts.example.com`.
    ///
    /// # Errors
    /// When `label` is no label or the result is longer than 253 octets.
    pub fn with_label(&self, label: &str) -> Result<Self, DomainError> {
        Self::parse(&format!("{label}.{}", self.0))
    }
}

fn to_a_labels(text: &str, name: &str) -> Result<String, DomainError> {
    // UTS 46 lets some signs through that nobody means to be part of a name: quotation marks, dashes.
    if let Some((at, _)) = name.char_indices().find(|(at, _)| is_pasted(name, *at)) {
        let unseen = odd_octet(name.as_bytes(), at).is_some_and(|odd| odd.code == "direction_mark");
        let fault = if unseen { DomainFault::Unseen } else { DomainFault::Pasted };
        return Err(DomainError::new(fault, text, at));
    }
    Uts46::new()
        .to_ascii(name.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
        .map(|ascii| ascii.strip_suffix('.').unwrap_or(&ascii).to_owned())
        .map_err(|_| {
            let at = name.find(|c: char| !c.is_ascii()).unwrap_or(0);
            DomainError::new(DomainFault::Idna, text, at)
        })
}

/// Quotation marks, dashes, blanks and the like that a text editor puts where ASCII was typed.
fn is_pasted(name: &str, at: usize) -> bool {
    odd_octet(name.as_bytes(), at).is_some_and(|odd| {
        matches!(odd.code, "smart_quote" | "dash" | "no_break_space" | "wide_space" | "direction_mark")
    })
}

/// Why a text is no [`Domain`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainError {
    /// What is wrong.
    pub fault: DomainFault,
    /// Byte offset of the fault in the text that was given.
    pub offset: usize,
    /// A bounded, printable piece of that text.
    pub excerpt: String,
    /// What was probably meant, when that can be told.
    pub mend: Option<String>,
}

/// The ways in which a text is no [`Domain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DomainFault {
    /// Nothing there.
    Empty,
    /// Two dots in a row, or one in front.
    EmptyLabel,
    /// A label begins or ends with a hyphen.
    Hyphen,
    /// A label of more than 63 octets.
    LabelTooLong,
    /// A name of more than 253 octets.
    NameTooLong,
    /// An underscore: a DNS owner name, perhaps, but no mail domain.
    Underscore,
    /// An asterisk: a pattern, not a name.
    Wildcard,
    /// An IP address or something that ends in a number.
    Address,
    /// A mailbox, `user@example.com`.
    Mailbox,
    /// A URL.
    Url,
    /// A blank inside or around the name.
    Blank,
    /// Some other character that no host name has.
    Character,
    /// A typographic quotation mark, dash or blank.
    Pasted,
    /// A mark that is not seen or that changes the writing direction.
    Unseen,
    /// Characters outside ASCII that UTS 46 does not allow.
    Idna,
}

impl DomainError {
    fn new(fault: DomainFault, text: &str, offset: usize) -> Self {
        let mend = mend(fault, text);
        Self { fault, offset, excerpt: printable(text, 80), mend }
    }

    fn from_ldh(fault: LdhFault, text: &str, offset: usize) -> Self {
        let fault = match fault {
            LdhFault::EmptyLabel => DomainFault::EmptyLabel,
            LdhFault::Hyphen => DomainFault::Hyphen,
            LdhFault::LabelTooLong => DomainFault::LabelTooLong,
            LdhFault::NameTooLong => DomainFault::NameTooLong,
            LdhFault::Octet => name_octet(text, offset),
        };
        Self::new(fault, text, offset)
    }
}

fn name_octet(text: &str, offset: usize) -> DomainFault {
    if text.contains("://") {
        DomainFault::Url
    } else if text.contains('@') {
        DomainFault::Mailbox
    } else if text.starts_with('[') || text.parse::<std::net::Ipv6Addr>().is_ok() {
        DomainFault::Address
    } else {
        match text.as_bytes().get(offset) {
            Some(b'_') => DomainFault::Underscore,
            Some(b'*') => DomainFault::Wildcard,
            Some(b) if b.is_ascii_whitespace() => DomainFault::Blank,
            _ => DomainFault::Character,
        }
    }
}

fn mend(fault: DomainFault, text: &str) -> Option<String> {
    let candidate = match fault {
        DomainFault::Mailbox => text.rsplit('@').next()?,
        DomainFault::Url => text.split("://").nth(1)?.split(['/', ':', '?', '#']).next()?,
        DomainFault::Blank => text.trim(),
        DomainFault::Pasted | DomainFault::Unseen => {
            &text.chars().filter(|c| !is_pasted(c.encode_utf8(&mut [0; 4]), 0)).collect::<String>()
        }
        DomainFault::Wildcard => text.strip_prefix("*.")?,
        DomainFault::Underscore => {
            text.strip_prefix("_mta-sts.").or_else(|| text.strip_prefix("_smtp._tls."))?
        }
        _ => return None,
    };
    if candidate == text {
        return None;
    }
    Domain::parse(candidate).ok().map(|domain| domain.to_string())
}

impl fmt::Display for DomainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no name",
            Self::EmptyLabel => "it has an empty label (two dots in a row, or a dot in front)",
            Self::Hyphen => "a label begins or ends with a hyphen",
            Self::LabelTooLong => "a label has more than 63 octets",
            Self::NameTooLong => "it has more than 253 octets",
            Self::Underscore => "it has an underscore; a mail domain has letters, digits and hyphens only",
            Self::Wildcard => "it has an asterisk; give one name, not a pattern",
            Self::Address => "it is an address or ends in a number; give a name",
            Self::Mailbox => "it is a mailbox; give only what follows the @",
            Self::Url => "it is a URL; give only the host name",
            Self::Blank => "it has a blank",
            Self::Character => "it has a character that no host name has",
            Self::Pasted => "it has a typographic quotation mark, dash or blank, as text editors put them",
            Self::Unseen => "it has an invisible or direction-changing character",
            Self::Idna => "it has a character that internationalised names do not allow",
        })
    }
}

impl fmt::Display for DomainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no domain name: {}", self.excerpt, self.fault)?;
        if self.offset > 0 {
            write!(f, " (at octet {})", self.offset + 1)?;
        }
        match &self.mend {
            Some(mend) => write!(f, "; did you mean `{mend}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for DomainError {}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({})", self.0)
    }
}

impl FromStr for Domain {
    type Err = DomainError;
    fn from_str(text: &str) -> Result<Self, DomainError> {
        Self::parse(text)
    }
}

impl AsRef<str> for Domain {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

const _: () = assert!(MAX_NAME * 4 < MAX_INPUT && MAX_LABEL < MAX_NAME);

#[cfg(test)]
mod tests;
