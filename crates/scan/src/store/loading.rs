//! From the list into the store.

use std::collections::HashSet;

use database::{Sql, Transaction};

use super::Scan;
use super::packed::{damaged, pack_names};
use crate::intake::Sieve;
use crate::{Intake, Mark, ScanError};

/// Names of one chunk at most: what is swept and kept as one. Small enough that several are held in memory, large
/// enough that a statement for each costs nothing.
pub(crate) const CHUNK: usize = 1000;

/// Keeps the names that are new.
const KEEP: Sql = Sql::each(
    "INSERT INTO scan_names (job, name) SELECT $1, value FROM json_each($2) WHERE true ON CONFLICT DO NOTHING",
    "INSERT INTO scan_names (job, name)
     SELECT $1, value FROM json_array_elements_text(CAST($2 AS json)) AS list (value) ON CONFLICT DO NOTHING",
);
/// Those of the names that were kept before, as one value: to bring each as a row would cost more than to keep it.
const KNOWN: Sql = Sql::each(
    "SELECT json_group_array(value) FROM json_each($2)
     WHERE EXISTS (SELECT 1 FROM scan_names WHERE job = $1 AND name = value)",
    "SELECT CAST(COALESCE(json_agg(value), CAST('[]' AS json)) AS TEXT)
     FROM json_array_elements_text(CAST($2 AS json)) AS list (value)
     WHERE EXISTS (SELECT 1 FROM scan_names WHERE job = $1 AND name = value)",
);

/// How far the loading is, as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) mark: Mark,
    pub(crate) intake: Intake,
    pub(crate) whole: bool,
}

impl Scan {
    /// What was loaded so far.
    pub(crate) async fn loaded(&self) -> Result<Loaded, ScanError> {
        let row = self
            .database
            .fetch_optional("SELECT mark, intake, loaded FROM scan_jobs WHERE job = $1", &[self.job.into()])
            .await?
            .ok_or_else(|| damaged("its job is gone"))?;
        Ok(Loaded {
            mark: serde_json::from_str(&row.text(0)?).map_err(damaged)?,
            intake: serde_json::from_str(&row.text(1)?).map_err(damaged)?,
            whole: row.integer(2)? != 0,
        })
    }

    /// Loads some more names, and how far the list was read by then, in one transaction. `before` is how far it was
    /// when these names were read: should somebody have gone on from there already, nothing happens.
    pub(crate) async fn load(
        &self,
        sieve: &Sieve,
        before: &Mark,
        mut after: Loaded,
    ) -> Result<Loaded, ScanError> {
        let mut transaction = self.database.begin().await?;
        // Locks the job's row: one loader at a time.
        let held = transaction
            .execute(
                "UPDATE scan_jobs SET loaded = loaded WHERE job = $1 AND mark = $2 AND loaded = 0",
                &[self.job.into(), json(before)?.into()],
            )
            .await?;
        if held == 0 {
            drop(transaction);
            return self.loaded().await;
        }
        let row = transaction
            .fetch_optional("SELECT names, chunks FROM scan_jobs WHERE job = $1", &[self.job.into()])
            .await?
            .ok_or_else(|| damaged("its job is gone"))?;
        let (mut names, mut chunks) = (row.integer(0)?, row.integer(1)?);
        let known = self.keep_names(&mut transaction, sieve).await?;
        let kept = sieve.sift(&known, &mut after.intake);
        for chunk in kept.chunks(CHUNK) {
            let size = i64::try_from(chunk.len()).map_err(damaged)?;
            let key = [self.job.into(), chunks.into()];
            transaction
                .execute(
                    "INSERT INTO scan_chunks (job, chunk, first, size, state, owner, token, until, hits, timeout,
                         serv_fail, refused, malformed, unsent)
                     VALUES ($1, $2, $3, $4, 0, '', 0, 0, 0, 0, 0, 0, 0, 0)",
                    &[&key[..], &[names.into(), size.into()]].concat(),
                )
                .await?;
            transaction
                .execute(
                    "INSERT INTO scan_chunk_names (job, chunk, names) VALUES ($1, $2, $3)",
                    &[&key[..], &[pack_names(chunk)?.into()]].concat(),
                )
                .await?;
            (names, chunks) = (names + size, chunks + 1);
        }
        transaction
            .execute(
                "UPDATE scan_jobs SET mark = $2, intake = $3, loaded = $4, names = $5, chunks = $6 WHERE job = $1",
                &[
                    self.job.into(),
                    json(&after.mark)?.into(),
                    json(&after.intake)?.into(),
                    i64::from(after.whole).into(),
                    names.into(),
                    chunks.into(),
                ],
            )
            .await?;
        if after.whole {
            // Nothing can be a duplicate any more; SQLite frees a whole table at once.
            transaction
                .execute(
                    Sql::each("DELETE FROM scan_names", "DELETE FROM scan_names WHERE job = $1"),
                    if self.database.is_shared() { std::slice::from_ref(&self.key) } else { &[] },
                )
                .await?;
        }
        transaction.commit().await?;
        Ok(after)
    }

    /// Keeps the names that are new; gives back those that are not.
    async fn keep_names(
        &self,
        transaction: &mut Transaction,
        sieve: &Sieve,
    ) -> Result<HashSet<String>, ScanError> {
        let names: Vec<&str> = sieve.names().iter().map(|(_, name)| name.as_str()).collect();
        let values = [self.job.into(), json(&names)?.into()];
        transaction.execute("SAVEPOINT names", &[]).await?;
        // In most pieces of a list all are new, which their number tells.
        if transaction.execute(KEEP, &values).await? == names.len() as u64 {
            return Ok(HashSet::new());
        }
        transaction.execute("ROLLBACK TO SAVEPOINT names", &[]).await?;
        let known = match transaction.fetch_optional(KNOWN, &values).await? {
            Some(row) => serde_json::from_str(&row.text(0)?).map_err(damaged)?,
            None => HashSet::new(),
        };
        transaction.execute(KEEP, &values).await?;
        Ok(known)
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, ScanError> {
    serde_json::to_string(value).map_err(damaged)
}
