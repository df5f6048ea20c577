//! The tables of a room, step by step.

use sqlx::Error;

use crate::error::{DatabaseError, DatabaseFault};
use crate::{Database, Sql, Transaction};

/// The steps that make a room's tables. Steps are only ever added; one that was released never changes.
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// The room's name: each room counts its own steps.
    pub room: &'static str,
    /// The steps, in order.
    pub steps: &'static [Migration],
}

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// What it is for, in a word or two; kept beside the number.
    pub name: &'static str,
    /// Statements separated by semicolons.
    pub sql: Sql,
}

/// Steps of all rooms that were taken.
const TABLE: Sql = Sql::same(
    "CREATE TABLE IF NOT EXISTS room_migrations (
         room TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (room, number))",
);

const TAKEN: Sql = Sql::same("SELECT name FROM room_migrations WHERE room = $1 ORDER BY number");

/// Any number that no other program is likely to lock.
const LOCK: Sql = Sql::each("SELECT 1", "SELECT pg_advisory_xact_lock(5785203846461)");

impl Migrations {
    /// Takes the steps that were not taken yet, all or none; several nodes may try at the same time.
    ///
    /// # Errors
    /// [`DatabaseFault::Newer`] when other steps were taken than this program knows; else what the database says.
    pub async fn run(&self, database: &Database) -> Result<(), DatabaseError> {
        if self.are_taken(database).await {
            return Ok(());
        }
        let mut transaction = database.begin().await?;
        transaction.fetch(LOCK, &[]).await?;
        transaction.execute(TABLE, &[]).await?;
        let taken = self.taken(&mut transaction).await?;
        let known = self.steps.iter().map(|step| step.name);
        if taken.len() > self.steps.len() || taken.iter().zip(known).any(|(taken, known)| taken != known) {
            return Err(newer(database));
        }
        for (at, step) in self.steps.iter().enumerate().skip(taken.len()) {
            transaction.script(step.sql).await?;
            let number = i64::try_from(at + 1).map_err(|_| newer(database))?;
            transaction
                .execute(
                    "INSERT INTO room_migrations (room, number, name) VALUES ($1, $2, $3)",
                    &[self.room.into(), number.into(), step.name.into()],
                )
                .await?;
        }
        transaction.commit().await
    }

    /// Whether there is nothing to do, found out by reading alone: a database that may not be written to can be read.
    async fn are_taken(&self, database: &Database) -> bool {
        // Where there are no tables yet it fails, on which nothing depends.
        let Ok(rows) = database.fetch(TAKEN, &[self.room.into()]).await else { return false };
        let taken: Vec<_> = rows.iter().flat_map(|row| row.text(0)).collect();
        taken.iter().eq(self.steps.iter().map(|step| step.name))
    }

    async fn taken(&self, transaction: &mut Transaction) -> Result<Vec<String>, DatabaseError> {
        let rows = transaction.fetch(TAKEN, &[self.room.into()]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }
}

fn newer(database: &Database) -> DatabaseError {
    DatabaseError::new(
        DatabaseFault::Newer,
        database.place().to_owned(),
        "comparing its tables with those of this version",
        None::<Error>,
    )
}
