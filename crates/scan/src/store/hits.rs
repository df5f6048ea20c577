//! Hits: claimed, surveyed, committed.

use database::{Sql, Value};
use outside::Visit;
use protocol::Domain;
use protocol::observed::Evidence;

use super::chunks::Commit;
use super::packed::{damaged, pack_evidence};
use super::visits::keep;
use super::{Claimant, Scan};
use crate::ScanError;

/// Somebody's for a time; `$5` of them. PostgreSQL may run a plain subquery more than once, an array only once.
const CLAIM: Sql = Sql::each(
    "UPDATE scan_hits SET state = 1, owner = $2, token = token + 1, until = $4
     WHERE job = $1 AND position IN (
         SELECT position FROM scan_hits WHERE job = $1 AND state < 2 AND (state = 0 OR until <= $3)
         ORDER BY position LIMIT $5)
     RETURNING position, token, name",
    "UPDATE scan_hits SET state = 1, owner = $2, token = token + 1, until = $4
     WHERE job = $1 AND position = ANY(ARRAY(
         SELECT position FROM scan_hits WHERE job = $1 AND state < 2 AND (state = 0 OR until <= $3)
         ORDER BY position LIMIT $5 FOR UPDATE SKIP LOCKED))
     RETURNING position, token, name",
);

/// A hit that is ours for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) position: i64,
    pub(crate) token: i64,
    pub(crate) domain: Domain,
}

/// What a survey saw, packed where it was made, so that this is done side by side; nothing of an excluded domain.
#[derive(Debug)]
pub(crate) struct Surveyed {
    pub(crate) hit: Hit,
    packed: Option<Vec<u8>>,
}

impl Surveyed {
    pub(crate) fn of(hit: Hit, evidence: Option<&Evidence>) -> Result<Self, ScanError> {
        Ok(Self { hit, packed: evidence.map(pack_evidence).transpose()? })
    }

    /// Whether it was not looked at.
    pub(crate) const fn is_excluded(&self) -> bool {
        self.packed.is_none()
    }
}

impl Scan {
    /// Claims up to `most` hits that nobody works on, the first ones first.
    pub(crate) async fn claim_hits(
        &self,
        claimant: &Claimant,
        now: i64,
        most: usize,
    ) -> Result<Vec<Hit>, ScanError> {
        let mut transaction = self.database.begin().await?;
        let most = i64::try_from(most).map_err(damaged)?;
        let until = now.saturating_add(claimant.millis);
        let values: [Value; 5] =
            [self.job.into(), claimant.owner.as_str().into(), now.into(), until.into(), most.into()];
        let mut hits = Vec::new();
        for row in transaction.fetch(CLAIM, &values).await? {
            hits.push(Hit {
                position: row.integer(0)?,
                token: row.integer(1)?,
                domain: Domain::parse(&row.text(2)?).map_err(damaged)?,
            });
        }
        transaction.commit().await?;
        hits.sort_by_key(|hit| hit.position);
        Ok(hits)
    }

    /// Brings back what some surveys saw, and the visits made for them, all in one transaction.
    pub(crate) async fn commit_hits(
        &self,
        surveyed: &[Surveyed],
        visits: &[Visit],
    ) -> Result<Vec<Commit>, ScanError> {
        let mut transaction = self.database.begin().await?;
        keep(&mut transaction, &self.key, visits).await?;
        let mut commits = Vec::with_capacity(surveyed.len());
        for Surveyed { hit, packed } in surveyed {
            let key = [self.job.into(), hit.position.into(), hit.token.into()];
            let state: i64 = if packed.is_some() { 2 } else { 3 };
            let ours = transaction
                .execute(
                    "UPDATE scan_hits SET state = $4, until = 0
                     WHERE job = $1 AND position = $2 AND token = $3 AND state = 1",
                    &[&key[..], &[state.into()]].concat(),
                )
                .await?;
            if ours == 0 {
                // A commit whose answer was lost on the way may have happened.
                let done = "SELECT position FROM scan_hits
                     WHERE job = $1 AND position = $2 AND token = $3 AND state >= 2";
                let done = transaction.fetch(done, &key).await?;
                commits.push(if done.is_empty() { Commit::Lost } else { Commit::Kept });
                continue;
            }
            if let Some(packed) = packed {
                transaction
                    .execute(
                        "INSERT INTO scan_evidence (job, position, evidence) VALUES ($1, $2, $3)",
                        &[self.job.into(), hit.position.into(), packed.clone().into()],
                    )
                    .await?;
            }
            commits.push(Commit::Kept);
        }
        transaction.commit().await?;
        Ok(commits)
    }
}
