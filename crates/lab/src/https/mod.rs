//! Web servers: those of policies, and those that take reports.

mod connection;
mod malformed;
mod proper;
mod site;

pub(crate) use connection::serve;
pub(crate) use site::Site;
