//! Why an output cannot be written.

use std::io;

use database::DatabaseError;
use parquet::errors::ParquetError;

/// Why an output cannot be written. The scan's store is not touched by it.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The file, or the pipe.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// CSV, which fails only with its file.
    #[error("the CSV cannot be written: {0}")]
    Csv(#[from] csv::Error),
    /// Parquet, which fails only with its file.
    #[error("the Parquet file cannot be written: {0}")]
    Parquet(#[from] ParquetError),
    /// SQLite.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A value that has no JSON form; none of ours.
    #[error("a record cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}
