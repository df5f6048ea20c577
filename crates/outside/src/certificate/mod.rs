//! Certificates: what they say, and what paths lead from them to a root.

mod facts;
mod incomplete;
mod legacy;
mod name;
mod path;
mod roots;

pub(crate) use path::{Pool, judge};
pub(crate) use roots::RootSet;
