//! `mta-sts config`.

use clap::{Args, Subcommand};

use super::{LookArgs, OutputArgs};

/// The settings in force.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: ConfigVerb,
}

/// The verbs of `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Show every setting
    Show(Box<ShowArgs>),
}

/// What `config show` is told.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts config show --origin")]
pub(crate) struct ShowArgs {
    /// Also show where each setting comes from
    #[arg(long)]
    pub(crate) origin: bool,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) showing: OutputArgs,
}
