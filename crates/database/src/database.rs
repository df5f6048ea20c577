//! The handle.

use sqlx::Sqlite;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::error::DatabaseError;
use crate::options::{Access, Durability, Options};
use crate::row::Inner;
use crate::transaction::{Arm, Transaction};
use crate::{Place, Row, Sql, Value};

/// The write-ahead log is cut back to this many octets after it has grown.
const LOG_LIMIT: &str = "67108864";

const BEGIN: &str = "BEGIN IMMEDIATE";

/// A database. Cheap to clone; the clones share its connections.
#[derive(Clone)]
pub enum Database {
    /// One file of this machine.
    Sqlite {
        /// One connection writes, so that writers of one process wait in order instead of trying again.
        writer: SqlitePool,
        /// Several read at the same time, also while one writes.
        readers: SqlitePool,
        /// For people.
        place: String,
    },
    /// A server that several machines share.
    Postgres {
        /// Its connections.
        pool: PgPool,
        /// For people, without the password.
        place: String,
    },
}

/// A query with its values, for whichever kind of database the context asks for.
macro_rules! bound {
    ($sql:expr, $values:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $values {
            query = match value {
                $crate::Value::Integer(value) => query.bind(*value),
                $crate::Value::Text(value) => query.bind(value.as_deref()),
                $crate::Value::Octets(value) => query.bind(value.as_deref()),
                $crate::Value::Real(value) => query.bind(*value),
            };
        }
        query
    }};
}
pub(crate) use bound;

impl Database {
    /// Opens a database and makes sure that it answers.
    ///
    /// # Errors
    /// What is wrong, where, and how to mend it: see [`DatabaseError`].
    pub async fn open(place: &Place, options: &Options) -> Result<Self, DatabaseError> {
        match place {
            Place::File(path) => {
                let shown = place.to_string();
                let base = SqliteConnectOptions::new()
                    .filename(path)
                    .busy_timeout(options.busy_timeout)
                    .foreign_keys(true);
                let base = match options.access {
                    // Nothing is locked and nothing is made beside it.
                    Access::Read => base.immutable(true).read_only(true),
                    Access::Write => base
                        .create_if_missing(options.create)
                        .journal_mode(SqliteJournalMode::Wal)
                        .synchronous(match options.durability {
                            Durability::Full => SqliteSynchronous::Full,
                            Durability::Normal => SqliteSynchronous::Normal,
                        })
                        .pragma("journal_size_limit", LOG_LIMIT),
                };
                let with_cache = |kib: u32| base.clone().pragma("cache_size", format!("-{kib}"));
                let opened = |error| DatabaseError::of(error, shown.clone(), "opening it");
                let pool = SqlitePoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(options.connect_timeout.max(options.busy_timeout))
                    // A connection that is left idle keeps its place; the file is not opened again and again.
                    .idle_timeout(None)
                    .max_lifetime(None);
                let writer =
                    pool.clone().connect_with(with_cache(options.cache_kib)).await.map_err(opened)?;
                let readers = pool
                    .max_connections(options.connections.max(1))
                    .connect_with(with_cache(options.cache_kib / 4).pragma("query_only", "ON"))
                    .await
                    .map_err(opened)?;
                Ok(Self::Sqlite { writer, readers, place: shown })
            }
            Place::Server(server) => {
                let shown = place.to_string();
                let pool = PgPoolOptions::new()
                    .max_connections(options.connections.max(2))
                    .acquire_timeout(options.connect_timeout)
                    .connect_with(server.connect.clone())
                    .await
                    .map_err(|error| DatabaseError::of(error, shown.clone(), "connecting"))?;
                Ok(Self::Postgres { pool, place: shown })
            }
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// What the database says, see [`DatabaseError`].
    pub async fn begin(&self) -> Result<Transaction, DatabaseError> {
        let arm = match self {
            // At once as a writer: a reader that becomes one may find that it read what is no longer so.
            Self::Sqlite { writer, .. } => begin_to_write(writer).await.map(Arm::Sqlite),
            Self::Postgres { pool, .. } => pool.begin().await.map(Arm::Postgres),
        };
        match arm {
            Ok(arm) => Ok(Transaction { arm, place: self.place().to_owned() }),
            Err(error) => Err(self.fault(error, "beginning to write")),
        }
    }

    /// Reads: all rows of the result, which the statement itself must keep few.
    ///
    /// # Errors
    /// What the database says, see [`DatabaseError`].
    pub async fn fetch(&self, sql: impl Into<Sql>, values: &[Value]) -> Result<Vec<Row>, DatabaseError> {
        let sql = sql.into();
        let rows: Result<Vec<Inner>, _> = match self {
            Self::Sqlite { readers, .. } => bound!(sql.sqlite, values)
                .fetch_all(readers)
                .await
                .map(|rows| rows.into_iter().map(Inner::Sqlite).collect()),
            Self::Postgres { pool, .. } => bound!(sql.postgres, values)
                .fetch_all(pool)
                .await
                .map(|rows| rows.into_iter().map(Inner::Postgres).collect()),
        };
        let place = self.place();
        rows.map(|rows| rows.into_iter().map(|inner| Row { inner, place: place.to_owned() }).collect())
            .map_err(|error| self.fault(error, "reading"))
    }

    /// Reads the first row of a result.
    ///
    /// # Errors
    /// What the database says, see [`DatabaseError`].
    pub async fn fetch_optional(
        &self,
        sql: impl Into<Sql>,
        values: &[Value],
    ) -> Result<Option<Row>, DatabaseError> {
        Ok(self.fetch(sql, values).await?.into_iter().next())
    }

    /// Where it is, for people; without a password.
    #[must_use]
    pub fn place(&self) -> &str {
        match self {
            Self::Sqlite { place, .. } | Self::Postgres { place, .. } => place,
        }
    }

    /// Whether several machines may use it at the same time.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Closes all connections; SQLite's log is merged into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres { pool, .. } => pool.close().await,
        }
    }

    pub(crate) fn fault(&self, error: sqlx::Error, doing: &'static str) -> DatabaseError {
        DatabaseError::of(error, self.place().to_owned(), doing)
    }
}

/// A full disk makes SQLite roll back by itself, of which the driver knows nothing: it believes that the transaction is
/// still open. Such a connection is closed, and a new one begins.
async fn begin_to_write(writer: &SqlitePool) -> Result<sqlx::Transaction<'static, Sqlite>, sqlx::Error> {
    match writer.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement | sqlx::Error::BeginFailed) => {
            writer.acquire().await?.close().await?;
            writer.begin_with(BEGIN).await
        }
        begun => begun,
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({})", self.place())
    }
}
