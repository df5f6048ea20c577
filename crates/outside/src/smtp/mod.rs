//! SMTP as far as a probe goes: banner, EHLO, STARTTLS, handshake, EHLO, QUIT. Never MAIL.

mod dialogue;
mod opening;
mod overheard;
mod reply;
mod session;

pub(crate) use reply::{Progress, read as read_reply};
pub(crate) use session::{Prober, SMTP, not_visited, one_connection};
