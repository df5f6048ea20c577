//! Chunks of names: claimed, swept, committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use database::{Sql, Transaction, Value};
use outside::{SweepFailure, Swept};
use protocol::Domain;

use super::packed::{damaged, pack_answers, unpack_answers, unpack_names};
use super::{Claimant, Scan};
use crate::ScanError;

/// Somebody's for a time; `$5` of them. PostgreSQL may run a plain subquery more than once, an array only once.
const CLAIM: Sql = Sql::each(
    "UPDATE scan_chunks SET state = 1, owner = $2, token = token + 1, until = $4
     WHERE job = $1 AND chunk IN (
         SELECT chunk FROM scan_chunks WHERE job = $1 AND state < 2 AND (state = 0 OR until <= $3)
         ORDER BY chunk LIMIT $5)
     RETURNING chunk, token, first",
    "UPDATE scan_chunks SET state = 1, owner = $2, token = token + 1, until = $4
     WHERE job = $1 AND chunk = ANY(ARRAY(
         SELECT chunk FROM scan_chunks WHERE job = $1 AND state < 2 AND (state = 0 OR until <= $3)
         ORDER BY chunk LIMIT $5 FOR UPDATE SKIP LOCKED))
     RETURNING chunk, token, first",
);

/// A row for each hit of a chunk.
const HITS: Sql = Sql::each(
    "INSERT INTO scan_hits (job, position, name, state, owner, token, until)
     SELECT $1, json_extract(value, '$[0]'), json_extract(value, '$[1]'), 0, '', 0, 0 FROM json_each($2) WHERE true
     ON CONFLICT DO NOTHING",
    "INSERT INTO scan_hits (job, position, name, state, owner, token, until)
     SELECT $1, CAST(value ->> 0 AS BIGINT), value ->> 1, 0, '', 0, 0
     FROM json_array_elements(CAST($2 AS json)) AS list (value)
     ON CONFLICT DO NOTHING",
);

/// A chunk that is ours for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) number: i64,
    pub(crate) token: i64,
    /// The position of its first name.
    pub(crate) first: i64,
    pub(crate) names: Arc<[Domain]>,
    /// What is known of each name, when the chunk is asked for once more because of those without an answer.
    pub(crate) known: Option<Vec<Swept>>,
}

impl Chunk {
    /// What an earlier round saw of the name at this place, if it was an answer.
    pub(crate) fn answer(&self, at: usize) -> Option<&Swept> {
        self.known.as_ref()?.get(at).filter(|answer| !matches!(answer, Swept::Failed(_)))
    }
}

/// What came of bringing something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commit {
    /// It counts.
    Kept,
    /// Somebody else has taken it: theirs counts.
    Lost,
}

impl Scan {
    /// Claims up to `most` chunks that nobody works on, the first ones first.
    pub(crate) async fn claim_chunks(
        &self,
        claimant: &Claimant,
        now: i64,
        most: usize,
    ) -> Result<Vec<Chunk>, ScanError> {
        let mut transaction = self.database.begin().await?;
        let most = i64::try_from(most).map_err(damaged)?;
        let until = now.saturating_add(claimant.millis);
        let values: [Value; 5] =
            [self.job.into(), claimant.owner.as_str().into(), now.into(), until.into(), most.into()];
        let mut chunks = Vec::new();
        for row in transaction.fetch(CLAIM, &values).await? {
            let number = row.integer(0)?;
            let names = transaction
                .fetch_optional(
                    "SELECT n.names, a.answers FROM scan_chunk_names n
                     LEFT JOIN scan_chunk_answers a ON a.job = n.job AND a.chunk = n.chunk
                     WHERE n.job = $1 AND n.chunk = $2",
                    &[self.job.into(), number.into()],
                )
                .await?
                .ok_or_else(|| damaged(format!("chunk {number} has no names")))?;
            chunks.push(Chunk {
                number,
                token: row.integer(1)?,
                first: row.integer(2)?,
                names: unpack_names(&names.octets(0)?)?,
                known: names.octets_or_null(1)?.map(|packed| unpack_answers(&packed)).transpose()?,
            });
        }
        transaction.commit().await?;
        chunks.sort_by_key(|chunk| chunk.number);
        Ok(chunks)
    }

