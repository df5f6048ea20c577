//! `mta-sts schema`.

use clap::{Args, ValueEnum};

/// The JSON Schema of an output.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts schema
  mta-sts schema lint")]
pub(crate) struct SchemaArgs {
    /// Which output
    #[arg(value_name = "OUTPUT", default_value = "check")]
    pub(crate) name: SchemaName,
}

/// The outputs that have a schema of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// `check` and `replay` with --format json or jsonl
    Check,
    /// `ready --format json`
    Ready,
    /// `mx --format json`
    Mx,
    /// `lint --format json`
    Lint,
    /// What `check --record` writes
    Capsule,
}
