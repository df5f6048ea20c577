//! Many domains: the stream, its store, politeness, the queue shared by machines, outputs.

mod row;

pub use row::Row;
