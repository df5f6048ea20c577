//! The rules, one module for each layer. Each states every fault of its layer; none stops at the first.

pub(crate) mod across;
pub(crate) mod coverage;
pub(crate) mod dane;
pub(crate) mod fetch;
pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod policy;
pub(crate) mod record;
pub(crate) mod record_place;
pub(crate) mod report_target;
pub(crate) mod tlsrpt;
pub(crate) mod transport;
pub(crate) mod wording;
