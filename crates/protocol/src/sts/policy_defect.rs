//! Why a text is no policy.

use std::fmt;

use crate::excerpt::excerpt;
use crate::tlsrpt::ResultType;
use crate::{MxPatternFault, Party};

/// Where and how a text breaks the grammar of RFC 8461 §3.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// What is wrong.
    pub defect: PolicyDefect,
    /// Byte offset in the text.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in octets, from 1.
    pub column: usize,
    /// A bounded, printable piece of the text from `offset` to the end of the line.
    pub excerpt: String,
}

/// The ways in which a text breaks the grammar of RFC 8461 §3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyDefect {
    /// More than 64 KiB (RFC 8461 §3.3).
    TooLarge,
    /// Nothing but blanks.
    Empty,
    /// A byte order mark in front.
    ByteOrderMark,
    /// Octets that are not UTF-8.
    NotUtf8,
    /// A line without content. Some senders skip it.
    BlankLine,
    /// A blank at the beginning of a line.
    LeadingBlank,
    /// A carriage return that is not part of CR LF.
    StrayCarriageReturn,
    /// Another control character.
    Control,
    /// A line without a colon.
    NoColon,
    /// A blank before the colon.
    BlankBeforeColon,
    /// Nothing before the colon.
    NameEmpty,
    /// A field name that does not begin with a letter or digit, or holds other characters than `_`, `-`, `.` besides.
    NameCharset,
    /// A field name of more than 32 octets.
    NameLength,
    /// Nothing after the colon.
    ValueEmpty,
    /// No `version`.
    VersionMissing,
    /// A version other than `STSv1`.
    VersionValue,
    /// No `mode`.
    ModeMissing,
    /// A mode other than `enforce`, `testing`, `none`.
    ModeValue,
    /// No `max_age`.
    MaxAgeMissing,
    /// A `max_age` that is not 1 to 10 digits.
    MaxAgeValue,
    /// A `max_age` above 31557600.
    MaxAgeTooLarge,
    /// No `mx`, and the mode is not `none`.
    MxMissing,
    /// An `mx` that is no pattern.
    MxValue(MxPatternFault),
}

impl PolicyError {
    pub(super) fn new(text: &[u8], offset: usize, defect: PolicyDefect) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
        Self { defect, offset, line, column, excerpt: excerpt(text, offset) }
    }

    /// What a sender reports. RFC 8460 §4.3.2.2.
    pub fn result_type(&self) -> ResultType {
        match self.defect {
            // Such a body is given up while it is being fetched.
            PolicyDefect::TooLarge => ResultType::StsPolicyFetchError,
            _ => ResultType::StsPolicyInvalid,
        }
    }

    /// Whether another fetch may help: senders try again, at least five minutes later (RFC 8461 §3.3).
    pub fn retry(&self) -> bool {
        true
    }

    /// Who has to act.
    pub fn party(&self) -> Party {
        Party::DomainOwner
    }
}

impl PolicyDefect {
    /// A stable name in lower snake case, for example `mode_value`.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Empty => "empty",
            Self::ByteOrderMark => "byte_order_mark",
            Self::NotUtf8 => "not_utf8",
            Self::BlankLine => "blank_line",
            Self::LeadingBlank => "leading_blank",
            Self::StrayCarriageReturn => "stray_carriage_return",
            Self::Control => "control",
            Self::NoColon => "no_colon",
            Self::BlankBeforeColon => "blank_before_colon",
            Self::NameEmpty => "name_empty",
            Self::NameCharset => "name_charset",
            Self::NameLength => "name_length",
            Self::ValueEmpty => "value_empty",
            Self::VersionMissing => "version_missing",
            Self::VersionValue => "version_value",
            Self::ModeMissing => "mode_missing",
            Self::ModeValue => "mode_value",
            Self::MaxAgeMissing => "max_age_missing",
            Self::MaxAgeValue => "max_age_value",
            Self::MaxAgeTooLarge => "max_age_too_large",
            Self::MxMissing => "mx_line_missing",
            Self::MxValue(fault) => fault.code(),
        }
    }
}

impl fmt::Display for PolicyDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the policy is larger than 64 KiB",
            Self::Empty => "the policy is empty",
            Self::ByteOrderMark => "there is a byte order mark in front of the first line",
            Self::NotUtf8 => "there is an octet that is not UTF-8",
            Self::BlankLine => "there is a blank line",
            Self::LeadingBlank => "a line begins with a blank",
            Self::StrayCarriageReturn => "there is a carriage return without a line feed",
            Self::Control => "there is a control character",
            Self::NoColon => "a line has no colon",
            Self::BlankBeforeColon => "there is a blank before the colon",
            Self::NameEmpty => "there is no name before the colon",
            Self::NameCharset => {
                "a field name must begin with a letter or digit and hold only letters, digits, `_`, `-` and `.`"
            }
            Self::NameLength => "a field name has more than 32 characters",
            Self::ValueEmpty => "there is no value after the colon",
            Self::VersionMissing => "there is no `version: STSv1` line",
            Self::VersionValue => "the version must be `STSv1`",
            Self::ModeMissing => "there is no `mode` line",
            Self::ModeValue => "the mode must be `enforce`, `testing` or `none`, in lower case",
            Self::MaxAgeMissing => "there is no `max_age` line",
            Self::MaxAgeValue => "max_age must be a number of seconds, 1 to 10 digits",
            Self::MaxAgeTooLarge => "max_age is above 31557600 seconds",
            Self::MxMissing => "there is no `mx` line",
            Self::MxValue(fault) => return write!(f, "this is no MX pattern: {fault}"),
        })
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {}: `{}`)", self.defect, self.line, self.column, self.excerpt)
    }
}

impl std::error::Error for PolicyError {}
