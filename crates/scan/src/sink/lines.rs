//! JSON Lines: whole rows, to be read again.

use outside::Swept;
use protocol::Domain;
use protocol::observed::{Evidence, EvidenceError};
use serde::{Deserialize, Serialize};

use crate::Row;

/// The version of a line. Every released version stays readable.
pub const ROW_VERSION: u32 = 1;

/// One row as it is written: one JSON object.
#[derive(Debug, Serialize)]
pub struct RowLine<'a> {
    schema_version: u32,
    position: u64,
    domain: &'a Domain,
    swept: &'a Swept,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a Evidence>,
}

/// Why a line is no row.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Written by a newer program.
    #[error("a row of version {0}, and this program reads up to {ROW_VERSION}: use a newer one")]
    Newer(u32),
    /// The evidence in it was.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// It is something else, or damaged.
    #[error("no row of a scan: {0}")]
    Malformed(serde_json::Error),
}

impl<'a> From<&'a Row> for RowLine<'a> {
    fn from(row: &'a Row) -> Self {
        Self {
            schema_version: ROW_VERSION,
            position: row.position,
            domain: &row.domain,
            swept: &row.swept,
            evidence: row.evidence.as_ref(),
        }
    }
}

impl Row {
    /// Reads one line.
    ///
    /// # Errors
    /// [`LineError`] when it is none of ours, or of a newer program.
    pub fn from_line(line: &[u8]) -> Result<Self, LineError> {
        #[derive(Deserialize)]
        struct Head {
            schema_version: u32,
            evidence: Option<EvidenceHead>,
        }
        #[derive(Deserialize)]
        struct EvidenceHead {
            evidence_version: u32,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            #[serde(rename = "schema_version")]
            _schema_version: u32,
            position: u64,
            domain: Domain,
            swept: Swept,
            evidence: Option<Evidence>,
        }
        let head: Head = serde_json::from_slice(line).map_err(LineError::Malformed)?;
        if head.schema_version > ROW_VERSION {
            return Err(LineError::Newer(head.schema_version));
        }
        if let Some(EvidenceHead { evidence_version: found }) = head.evidence
            && found > protocol::observed::EVIDENCE_VERSION
        {
            return Err(EvidenceError::Newer { found }.into());
        }
        let whole: Whole = serde_json::from_slice(line).map_err(LineError::Malformed)?;
        Ok(Self {
            position: whole.position,
            domain: whole.domain,
            swept: whole.swept,
            evidence: whole.evidence,
        })
    }
}

#[cfg(test)]
mod tests {
    use outside::SweepFailure;
    use protocol::observed::Octets;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for swept in [
            Swept::Records(vec![Octets(b"v=STSv1; id=1;".to_vec()), Octets(vec![0xff, 0x1b])]),
            Swept::NoData,
            Swept::NxDomain,
            Swept::Failed(SweepFailure::Timeout),
        ] {
            let domain = Domain::parse("example.com").expect("a name");
            let row = Row { position: 7, domain, swept, evidence: None };
            let line = serde_json::to_vec(&RowLine::from(&row)).expect("writes");
            assert_eq!(Row::from_line(&line).expect("reads"), row);
        }
    }

    #[test]
    fn what_is_no_row_is_told() {
        for (line, why) in [
            ("", "no row of a scan"),
            ("{}", "no row of a scan: missing field `schema_version`"),
            (r#"{"schema_version":2}"#, "a row of version 2, and this program reads up to 1"),
            (r#"{"schema_version":1,"evidence":{"evidence_version":99}}"#, "version 99"),
            (r#"{"schema_version":1,"position":0,"domain":"a..b","swept":"no_data"}"#, "no row of a scan"),
            (
                r#"{"schema_version":1,"position":0,"domain":"a.b","swept":"no_data","x":1}"#,
                "unknown field `x`",
            ),
        ] {
            let error = Row::from_line(line.as_bytes()).expect_err(line).to_string();
            assert!(error.contains(why), "{line}: {error}");
        }
    }
}
