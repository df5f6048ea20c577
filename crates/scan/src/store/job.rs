//! One scan in its store.

use database::{Database, Value};
use outside::{SweepFailure, Swept};

use super::claim::free_all;
use super::packed::{damaged, pack_text, unpack_text};
use super::tables::MIGRATIONS;
use crate::{Exclusion, Intake, Kept, Mark, Plan, ScanError, Stage};

/// Longest name of a scan, in octets.
const MAX_NAME: usize = 200;

/// One scan in its store. Cheap to clone; the clones share the store's connections.
#[derive(Debug, Clone)]
pub struct Scan {
    pub(super) database: Database,
    pub(super) job: i64,
    /// The job's number as a value.
    pub(super) key: Value,
}

/// How far a scan is, as its store knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// What was taken from the list so far.
    pub intake: Intake,
    /// Octets of the list read so far.
    pub octets: u64,
    /// Whether the list was read to its end.
    pub loaded: bool,
    /// Names that are dealt with: their TXT records were asked for, or they were excluded after they had been loaded.
    pub swept: u64,
    /// Of these, names without an answer, by why.
    pub failed: Failures,
    /// Of these, names with a record that begins as MTA-STS records do.
    pub hits: u64,
    /// Of these, names that were surveyed.
    pub surveyed: u64,
    /// Hits that are excluded and so not surveyed.
    pub excluded_hits: u64,
    /// Of the names dealt with, those that were not asked for since they are excluded.
    pub excluded: u64,
    /// Names that somebody is working on.
    pub claimed: u64,
}

/// Names without an answer, by why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Failures {
    /// Nothing came back.
    pub timeout: u64,
    /// SERVFAIL.
    pub serv_fail: u64,
    /// REFUSED.
    pub refused: u64,
    /// Another response code, or nothing that fits.
    pub malformed: u64,
    /// Trouble of our own.
    pub unsent: u64,
}

impl Failures {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.timeout + self.serv_fail + self.refused + self.malformed + self.unsent
    }
}

impl Standing {
    /// Adds what a sweep saw, in place of what was known before.
    pub(crate) fn add(&mut self, answers: &[Swept], before: Option<&[Swept]>) {
        self.swept += answers.len() as u64;
        for answer in before.unwrap_or_default() {
            if let Some(count) = self.count_of(answer) {
                *count = count.saturating_sub(1);
            }
        }
        for answer in answers {
            if let Some(count) = self.count_of(answer) {
                *count += 1;
            }
        }
    }

    fn count_of(&mut self, answer: &Swept) -> Option<&mut u64> {
        Some(match answer {
            Swept::Failed(SweepFailure::Timeout) => &mut self.failed.timeout,
            Swept::Failed(SweepFailure::ServFail) => &mut self.failed.serv_fail,
            Swept::Failed(SweepFailure::Refused) => &mut self.failed.refused,
            Swept::Failed(SweepFailure::Malformed) => &mut self.failed.malformed,
            Swept::Failed(SweepFailure::Unsent) => &mut self.failed.unsent,
            Swept::Excluded => &mut self.excluded,
            Swept::Records(_) if answer.is_hit() => &mut self.hits,
            Swept::Records(_) | Swept::NoData | Swept::NxDomain => return None,
        })
    }

    /// Whether every hit is surveyed, or excluded.
    pub(crate) const fn is_surveyed(&self) -> bool {
        self.surveyed + self.excluded_hits >= self.hits
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_complete(&self, stage: Stage) -> bool {
        self.loaded && self.swept == self.intake.names && (stage == Stage::Txt || self.is_surveyed())
    }
}

impl Scan {
    /// Begins a scan under a name that is new in this store.
    ///
    /// # Errors
    /// [`ScanError::Exists`] when it is not; else what the store says.
    pub async fn create(
        database: &Database,
        name: &str,
        plan: &Plan,
        exclusion: &Exclusion,
        now: i64,
    ) -> Result<Self, ScanError> {
        MIGRATIONS.run(database).await?;
        let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
        let mut transaction = database.begin().await?;
        let rows = transaction.fetch("SELECT COALESCE(MAX(job), 0) FROM scan_jobs", &[]).await?;
        let job = rows.first().map_or(Ok(0), |row| row.integer(0))? + 1;
        let done = transaction
            .execute(
                "INSERT INTO scan_jobs (job, name, plan, exclusion, created_at, mark, loaded, intake, names, chunks)
                 VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, 0)",
                &[
                    job.into(),
                    name.as_str().into(),
                    serde_json::to_string(plan).map_err(damaged)?.into(),
                    pack_text(&exclusion.to_text())?.into(),
                    now.into(),
                    serde_json::to_string(&Mark::default()).map_err(damaged)?.into(),
                    serde_json::to_string(&Intake::default()).map_err(damaged)?.into(),
                ],
            )
            .await;
        match done {
            Err(error) if error.fault() == database::DatabaseFault::Unique => {
                return Err(ScanError::Exists(name));
            }
            other => other?,
        };
        transaction.commit().await?;
        Ok(Self { database: database.clone(), job, key: job.into() })
    }

