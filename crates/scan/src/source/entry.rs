//! One entry of a list, and the ways in which it is none.

use protocol::{DomainError, DomainFault};
use serde::{Deserialize, Serialize};

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// What should be a name, at this line.
    Name {
        /// The line, from 1.
        line: u64,
        /// As written, without blanks around it.
        text: String,
    },
    /// What cannot be one.
    Junk {
        /// The line, from 1.
        line: u64,
        /// Why.
        why: Junk,
        /// A bounded, printable piece of it.
        excerpt: String,
    },
    /// A blank line, a comment, a header, a record of another type: nothing to count.
    Nothing,
}

/// Why an entry is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Junk {
    /// Not text in UTF-8.
    NotText,
    /// A line, cell or entry that is longer than any name.
    TooLong,
    /// The row has no such column.
    NoColumn,
    /// A quotation mark or parenthesis that nothing closes.
    Unclosed,
    /// No entry of a zone file.
    NoZoneEntry,
    /// Two dots in a row, or one in front.
    EmptyLabel,
    /// A label begins or ends with a hyphen.
    Hyphen,
    /// A label of more than 63 octets.
    LabelTooLong,
    /// A name of more than 253 octets.
    NameTooLong,
    /// An underscore.
    Underscore,
    /// An asterisk.
    Wildcard,
    /// An address, or something that ends in a number.
    Address,
    /// A mailbox.
    Mailbox,
    /// A URL.
    Url,
    /// A blank inside the name.
    Blank,
    /// Characters that internationalised names do not allow.
    Idna,
    /// Any other character that no host name has.
    Character,
}

impl Junk {
    /// The kind of what is wrong with a name.
    #[must_use]
    pub const fn of(error: &DomainError) -> Self {
        match error.fault {
            DomainFault::Empty | DomainFault::EmptyLabel => Self::EmptyLabel,
            DomainFault::Hyphen => Self::Hyphen,
            DomainFault::LabelTooLong => Self::LabelTooLong,
            DomainFault::NameTooLong => Self::NameTooLong,
            DomainFault::Underscore => Self::Underscore,
            DomainFault::Wildcard => Self::Wildcard,
            DomainFault::Address => Self::Address,
            DomainFault::Mailbox => Self::Mailbox,
            DomainFault::Url => Self::Url,
            DomainFault::Blank => Self::Blank,
            DomainFault::Idna => Self::Idna,
            _ => Self::Character,
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotText => "not text in UTF-8",
            Self::TooLong => "longer than any name",
            Self::NoColumn => "without that column",
            Self::Unclosed => "a quotation mark or parenthesis that nothing closes",
            Self::NoZoneEntry => "no entry of a zone file",
            Self::EmptyLabel => "with an empty label",
            Self::Hyphen => "with a hyphen at the edge of a label",
            Self::LabelTooLong => "with a label of more than 63 octets",
            Self::NameTooLong => "of more than 253 octets",
            Self::Underscore => "with an underscore",
            Self::Wildcard => "with an asterisk",
            Self::Address => "addresses, or ending in a number",
            Self::Mailbox => "mailboxes",
            Self::Url => "URLs",
            Self::Blank => "with a blank inside",
            Self::Idna => "with a character that internationalised names do not allow",
            Self::Character => "with a character that no host name has",
        }
    }
}
