//! The `_mta-sts` TXT record, strictly read. RFC 8461 §3.1.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Party;
use crate::extensions::Extensions;
use crate::record_grammar::{Defect, Field, Fields, Selected, SyntaxError, ascii, octet_defect, select};
use crate::tlsrpt::ResultType;

/// What a record must begin with to be kept among several. RFC 8461 §3.1.
pub const RECORD_PREFIX: &[u8] = b"v=STSv1;";

pub(super) const VERSION: &[u8] = b"v=STSv1";

/// Longest id in characters. RFC 8461 §3.1: `1*32(ALPHA / DIGIT)`.
pub(super) const MAX_ID: usize = 32;

/// A valid `_mta-sts` record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Changes with the policy: 1 to 32 letters and digits, compared for equality only (rule 87).
    pub id: String,
    /// Unknown fields in order, the first of duplicates. Senders ignore them.
    pub extensions: Vec<(String, String)>,
}

/// Why a lookup leaves no valid record. In each case senders go on as if the domain had no MTA-STS policy, or keep the
/// one they hold (RFC 8461 §3.1).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// No record begins `v=STSv1;`.
    #[error("there is no MTA-STS record")]
    None,
    /// Two or more records begin `v=STSv1;`, even if they are equal.
    #[error("there are {count} MTA-STS records; senders accept exactly one")]
    Multiple {
        /// How many.
        count: usize,
    },
    /// The one record breaks the grammar.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
}

impl RecordError {
    /// What a sender reports (RFC 8460 §4.3.2.2); `None` where it reports `no-policy-found` or nothing.
    pub fn result_type(&self) -> Option<ResultType> {
        match self {
            Self::None => None,
            Self::Multiple { .. } | Self::Syntax(_) => Some(ResultType::StsPolicyInvalid),
        }
    }

    /// Whether a later lookup can help without anyone changing the record: never, only its owner can.
    pub fn retry(&self) -> bool {
        false
    }

    /// Who has to act.
    pub fn party(&self) -> Party {
        Party::DomainOwner
    }
}

/// Reads the TXT records found at `_mta-sts.`, each with its character-strings already joined (rule 2).
///
/// # Errors
/// [`RecordError`] when not exactly one valid record is left.
pub fn read_records<T: AsRef<[u8]>>(texts: &[T]) -> Result<Record, RecordError> {
    match select(texts, VERSION) {
        Selected::None => Err(RecordError::None),
        // RFC 8461 §3.1: "If the number of resulting records is not one … no available policy" (rule 4)
        Selected::Multiple(count) => Err(RecordError::Multiple { count }),
        Selected::One(text) => read(text).map_err(RecordError::Syntax),
    }
}

/// The one text among `texts` that [`read_records`] reads, valid or not: the one to show and to inspect. `None` when there
/// is none or more than one.
pub fn selected_record<T: AsRef<[u8]>>(texts: &[T]) -> Option<&[u8]> {
    select(texts, VERSION).only()
}

fn read(text: &[u8]) -> Result<Record, SyntaxError> {
    let mut fields = Fields::after_version(text, VERSION);
    let mut id = None;
    let mut extensions = Extensions::default();
    while let Some(field) = fields.next()? {
        // Rule 8: names are case-sensitive. RFC 8461 §3.2, last paragraph: of duplicates all but the first are ignored
        // (rule 14); they must still fit the grammar, as extensions.
        if field.name == b"id" && id.is_none() {
            id = Some(read_id(text, &field)?);
            continue;
        }
        fields.check_extension(&field)?;
        if field.name != b"id" && field.name != b"v" {
            extensions.push(&ascii(field.name), &ascii(field.value));
        }
    }
    match id {
        Some(id) => Ok(Record { id, extensions: extensions.into_fields() }),
        None => Err(SyntaxError::new(text, text.len(), Defect::IdMissing)), // rule 9
    }
}

// RFC 8461 §3.1: sts-id = %s"id=" 1*32(ALPHA / DIGIT) (rule 9)
fn read_id(text: &[u8], field: &Field<'_>) -> Result<String, SyntaxError> {
    if let Some(at) = field.value.iter().position(|b| !b.is_ascii_alphanumeric()) {
        let kind = field.value.get(at..at + 1).and_then(octet_defect).unwrap_or(Defect::IdCharset);
        return Err(SyntaxError::new(text, field.value_at + at, kind));
    }
    if field.value.len() > MAX_ID {
        return Err(SyntaxError::new(text, field.value_at, Defect::IdLength));
    }
    Ok(ascii(field.value))
}