    /// Goes on with the scan of that name; without a name, with the only one in the store.
    ///
    /// # Errors
    /// [`ScanError::Unknown`] when there is none; else what the store says.
    pub async fn open(database: &Database, name: Option<&str>) -> Result<Self, ScanError> {
        let unknown = || ScanError::Unknown {
            name: name.unwrap_or("?").to_owned(),
            place: database.place().to_owned(),
        };
        if !database.is_shared()
            && count(database, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'scan_jobs'").await? == 0
        {
            // Somebody else's file must not get our tables.
            return Err(unknown());
        }
        MIGRATIONS.run(database).await?;
        let rows = match name {
            Some(name) => database.fetch("SELECT job FROM scan_jobs WHERE name = $1", &[name.into()]).await?,
            None => database.fetch("SELECT job FROM scan_jobs ORDER BY job LIMIT 2", &[]).await?,
        };
        match rows.as_slice() {
            [row] => {
                let job = row.integer(0)?;
                Ok(Self { database: database.clone(), job, key: job.into() })
            }
            _ => Err(unknown()),
        }
    }

    /// Whether an embedded store holds nothing at all: its file was made, and whoever made it ended before the scan was
    /// kept in it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn is_vacant(database: &Database) -> Result<bool, ScanError> {
        // Tables of ours alone, or none.
        let foreign = "SELECT COUNT(*) FROM sqlite_master WHERE tbl_name NOT LIKE 'scan\\_%' ESCAPE '\\' AND tbl_name <> 'room_migrations'";
        let ours = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'scan_jobs'";
        Ok(count(database, foreign).await? == 0
            && (count(database, ours).await? == 0
                || count(database, "SELECT COUNT(*) FROM scan_jobs").await? == 0))
    }

    /// Names of the scans in a store.
    ///
    /// # Errors
    /// What the store says.
    pub async fn names(database: &Database) -> Result<Vec<String>, ScanError> {
        let rows = database.fetch("SELECT name FROM scan_jobs ORDER BY job LIMIT 1000", &[]).await?;
        Ok(rows.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?)
    }

    /// What it is to do.
    ///
    /// # Errors
    /// What the store says.
    pub async fn plan(&self) -> Result<Plan, ScanError> {
        let text = self.column("SELECT plan FROM scan_jobs WHERE job = $1").await?.text(0)?;
        serde_json::from_str(&text).map_err(damaged)
    }

    /// Goes further, to `stage`, with other `settings`, and excludes `more`; what is done stays, and what another worker
    /// has changed at the same time too. Gives back what holds now.
    ///
    /// # Errors
    /// What the store says.
    pub async fn extend(
        &self,
        stage: Option<Stage>,
        settings: &Kept,
        more: &Exclusion,
    ) -> Result<(Plan, Exclusion), ScanError> {
        let mut transaction = self.database.begin().await?;
        // Locks the job's row: nobody else changes it between the reading and the writing.
        transaction
            .execute("UPDATE scan_jobs SET revision = revision WHERE job = $1", &[self.job.into()])
            .await?;
        let row = transaction
            .fetch_optional("SELECT plan, exclusion FROM scan_jobs WHERE job = $1", &[self.job.into()])
            .await?
            .ok_or_else(|| damaged("its job is gone"))?;
        let before: Plan = serde_json::from_str(&row.text(0)?).map_err(damaged)?;
        let known = Exclusion::parse(&unpack_text(&row.octets(1)?)?).map_err(damaged)?;
        let mut plan = before.clone();
        plan.stage = plan.stage.max(stage.unwrap_or(plan.stage));
        plan.settings.extend(settings.clone());
        let exclusion = known.clone().and(more.clone());
        if plan != before || exclusion != known {
            let values = [
                self.job.into(),
                serde_json::to_string(&plan).map_err(damaged)?.into(),
                pack_text(&exclusion.to_text())?.into(),
            ];
            let sql =
                "UPDATE scan_jobs SET plan = $2, exclusion = $3, revision = revision + 1 WHERE job = $1";
            transaction.execute(sql, &values).await?;
            transaction.commit().await?;
        }
        Ok((plan, exclusion))
    }

