//! Flags that say how to show.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

/// How to show.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Showing")]
pub(crate) struct OutputArgs {
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
    /// Show how to repeat each probe with dig, curl and openssl
    #[arg(long)]
    pub(crate) show_commands: bool,
    /// Exit with 1 when a finding is at least this severe [default: medium]
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
}

/// The formats of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// For people
    Human,
    /// One JSON object; several domains: an array
    Json,
    /// One JSON object per domain and line, as each is ready
    Jsonl,
    /// Markdown
    Markdown,
    /// One self-contained page
    Html,
    /// SARIF 2.1.0
    Sarif,
    /// JUnit XML: one suite per domain, one case per layer
    Junit,
    /// RFC 4180, one row per finding
    Csv,
    /// Annotations for GitHub workflows
    Github,
    /// One line and performance data for Nagios and Icinga; exit codes 0, 1, 2, 3 are theirs
    Nagios,
}

/// From which severity on findings make the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FailOn {
    /// Never
    None,
    /// From INFO
    Info,
    /// From LOW
    Low,
    /// From MEDIUM
    Medium,
    /// HIGH only
    High,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ColorWord {
    /// On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE forces it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
