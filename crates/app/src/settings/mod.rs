//! Settings: flags, environment and file become one resolved value per command. A flag wins over the environment,
//! which wins over the file.

mod connect;
mod contact;
mod file;
mod helo;
mod layers;
mod look;
mod resolver;
mod seconds;
mod serving;
mod severity;
mod showing;
mod words;

pub(crate) use connect::{parse_connect_rule, rule_between, show_rule};
pub(crate) use contact::parse_contact;
pub(crate) use file::SettingsFile;
pub(crate) use helo::parse_helo;
pub(crate) use layers::{Layers, Origin, Setting};
pub(crate) use look::{Look, host_name, word_of};
pub(crate) use resolver::parse_resolver;
pub(crate) use seconds::parse_seconds;
pub(crate) use serving::Serving;
pub(crate) use severity::Scale;
pub(crate) use showing::Showing;
pub(crate) use words::{parse_time, parse_word};
