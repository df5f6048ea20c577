//! TLS as the lab's servers speak it: properly, in an old way, or not at all.

mod hello;
mod legacy;
mod manner;
mod wire;

pub(crate) use manner::{Terms, TlsManner};
pub(crate) use wire::Wire;
