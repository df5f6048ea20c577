//! Many domains: the stream, its store, politeness, the queue shared by machines, outputs.

mod engine;
mod error;
mod intake;
mod plan;
mod row;
pub mod sink;
mod source;
mod store;

pub use engine::{End, Progress, Work};
pub use error::ScanError;
pub use intake::{Example, Intake, Tally};
pub use outside::{Exclusion, ExclusionError};
pub use plan::{Kept, Plan, Stage};
pub use row::Row;
pub use source::{Column, Difference, Entry, Fingerprint, InputKind, Junk, Mark, Source};
pub use store::{Failures, Scan, Standing, StoreLock};
