//! Scenarios: what is wrong with one domain, and what a checker should say about it.

mod catalogue;
mod file;
mod overlay;
mod state;
mod text;

pub(crate) use catalogue::entries;
pub use catalogue::{Before, Expected, Scenario, catalogue};
pub(crate) use state::{
    AfterStarttls, Https, HttpsManner, NameServer, Scheme, Smtp, SmtpManner, State, TcpManner, Txt,
};
pub(crate) use text::{Names, replicate};