    /// How often the plan or the exclusion was changed.
    pub(crate) async fn revision(&self) -> Result<i64, ScanError> {
        Ok(self.column("SELECT revision FROM scan_jobs WHERE job = $1").await?.integer(0)?)
    }

    /// When it began, in milliseconds since 1970.
    ///
    /// # Errors
    /// What the store says.
    pub async fn created_at(&self) -> Result<i64, ScanError> {
        Ok(self.column("SELECT created_at FROM scan_jobs WHERE job = $1").await?.integer(0)?)
    }

    /// Who is not to be looked at.
    ///
    /// # Errors
    /// What the store says.
    pub async fn exclusion(&self) -> Result<Exclusion, ScanError> {
        let packed = self.column("SELECT exclusion FROM scan_jobs WHERE job = $1").await?.octets(0)?;
        Exclusion::parse(&unpack_text(&packed)?).map_err(damaged)
    }

    /// How far it is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn standing(&self) -> Result<Standing, ScanError> {
        let loaded = self.loaded().await?;
        let row = self
            .column(
                "SELECT CAST(COALESCE(SUM(CASE WHEN state = 2 THEN size ELSE 0 END), 0) AS BIGINT),
                     CAST(COALESCE(SUM(hits), 0) AS BIGINT), CAST(COALESCE(SUM(timeout), 0) AS BIGINT),
                     CAST(COALESCE(SUM(serv_fail), 0) AS BIGINT), CAST(COALESCE(SUM(refused), 0) AS BIGINT),
                     CAST(COALESCE(SUM(malformed), 0) AS BIGINT), CAST(COALESCE(SUM(unsent), 0) AS BIGINT),
                     CAST(COALESCE(SUM(CASE WHEN state = 1 THEN size ELSE 0 END), 0) AS BIGINT),
                     CAST(COALESCE(SUM(excluded), 0) AS BIGINT)
                 FROM scan_chunks WHERE job = $1",
            )
            .await?;
        let hits = self
            .column(
                "SELECT CAST(COALESCE(SUM(CASE WHEN state = 2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                     CAST(COALESCE(SUM(CASE WHEN state = 1 THEN 1 ELSE 0 END), 0) AS BIGINT),
                     CAST(COALESCE(SUM(CASE WHEN state = 3 THEN 1 ELSE 0 END), 0) AS BIGINT)
                 FROM scan_hits WHERE job = $1",
            )
            .await?;
        Ok(Standing {
            octets: loaded.mark.octets,
            intake: loaded.intake,
            loaded: loaded.whole,
            swept: row.count(0)?,
            hits: row.count(1)?,
            failed: Failures {
                timeout: row.count(2)?,
                serv_fail: row.count(3)?,
                refused: row.count(4)?,
                malformed: row.count(5)?,
                unsent: row.count(6)?,
            },
            surveyed: hits.count(0)?,
            excluded_hits: hits.count(2)?,
            excluded: row.count(8)?,
            claimed: row.count(7)? + hits.count(1)?,
        })
    }

    /// Takes every claim back: for an embedded store, which this process alone is using (see [`super::StoreLock`]).
    ///
    /// # Errors
    /// What the store says.
    pub async fn free_all(&self) -> Result<(), ScanError> {
        free_all(&self.database, self.job).await
    }

    /// How far the list was read: where to open it to go on loading.
    ///
    /// # Errors
    /// What the store says.
    pub async fn mark(&self) -> Result<Mark, ScanError> {
        Ok(self.loaded().await?.mark)
    }

    pub(crate) const fn job(&self) -> i64 {
        self.job
    }

    /// The store.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// The first row of a statement about this job.
    async fn column(&self, sql: &'static str) -> Result<database::Row, ScanError> {
        let row = self.database.fetch_optional(sql, &[self.job.into()]).await?;
        row.ok_or_else(|| damaged("its job is gone"))
    }
}

async fn count(database: &Database, sql: &'static str) -> Result<u64, ScanError> {
    Ok(database.fetch(sql, &[]).await?.first().map_or(Ok(0), |row| row.count(0))?)
}
