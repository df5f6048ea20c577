//! What a name holds.

use std::collections::BTreeMap;

use hickory_proto::rr::{RData, RecordType};

/// The records of one name and type.
#[derive(Debug, Clone)]
pub(crate) struct RrSet {
    pub(crate) ttl: u32,
    pub(crate) data: Vec<RData>,
    /// The data was changed after it had been signed: the signature does not match.
    pub(crate) tampered: bool,
}

/// The record sets of one name.
pub(crate) type Node = BTreeMap<RecordType, RrSet>;
