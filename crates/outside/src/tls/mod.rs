//! TLS as a recorder: every handshake is completed, whatever the certificate is worth, and all of it is kept.

mod failure;
mod handshake;
mod hello;
mod old_versions;
mod verifier;

pub(crate) use handshake::{Handshake, Offer, Session};
pub(crate) use hello::{FirstAnswer, read_first_answer};

pub(crate) use old_versions::offers_old;
