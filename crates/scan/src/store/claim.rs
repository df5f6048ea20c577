//! Who works on what, and until when.

use std::collections::BTreeMap;

use database::{Database, Sql};

use super::packed::damaged;
use crate::ScanError;

/// Goes on with claims, given as pairs of number and token. A token is another one for each claim, so that nobody goes
/// on with what somebody else has taken.
macro_rules! renew {
    ($table:literal, $number:literal) => {
        Sql::each(
            concat!(
                "UPDATE ",
                $table,
                " SET until = $2 WHERE job = $1 AND state = 1 AND (",
                $number,
                ", token) IN
                 (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($3))"
            ),
            concat!(
                "UPDATE ",
                $table,
                " SET until = $2 WHERE job = $1 AND state = 1 AND (",
                $number,
                ", token) IN
                 (SELECT CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT)
                  FROM json_array_elements(CAST($3 AS json)) AS list (value))"
            ),
        )
    };
}

const RENEW_CHUNKS: Sql = renew!("scan_chunks", "chunk");
const RENEW_HITS: Sql = renew!("scan_hits", "position");

/// A worker. What it claims is its own until its time is over and somebody else has taken it.
#[derive(Debug, Clone)]
pub(crate) struct Claimant {
    /// Unlike any other worker's, also of the same machine and of an earlier time.
    pub(crate) owner: String,
    /// How long a claim holds, in milliseconds.
    pub(crate) millis: i64,
}

/// What a worker has claimed and knows of, each with its token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct InHand {
    /// Chunks, by their number.
    pub(crate) chunks: BTreeMap<i64, i64>,
    /// Hits, by their position.
    pub(crate) hits: BTreeMap<i64, i64>,
}

impl Claimant {
    /// Goes on with what is in hand, and with nothing else: a claim whose answer was lost on the way is one that nobody
    /// works on, and somebody has to take it when its time is over.
    pub(crate) async fn renew(
        &self,
        database: &Database,
        job: i64,
        now: i64,
        in_hand: &InHand,
    ) -> Result<(), ScanError> {
        if in_hand.chunks.is_empty() && in_hand.hits.is_empty() {
            return Ok(());
        }
        let mut transaction = database.begin().await?;
        let until = now.saturating_add(self.millis);
        for (sql, claims) in [(RENEW_CHUNKS, &in_hand.chunks), (RENEW_HITS, &in_hand.hits)] {
            if !claims.is_empty() {
                let pairs: Vec<_> = claims.iter().collect();
                let pairs = serde_json::to_string(&pairs).map_err(damaged)?;
                transaction.execute(sql, &[job.into(), until.into(), pairs.into()]).await?;
            }
        }
        Ok(transaction.commit().await?)
    }

    /// Gives everything back that is claimed and not done.
    pub(crate) async fn release(&self, database: &Database, job: i64) -> Result<(), ScanError> {
        let mut transaction = database.begin().await?;
        let values = [job.into(), self.owner.as_str().into()];
        for sql in [
            "UPDATE scan_chunks SET state = 0, until = 0 WHERE job = $1 AND owner = $2 AND state = 1",
            "UPDATE scan_hits SET state = 0, until = 0 WHERE job = $1 AND owner = $2 AND state = 1",
        ] {
            transaction.execute(sql, &values).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Takes everything from everybody: for a store that no other process can be using.
pub(super) async fn free_all(database: &Database, job: i64) -> Result<(), ScanError> {
    let mut transaction = database.begin().await?;
    for sql in [
        "UPDATE scan_chunks SET state = 0, until = 0 WHERE job = $1 AND state = 1",
        "UPDATE scan_hits SET state = 0, until = 0 WHERE job = $1 AND state = 1",
    ] {
        transaction.execute(sql, &[job.into()]).await?;
    }
    Ok(transaction.commit().await?)
}
