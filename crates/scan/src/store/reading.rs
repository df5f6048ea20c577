//! The result, name by name, in the order of the list.

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};
use outside::Swept;
use protocol::Domain;

use super::Scan;
use super::packed::{unpack_answers, unpack_evidence, unpack_names};
use crate::{Row, ScanError};

impl Scan {
    /// What is known of every name so far, in the order of the list. Names that were not asked for yet are left out, and
    /// hits that were not surveyed yet come without evidence. Holds one chunk and one piece of evidence at a time.
    pub fn rows(&self) -> impl Stream<Item = Result<Row, ScanError>> + Send + '_ {
        stream::try_unfold(
            Reading { scan: self, after: -1, rows: VecDeque::new() },
            |mut reading| async move { Ok(reading.next().await?.map(|row| (row, reading))) },
        )
    }
}

struct Reading<'a> {
    scan: &'a Scan,
    /// The chunk read last.
    after: i64,
    rows: VecDeque<(i64, Domain, Swept)>,
}

impl Reading<'_> {
    async fn next(&mut self) -> Result<Option<Row>, ScanError> {
        while self.rows.is_empty() {
            if !self.chunk().await? {
                return Ok(None);
            }
        }
        let Some((position, domain, swept)) = self.rows.pop_front() else { return Ok(None) };
        let evidence = if swept.is_hit() {
            self.scan
                .database
                .fetch_optional(
                    "SELECT evidence FROM scan_evidence WHERE job = $1 AND position = $2",
                    &[self.scan.job.into(), position.into()],
                )
                .await?
                .map(|row| unpack_evidence(&row.octets(0)?))
                .transpose()?
        } else {
            None
        };
        Ok(Some(Row { position: u64::try_from(position).unwrap_or(0), domain, swept, evidence }))
    }

    /// Reads the next chunk that has answers, be it that some are asked for once more; false when there is none.
    async fn chunk(&mut self) -> Result<bool, ScanError> {
        let row = self
            .scan
            .database
            .fetch_optional(
                "SELECT c.chunk, c.first, n.names, a.answers FROM scan_chunks c
                 JOIN scan_chunk_names n ON n.job = c.job AND n.chunk = c.chunk
                 JOIN scan_chunk_answers a ON a.job = c.job AND a.chunk = c.chunk
                 WHERE c.job = $1 AND c.chunk > $2 ORDER BY c.chunk LIMIT 1",
                &[self.scan.job.into(), self.after.into()],
            )
            .await?;
        let Some(row) = row else { return Ok(false) };
        self.after = row.integer(0)?;
        let first = row.integer(1)?;
        let names: Vec<Domain> = unpack_names(&row.octets(2)?)?;
        let answers = unpack_answers(&row.octets(3)?)?;
        self.rows = (first..).zip(names.into_iter().zip(answers)).map(|(p, (n, a))| (p, n, a)).collect();
        Ok(true)
    }
}
