//! The lab's certification authority, and every kind of certificate that a server may show.

mod authority;
mod kind;
mod sha1;
mod weak;

pub(crate) use authority::{Authority, Credential};
pub(crate) use kind::CertificateKind;
