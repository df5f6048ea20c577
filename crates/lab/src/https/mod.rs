//! Web servers: those of policies, and those that take reports.

mod malformed;
mod proper;
mod site;

pub(crate) use site::{Site, serve};
