//! From scenarios to a running world: addresses, zones, and the doors behind the addresses.

mod addresses;
mod contents;
mod doors;
mod hosts;
mod neighbours;
mod placement;
mod template;
mod zones;

pub(crate) use addresses::{ALLOWED, Addresses};
pub(crate) use doors::Doors;
pub(crate) use hosts::{Staff, open};
pub(crate) use neighbours::neighbours;
pub(crate) use placement::{Placed, place};
pub(crate) use zones::{Makers, NAME_SERVERS, OwnServer, build};
