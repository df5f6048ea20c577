//! Flags of the commands that show one table.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How one table is shown, and where.
#[derive(Debug, Clone, Args)]
pub(crate) struct TableArgs {
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<TableFormat>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
}

/// The formats of `mx` and `ready`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
    /// Markdown
    Markdown,
}