impl fmt::Display for Record {
    /// The record as it is published, ending with a semicolon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=STSv1; id={};", self.id)?;
        self.extensions.iter().try_for_each(|(name, value)| write!(f, " {name}={value};"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syntax(text: &str) -> (Defect, usize) {
        match read_records(&[text]) {
            Err(RecordError::Syntax(error)) => (error.kind, error.offset),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn valid_records() {
        for (text, id, extensions) in [
            ("v=STSv1;id=a1", "a1", 0),
            ("v=STSv1; \t id=a1 \t;\t", "a1", 0),
            ("v=STSv1 ; id=a1", "a1", 0),
            ("v=STSv1; a=1; id=a1; b=2;", "a1", 2),
            ("v=STSv1; id=a1; id=b-2; v=STSv2", "a1", 0),
            ("v=STSv1; id=a1; a=1; a=2", "a1", 1),
        ] {
            let record = read_records(&[text]).expect(text);
            assert_eq!((record.id.as_str(), record.extensions.len()), (id, extensions), "{text}");
            assert_eq!(read_records(&[record.to_string()]), Ok(record));
        }
    }

    #[test]
    fn selection() {
        let none: [&str; 0] = [];
        assert_eq!(read_records(&none), Err(RecordError::None));
        for text in ["v=STSv1", "v=STSv10; id=a", "V=STSv1; id=a", " v=STSv1; id=a", "v=spf1 -all", ""] {
            assert_eq!(read_records(&[text]), Err(RecordError::None), "{text}");
        }
        assert_eq!(read_records(&["v=STSv1;id=a", "v=STSv1;id=a"]), Err(RecordError::Multiple { count: 2 }));
        assert!(read_records(&["v=STSv1;id=a", "v=STSv1", "v=STSv2;id=b"]).is_ok());
        assert_eq!(selected_record(&["v=STSv2;id=b", "v=STSv1;x"]), Some(b"v=STSv1;x".as_slice()));
        assert_eq!(selected_record(&["v=STSv1;id=a"; 2]), None);
        // Several records: the sentence about discarding applies to the letter.
        assert_eq!(read_records(&["v=STSv1 ;id=a", "v=spf1 -all"]), Err(RecordError::None));
    }

    #[test]
    fn defects_and_their_places() {
        for (text, kind, offset) in [
            ("v=STSv1;", Defect::IdMissing, 8),
            ("v=STSv1; id=", Defect::ValueEmpty, 12),
            ("v=STSv1; foo=bar", Defect::IdMissing, 16),
            ("v=STSv1; id=1.0", Defect::IdCharset, 13),
            ("v=STSv1; id= a", Defect::BlankAroundEquals, 12),
            ("v=STSv1; id =a", Defect::BlankAroundEquals, 11),
            ("v=STSv1; id=a b", Defect::BlankInValue, 13),
            ("v=STSv1; id=a;;", Defect::EmptyField, 14),
            ("v=STSv1;; id=a", Defect::EmptyField, 8),
            ("v=STSv1; id=a ", Defect::TrailingBlank, 13),
            ("v=STSv1; id=a\n", Defect::Control, 13),
            ("v=STSv1; id=a; x", Defect::NoEquals, 15),
            ("v=STSv1; id=a; x=a=b", Defect::ValueCharset, 18),
            ("v=STSv1; id=a; _x=b", Defect::NameCharset, 15),
            ("v=STSv1; id=a; =b", Defect::NameEmpty, 15),
            ("v=STSv1; ID=a", Defect::IdMissing, 13),
            ("v=STSv1; id=é", Defect::NotAscii, 12),
        ] {
            assert_eq!(syntax(text), (kind, offset), "{text}");
        }
        assert_eq!(syntax(&format!("v=STSv1; id={}", "a".repeat(33))).0, Defect::IdLength);
        assert_eq!(syntax(&format!("v=STSv1; id=a; {}=b", "n".repeat(33))).0, Defect::NameLength);
    }
}
