//! DNS as a careful sender sees it: every answer validated by ourselves, with the reason.

mod anchors;
mod asker;
mod datagram;
mod direct;
mod flights;
mod heard;
mod https;
mod reading;
mod record;
mod resolver;
mod system;
mod transport;
mod validation;

pub(crate) use anchors::name_of as anchor_name;
pub(crate) use asker::Asker;
pub(crate) use direct::ask_server;
pub(crate) use heard::Heard;
pub(crate) use reading::read as read_answer;
pub(crate) use record::{FromRecord, ServerName};
pub(crate) use resolver::Resolver;
pub(crate) use system::nameservers as system_resolvers;
