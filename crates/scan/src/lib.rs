//! Many domains: the stream, its store, politeness, the queue shared by machines, outputs.

mod row;
mod source;

pub use row::Row;
pub use source::{Column, Entry, InputKind, Junk, Mark, Source};
