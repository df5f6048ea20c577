//! Many domains: the stream, its store, politeness, the queue shared by machines, outputs.

mod error;
mod exclusion;
mod intake;
mod plan;
mod row;
mod source;
mod store;

pub use error::ScanError;
pub use exclusion::{Exclusion, ExclusionError};
pub use intake::{Example, Intake, Tally};
pub use plan::{Plan, Stage};
pub use row::Row;
pub use source::{Column, Entry, InputKind, Junk, Mark, Source};
pub use store::{Failures, Scan, Standing, StoreLock};
