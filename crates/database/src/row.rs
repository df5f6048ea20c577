//! What comes of a statement.

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::error::DatabaseError;

/// One row of a result. Columns are numbered from 0.
pub struct Row {
    pub(crate) inner: Inner,
    pub(crate) place: String,
}

pub(crate) enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A column that may be NULL.
macro_rules! column {
    ($row:expr, $column:expr) => {
        match &$row.inner {
            Inner::Sqlite(row) => row.try_get($column),
            Inner::Postgres(row) => row.try_get($column),
        }
        .map_err(|error| $row.fault(error))
    };
}

impl Row {
    /// A `BIGINT`.
    ///
    /// # Errors
    /// When the column is another type, NULL, or not there.
    pub fn integer(&self, column: usize) -> Result<i64, DatabaseError> {
        column!(self, column).and_then(|value| self.there(column, value))
    }

    /// A `BIGINT` that may be NULL.
    ///
    /// # Errors
    /// When the column is another type or not there.
    pub fn integer_or_null(&self, column: usize) -> Result<Option<i64>, DatabaseError> {
        column!(self, column)
    }

    /// A `BIGINT` that counts something; what is below zero is 0.
    ///
    /// # Errors
    /// As [`Row::integer`].
    pub fn count(&self, column: usize) -> Result<u64, DatabaseError> {
        Ok(u64::try_from(self.integer(column)?).unwrap_or(0))
    }

    /// A `TEXT`.
    ///
    /// # Errors
    /// When the column is another type, NULL, or not there.
    pub fn text(&self, column: usize) -> Result<String, DatabaseError> {
        column!(self, column).and_then(|value| self.there(column, value))
    }

    /// A `TEXT` that may be NULL.
    ///
    /// # Errors
    /// When the column is another type or not there.
    pub fn text_or_null(&self, column: usize) -> Result<Option<String>, DatabaseError> {
        column!(self, column)
    }

    /// A `BYTEA`.
    ///
    /// # Errors
    /// When the column is another type, NULL, or not there.
    pub fn octets(&self, column: usize) -> Result<Vec<u8>, DatabaseError> {
        column!(self, column).and_then(|value| self.there(column, value))
    }

    /// A `BYTEA` that may be NULL.
    ///
    /// # Errors
    /// When the column is another type or not there.
    pub fn octets_or_null(&self, column: usize) -> Result<Option<Vec<u8>>, DatabaseError> {
        column!(self, column)
    }

    /// A `DOUBLE PRECISION`.
    ///
    /// # Errors
    /// When the column is another type, NULL, or not there.
    pub fn real(&self, column: usize) -> Result<f64, DatabaseError> {
        column!(self, column).and_then(|value| self.there(column, value))
    }

    fn there<T>(&self, column: usize, value: Option<T>) -> Result<T, DatabaseError> {
        value.ok_or_else(|| {
            let source = Box::new(sqlx::error::UnexpectedNullError);
            self.fault(sqlx::Error::ColumnDecode { index: column.to_string(), source })
        })
    }

    fn fault(&self, error: sqlx::Error) -> DatabaseError {
        DatabaseError::of(error, self.place.clone(), "reading a result")
    }
}
