//! `mta-sts scan`.

mod opening;
mod progress;
mod run;
mod words;

pub(crate) use run::run;
