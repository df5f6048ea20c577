//! The store: the truth of a scan. Outputs are made from it.
//!
//! Names are kept in chunks, each one row; what the first stage saw of a chunk is one more row, and each hit has one of
//! its own. A worker claims chunks and hits for a time; what it brings back counts only if the claim is still its own,
//! in the same transaction. So every name is in the result exactly once, whoever dies.

mod chunks;
mod claim;
mod hits;
mod job;
mod loading;
mod lock;
mod packed;
mod reading;
mod tables;
mod visits;

pub use job::{Failures, Scan, Standing};
pub use lock::StoreLock;

pub(crate) use chunks::{Chunk, Commit};
pub(crate) use claim::{Claimant, InHand};
pub(crate) use hits::{Hit, Surveyed};
pub(crate) use loading::{CHUNK, Loaded};

#[cfg(test)]
mod tests;
