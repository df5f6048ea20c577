//! The `_smtp._tls` TXT record, strictly read. RFC 8460 §3.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Rua;
use crate::Party;
use crate::extensions::Extensions;
use crate::record_grammar::{Defect, Field, Fields, Selected, SyntaxError, ascii, is_wsp, select};

/// What a record must begin with to be kept among several. RFC 8460 §3.
pub const RECORD_PREFIX: &[u8] = b"v=TLSRPTv1;";

pub(super) const VERSION: &[u8] = b"v=TLSRPTv1";

/// A valid `_smtp._tls` record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Where reports go, in order, of all `rua` fields (rule 110); at least one is usable.
    pub rua: Vec<Rua>,
    /// Unknown fields in order, the first of duplicates. Senders ignore them.
    pub extensions: Vec<(String, String)>,
}

/// Why a lookup leaves no valid record. In each case senders send no reports (RFC 8460 §3).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// No record begins `v=TLSRPTv1;`.
    #[error("there is no TLSRPT record")]
    None,
    /// Two or more records begin `v=TLSRPTv1;`, even if they are equal.
    #[error("there are {count} TLSRPT records; senders accept exactly one")]
    Multiple {
        /// How many.
        count: usize,
    },
    /// The one record breaks the grammar.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
}

impl RecordError {
    /// Who has to act.
    pub fn party(&self) -> Party {
        Party::DomainOwner
    }
}

/// Reads the TXT records found at `_smtp._tls.`, each with its character-strings already joined (rule 102).
///
/// # Errors
/// [`RecordError`] when not exactly one valid record is left.
pub fn read_records<T: AsRef<[u8]>>(texts: &[T]) -> Result<Record, RecordError> {
    match select(texts, VERSION) {
        Selected::None => Err(RecordError::None),
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
    let mut rua = Vec::new();
    let mut first_rua_at = None;
    let mut extensions = Extensions::default();
    while let Some(field) = fields.next()? {
        // Rule 103; names are case-sensitive. The grammar lets `rua` come again: its URIs are gathered (rule 110).
        if field.name == b"rua" {
            first_rua_at.get_or_insert(field.value_at);
            read_rua(text, &field, &mut rua)?;
            continue;
        }
        fields.check_extension(&field)?;
        if field.name != b"v" {
            extensions.push(&ascii(field.name), &ascii(field.value));
        }
    }
    let Some(at) = first_rua_at else { return Err(SyntaxError::new(text, text.len(), Defect::RuaMissing)) };
    if rua.iter().any(Rua::is_usable) {
        Ok(Record { rua, extensions: extensions.into_fields() })
    } else {
        Err(SyntaxError::new(text, at, Defect::RuaNoneUsable)) // rule 105
    }
}

// RFC 8460 §3: tlsrpt-rua = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)
fn read_rua(text: &[u8], field: &Field<'_>, rua: &mut Vec<Rua>) -> Result<(), SyntaxError> {
    for (uri, at) in uris(field.value) {
        let at = field.value_at + at;
        let uri = match std::str::from_utf8(uri) {
            Ok(uri) => uri,
            Err(error) => return Err(SyntaxError::new(text, at + error.valid_up_to(), Defect::NotAscii)),
        };
        let parsed =
            Rua::parse(uri).map_err(|error| SyntaxError::new(text, at + error.offset, error.kind))?;
        rua.push(parsed);
    }
    Ok(())
}

/// The entries of a list with their offsets; blanks around the commas are taken off, blanks at the ends of the list stay.
pub(super) fn uris(list: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let (mut at, end) = (0, list.len());
    list.split(|b| *b == b',').map(move |raw| {
        let start = at;
        at += raw.len() + 1;
        let front = if start > 0 { raw.iter().take_while(|b| is_wsp(**b)).count() } else { 0 };
        let back = if at <= end { raw.iter().rev().take_while(|b| is_wsp(**b)).count() } else { 0 };
        let until = raw.len().saturating_sub(back).max(front);
        (raw.get(front..until).unwrap_or_default(), start + front)
    })
}

impl fmt::Display for Record {
    /// The record as it is published, ending with a semicolon.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=TLSRPTv1; rua=")?;
        for (n, rua) in self.rua.iter().enumerate() {
            if n > 0 {
                f.write_str(",")?;
            }
            f.write_str(rua.as_str())?;
        }
        f.write_str(";")?;
        self.extensions.iter().try_for_each(|(name, value)| write!(f, " {name}={value};"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_records() {
        for (text, expected) in [
            ("v=TLSRPTv1;rua=mailto:a@example.com", "mailto:a@example.com"),
            (
                "v=TLSRPTv1; rua=mailto:a@x.example \t, https://x.example/r ; ",
                "mailto:a@x.example https://x.example/r",
            ),
            (
                "v=TLSRPTv1; rua=mailto:a@x.example; rua=https://y.example",
                "mailto:a@x.example https://y.example",
            ),
            (
                "v=TLSRPTv1 ; e=1; rua=ftp://x,https://x.example/x?a=b&c=d",
                "ftp://x https://x.example/x?a=b&c=d",
            ),
        ] {
            let record = read_records(&[text]).expect(text);
            let rua: Vec<_> = record.rua.iter().map(Rua::as_str).collect();
            assert_eq!(rua.join(" "), expected);
            assert_eq!(read_records(&[record.to_string()]), Ok(record));
        }
    }

    #[test]
    fn defects_and_their_places() {
        for (text, kind, offset) in [
            ("v=TLSRPTv1; e=1", Defect::RuaMissing, 15),
            ("v=TLSRPTv1; rua=", Defect::ValueEmpty, 16),
            ("v=TLSRPTv1; rua=,", Defect::RuaEmpty, 16),
            ("v=TLSRPTv1; rua=mailto:a@x.example,", Defect::RuaEmpty, 35),
            ("v=TLSRPTv1; rua=mailto:a@x.example https://x", Defect::RuaUri, 34),
            ("v=TLSRPTv1; rua= mailto:a@x.example", Defect::BlankAroundEquals, 16),
            ("v=TLSRPTv1; rua=mailto:a@x.example ", Defect::TrailingBlank, 34),
            ("v=TLSRPTv1; rua=a@x.example", Defect::RuaScheme, 16),
            ("v=TLSRPTv1; rua=ftp://x", Defect::RuaNoneUsable, 16),
            ("v=TLSRPTv1; rua=mailto:t\u{fc}@x.example", Defect::RuaUri, 24),
            ("v=TLSRPTv1; rua=mailto:a@x.example; x=a=b", Defect::ValueCharset, 39),
        ] {
            match read_records(&[text]) {
                Err(RecordError::Syntax(error)) => {
                    assert_eq!((error.kind, error.offset), (kind, offset), "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        assert_eq!(read_records(&["v=TLSRPTv1; rua=a:b"; 2]), Err(RecordError::Multiple { count: 2 }));
        assert_eq!(read_records(&["V=TLSRPTv1; rua=mailto:a@x.example"]), Err(RecordError::None));
    }
}
