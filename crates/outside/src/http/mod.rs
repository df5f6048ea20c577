//! One HTTP request, no redirects, everything bounded.

mod get;

pub(crate) use get::{Get, get};
