//! Who works on what, and until when.

use database::Database;

use crate::ScanError;

/// A worker. What it claims is its own until its time is over and somebody else has taken it.
#[derive(Debug, Clone)]
pub(crate) struct Claimant {
    /// Unlike any other worker's, also of the same machine and of an earlier time.
    pub(crate) owner: String,
    /// How long a claim holds, in milliseconds.
    pub(crate) millis: i64,
}

impl Claimant {
    /// Goes on with everything claimed.
    pub(crate) async fn renew(&self, database: &Database, job: i64, now: i64) -> Result<(), ScanError> {
        let mut transaction = database.begin().await?;
        let values = [job.into(), self.owner.as_str().into(), now.saturating_add(self.millis).into()];
        for sql in [
            "UPDATE scan_chunks SET until = $3 WHERE job = $1 AND owner = $2 AND state = 1",
            "UPDATE scan_hits SET until = $3 WHERE job = $1 AND owner = $2 AND state = 1",
        ] {
            transaction.execute(sql, &values).await?;
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
