//! Reaching addresses: where a connection really goes, whether it may, whether it can.

mod dial;
mod guard;
mod rules;

pub(crate) use dial::{Connected, Dialer, NoConnection, Slot, has_route};
