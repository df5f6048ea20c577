//! Certificates: what they say, and what paths lead from them to a root.

mod facts;
mod incomplete;
mod legacy;
mod name;
mod path;
mod roots;

pub(crate) use facts::read as read_certificate;
pub(crate) use path::{Pool, chain_facts, judge};
pub(crate) use roots::RootSet;
