//! Statements that happen together or not at all.

use sqlx::{Postgres, Sqlite};

use crate::database::bound;
use crate::error::DatabaseError;
use crate::row::Inner;
use crate::{Row, Sql, Value};

/// Statements that happen together or not at all. Dropped without [`Transaction::commit`], none of them did.
pub struct Transaction {
    pub(crate) arm: Arm,
    pub(crate) place: String,
}

pub(crate) enum Arm {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    /// Runs a statement; how many rows it changed.
    ///
    /// # Errors
    /// What the database says, see [`DatabaseError`].
    pub async fn execute(&mut self, sql: impl Into<Sql>, values: &[Value]) -> Result<u64, DatabaseError> {
        let sql = sql.into();
        let changed = match &mut self.arm {
            Arm::Sqlite(open) => {
                bound!(sql.sqlite, values).execute(&mut **open).await.map(|done| done.rows_affected())
            }
            Arm::Postgres(open) => {
                bound!(sql.postgres, values).execute(&mut **open).await.map(|done| done.rows_affected())
            }
        };
        changed.map_err(|error| DatabaseError::of(error, self.place.clone(), "writing"))
    }

    /// Runs a statement; all rows of its result, which the statement itself must keep few.
    ///
    /// # Errors
    /// What the database says, see [`DatabaseError`].
    pub async fn fetch(&mut self, sql: impl Into<Sql>, values: &[Value]) -> Result<Vec<Row>, DatabaseError> {
        let sql = sql.into();
        let rows: Result<Vec<Inner>, _> = match &mut self.arm {
            Arm::Sqlite(open) => bound!(sql.sqlite, values)
                .fetch_all(&mut **open)
                .await
                .map(|rows| rows.into_iter().map(Inner::Sqlite).collect()),
            Arm::Postgres(open) => bound!(sql.postgres, values)
                .fetch_all(&mut **open)
                .await
                .map(|rows| rows.into_iter().map(Inner::Postgres).collect()),
        };
        let place = &self.place;
        rows.map(|rows| rows.into_iter().map(|inner| Row { inner, place: place.clone() }).collect())
            .map_err(|error| DatabaseError::of(error, place.clone(), "writing"))
    }

    /// Runs a statement; the first row of its result.
    ///
    /// # Errors
    /// What the database says, see [`DatabaseError`].
    pub async fn fetch_optional(
        &mut self,
        sql: impl Into<Sql>,
        values: &[Value],
    ) -> Result<Option<Row>, DatabaseError> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }

    /// Runs several statements of a migration, separated by semicolons.
    pub(crate) async fn script(&mut self, sql: Sql) -> Result<(), DatabaseError> {
        match &mut self.arm {
            Arm::Sqlite(open) => sqlx::raw_sql(sql.sqlite).execute(&mut **open).await.map(drop),
            Arm::Postgres(open) => sqlx::raw_sql(sql.postgres).execute(&mut **open).await.map(drop),
        }
        .map_err(|error| DatabaseError::of(error, self.place.clone(), "making tables"))
    }

    /// Makes it so.
    ///
    /// # Errors
    /// What the database says. When the connection is lost at this very moment, whether it happened is not known:
    /// whoever tries again must look.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        let place = self.place;
        match self.arm {
            Arm::Sqlite(open) => open.commit().await,
            Arm::Postgres(open) => open.commit().await,
        }
        .map_err(|error| DatabaseError::of(error, place, "committing"))
    }
}
