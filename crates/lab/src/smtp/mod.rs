//! Mail servers, as far as a checker talks to them: they offer STARTTLS and take no mail.

mod dialogue;
mod endless;
mod host;
mod session;

pub(crate) use host::{MailHost, Starttls};
pub(crate) use session::serve;