    /// Brings back what the sweep saw of some chunks, all in one transaction.
    pub(crate) async fn commit_chunks(
        &self,
        swept: &[(Chunk, Vec<Swept>)],
    ) -> Result<Vec<Commit>, ScanError> {
        let mut transaction = self.database.begin().await?;
        let mut commits = Vec::with_capacity(swept.len());
        for (chunk, answers) in swept {
            commits.push(self.commit_chunk(&mut transaction, chunk, answers).await?);
        }
        transaction.commit().await?;
        Ok(commits)
    }

    /// Puts the names without an answer up to be asked for once more; how many. What is known of the others stays, and
    /// so does what is known of these until there is more.
    ///
    /// # Errors
    /// What the store says.
    pub async fn retry_failed(&self) -> Result<u64, ScanError> {
        let mut transaction = self.database.begin().await?;
        let count =
            "SELECT CAST(COALESCE(SUM(timeout + serv_fail + refused + malformed + unsent), 0) AS BIGINT)
             FROM scan_chunks WHERE job = $1 AND state = 2";
        let rows = transaction.fetch(count, std::slice::from_ref(&self.key)).await?;
        let names = rows.first().map_or(Ok(0), |row| row.count(0))?;
        transaction
            .execute(
                "UPDATE scan_chunks SET state = 0, until = 0
                 WHERE job = $1 AND state = 2 AND timeout + serv_fail + refused + malformed + unsent > 0",
                std::slice::from_ref(&self.key),
            )
            .await?;
        transaction.commit().await?;
        Ok(names)
    }

    async fn commit_chunk(
        &self,
        transaction: &mut Transaction,
        chunk: &Chunk,
        answers: &[Swept],
    ) -> Result<Commit, ScanError> {
        if answers.len() != chunk.names.len() {
            return Err(damaged(format!("chunk {}: answers and names differ in number", chunk.number)));
        }
        let hits: Vec<(i64, &str)> = (chunk.first..)
            .zip(chunk.names.iter().zip(answers))
            .filter(|(_, (_, swept))| swept.is_hit())
            .map(|(position, (name, _))| (position, name.as_str()))
            .collect();
        let mut failed: BTreeMap<usize, i64> = BTreeMap::new();
        for answer in answers {
            if let Swept::Failed(why) = answer {
                *failed.entry(column(*why)).or_default() += 1;
            }
        }
        let excluded = answers.iter().filter(|answer| matches!(answer, Swept::Excluded)).count();
        let excluded = i64::try_from(excluded).map_err(damaged)?;
        let of = |why: usize| Value::from(failed.get(&why).copied().unwrap_or(0));
        let count = i64::try_from(hits.len()).map_err(damaged)?;
        let ours = transaction
            .execute(
                "UPDATE scan_chunks SET state = 2, until = 0, hits = $4, timeout = $5, serv_fail = $6, refused = $7,
                     malformed = $8, unsent = $9, excluded = $10
                 WHERE job = $1 AND chunk = $2 AND token = $3 AND state = 1",
                &[
                    self.job.into(),
                    chunk.number.into(),
                    chunk.token.into(),
                    count.into(),
                    of(0),
                    of(1),
                    of(2),
                    of(3),
                    of(4),
                    excluded.into(),
                ],
            )
            .await?;
        if ours == 0 {
            return self.was_ours(transaction, chunk).await;
        }
        transaction
            .execute(
                "INSERT INTO scan_chunk_answers (job, chunk, answers) VALUES ($1, $2, $3)
                 ON CONFLICT (job, chunk) DO UPDATE SET answers = excluded.answers",
                &[self.job.into(), chunk.number.into(), pack_answers(answers)?.into()],
            )
            .await?;
        if !hits.is_empty() {
            let list = serde_json::to_string(&hits).map_err(damaged)?;
            transaction.execute(HITS, &[self.job.into(), list.into()]).await?;
        }
        Ok(Commit::Kept)
    }

    /// A commit whose answer was lost on the way may have happened.
    async fn was_ours(&self, transaction: &mut Transaction, chunk: &Chunk) -> Result<Commit, ScanError> {
        let done = transaction
            .fetch(
                "SELECT chunk FROM scan_chunks WHERE job = $1 AND chunk = $2 AND token = $3 AND state = 2",
                &[self.job.into(), chunk.number.into(), chunk.token.into()],
            )
            .await?;
        Ok(if done.is_empty() { Commit::Lost } else { Commit::Kept })
    }
}

/// The order of the columns.
const fn column(why: SweepFailure) -> usize {
    match why {
        SweepFailure::Timeout => 0,
        SweepFailure::ServFail => 1,
        SweepFailure::Refused => 2,
        SweepFailure::Malformed => 3,
        SweepFailure::Unsent => 4,
    }
}
