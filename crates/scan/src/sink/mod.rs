//! Outputs: what a scan found, as files for other programs.
//!
//! [`Flat`] is one name's result as one flat record; its columns are declared once and are the same in CSV, Parquet and
//! SQLite. JSON Lines carry whole [`Row`](crate::Row)s, so that they can be read again. Sinks hold a bounded number of
//! records, whatever the length of the list.

mod csv;
mod error;
mod flat;
mod lines;
mod parquet;
mod sqlite;

pub use csv::CsvSink;
pub use error::SinkError;
pub use flat::{Cell, Column, FLAT_VERSION, Flat, FlatFinding, FlatHost, Judged, Kind};
pub use lines::{LineError, ROW_VERSION, RowLine};
pub use parquet::ParquetSink;
pub use sqlite::SqliteSink;
