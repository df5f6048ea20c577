//! One owner for each job among several nodes.

use crate::error::DatabaseError;
use crate::migrations::{Migration, Migrations};
use crate::{Database, Sql, Transaction};

/// The right to do a job until it ends or is renewed. Times are milliseconds of the caller's clock since 1970; nodes
/// whose clocks differ by more than a lease's length may both believe to hold it, which [`Lease::holds`] in the
/// transaction of the job's result makes harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    job: String,
    owner: String,
    /// Counts the times the job changed hands.
    token: i64,
}

const MIGRATIONS: Migrations = Migrations {
    room: "database",
    steps: &[Migration {
        name: "leases",
        sql: Sql::same(
            "CREATE TABLE leases (
                 job TEXT PRIMARY KEY, owner TEXT NOT NULL, token BIGINT NOT NULL, until BIGINT NOT NULL)",
        ),
    }],
};

impl Lease {
    /// Makes the table of leases.
    ///
    /// # Errors
    /// What the database says.
    pub async fn prepare(database: &Database) -> Result<(), DatabaseError> {
        MIGRATIONS.run(database).await
    }

    /// Takes a job for `millis` from `now` on, if nobody has it or the owner's time is over. An owner that asks again gets a
    /// new lease, and its old one ends.
    ///
    /// # Errors
    /// What the database says.
    pub async fn acquire(
        database: &Database,
        job: &str,
        owner: &str,
        now: i64,
        millis: i64,
    ) -> Result<Option<Self>, DatabaseError> {
        let mut transaction = database.begin().await?;
        let row = transaction
            .fetch_optional(
                "INSERT INTO leases (job, owner, token, until) VALUES ($1, $2, 1, $4)
                 ON CONFLICT (job) DO UPDATE
                 SET owner = excluded.owner, token = leases.token + 1, until = excluded.until
                 WHERE leases.until <= $3 OR leases.owner = excluded.owner
                 RETURNING token",
                &[job.into(), owner.into(), now.into(), now.saturating_add(millis).into()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let token = row.integer(0)?;
        transaction.commit().await?;
        Ok(Some(Self { job: job.to_owned(), owner: owner.to_owned(), token }))
    }

    /// Goes on for `millis` from `now` on; false when somebody else has taken the job.
    ///
    /// # Errors
    /// What the database says.
    pub async fn renew(&self, database: &Database, now: i64, millis: i64) -> Result<bool, DatabaseError> {
        self.set(database, now.saturating_add(millis)).await
    }

    /// Gives the job back.
    ///
    /// # Errors
    /// What the database says.
    pub async fn release(self, database: &Database) -> Result<(), DatabaseError> {
        self.set(database, 0).await.map(drop)
    }

    /// Whether the job is still ours, within the transaction that keeps its result: nobody can take it before the commit.
    ///
    /// # Errors
    /// What the database says.
    pub async fn holds(&self, transaction: &mut Transaction) -> Result<bool, DatabaseError> {
        let changed = transaction
            .execute(
                "UPDATE leases SET token = token WHERE job = $1 AND owner = $2 AND token = $3",
                &[self.job.as_str().into(), self.owner.as_str().into(), self.token.into()],
            )
            .await?;
        Ok(changed == 1)
    }

    async fn set(&self, database: &Database, until: i64) -> Result<bool, DatabaseError> {
        let mut transaction = database.begin().await?;
        let changed = transaction
            .execute(
                "UPDATE leases SET until = $4 WHERE job = $1 AND owner = $2 AND token = $3",
                &[self.job.as_str().into(), self.owner.as_str().into(), self.token.into(), until.into()],
            )
            .await?;
        transaction.commit().await?;
        Ok(changed == 1)
    }
}
