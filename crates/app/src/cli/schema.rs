//! `mta-sts schema`.

use clap::{Args, ValueEnum};

/// The schema of an output.
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

/// The outputs that have a schema.
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
    /// `generate --format json`
    Generate,
    /// `publish --format json`
    Publish,
    /// What `check --record` writes
    Capsule,
    /// `scan export --format jsonl`, one row
    ScanRow,
    /// `scan export`, one record of the flat formats (CSV, Parquet, SQLite)
    ScanFlat,
    /// `scan summary --format json`
    ScanSummary,
    /// `scan diff --format json`
    ScanDiff,
    /// `--format sarif`: the official schema of SARIF 2.1.0
    Sarif,
    /// `--format junit`: the XML Schema of Jenkins
    Junit,
}
