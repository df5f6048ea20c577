//! One entry of a list, and the ways in which it is none.

use protocol::DomainFault;
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
    /// Text that is no domain name.
    NoName(DomainFault),
}

impl Junk {
    /// What it is, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotText => "not text in UTF-8",
            Self::TooLong => "longer than any name",
            Self::NoColumn => "without that column",
            Self::Unclosed => "a quotation mark or parenthesis that nothing closes",
            Self::NoZoneEntry => "no entry of a zone file",
            Self::NoName(fault) => match fault {
                DomainFault::Empty | DomainFault::EmptyLabel => "with an empty label",
                DomainFault::Hyphen => "with a hyphen at the edge of a label",
                DomainFault::LabelTooLong => "with a label of more than 63 octets",
                DomainFault::NameTooLong => "of more than 253 octets",
                DomainFault::Underscore => "with an underscore",
                DomainFault::Wildcard => "with an asterisk",
                DomainFault::Address => "addresses, or ending in a number",
                DomainFault::Mailbox => "mailboxes",
                DomainFault::Url => "URLs",
                DomainFault::Blank => "with a blank inside",
                DomainFault::Pasted => "with a typographic quotation mark, dash or blank",
                DomainFault::Unseen => "with a character that is not seen",
                DomainFault::Idna => "with a character that internationalised names do not allow",
                _ => "with a character that no host name has",
            },
        }
    }
}
