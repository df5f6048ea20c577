//! Certificates: what they say, and what paths lead from them to a root.

mod roots;

pub(crate) use roots::RootSet;
