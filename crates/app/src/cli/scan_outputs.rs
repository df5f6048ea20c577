//! `mta-sts scan export|summary|diff|judge`: what is made of a scan.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ScaleArgs, TableFormat};

/// What is made of a scan.
#[derive(Debug, Subcommand)]
pub(crate) enum ScanVerb {
    Export(ExportArgs),
    Summary(SummaryArgs),
    Diff(DiffArgs),
    Judge(RejudgeArgs),
}

/// Which scan.
#[derive(Debug, Clone, Args)]
pub(crate) struct ScanPlace {
    /// The scan's store, or rows written by `scan export --format jsonl` (- for standard input)
    #[arg(value_name = "STORE|FILE.jsonl")]
    pub(crate) place: String,
    /// The scan's name, where the store (postgres://…) holds several
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// Write what a scan found for other programs: JSON Lines, CSV, Parquet or SQLite.
///
/// One record for each name of the list, in its order, of what is known so far; the columns are described in
/// docs/scanning.md and by `mta-sts schema scan-flat`. A file is complete or not there. The store is not changed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts scan export domains.txt.scan.sqlite -o rows.jsonl
  mta-sts scan export domains.txt.scan.sqlite --format parquet -o domains.parquet
  mta-sts scan export domains.txt.scan.sqlite --format csv --hits
  mta-sts scan export rows.jsonl --format sqlite -o domains.sqlite")]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) scan: ScanPlace,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) format: ScanFormat,
    /// What to write: what was seen, or what to think of it [default: evidence for jsonl, else assessment]
    #[arg(long, value_name = "WHAT")]
    pub(crate) what: Option<WhatWord>,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
}

/// Judge what a scan saw by today's rules, as of the time of each look.
///
/// A scan keeps what it saw, not what was thought of it, so that a newer version can judge an old scan. The results are
/// as those of `check --format jsonl`, or flat; `--format human` has a line for each surveyed domain and counts verdicts.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts scan judge domains.txt.scan.sqlite
  mta-sts scan judge domains.txt.scan.sqlite --format human
  mta-sts scan judge last-year.jsonl --format csv -o today.csv
  mta-sts scan judge last-year.jsonl --severity strict --format parquet -o today.parquet")]
pub(crate) struct RejudgeArgs {
    #[command(flatten)]
    pub(crate) scan: ScanPlace,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub(crate) format: JudgeFormat,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
}

/// What is written, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct WritingArgs {
    /// Leave out names without an MTA-STS record
    #[arg(long)]
    pub(crate) hits: bool,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Count what a scan found: verdicts, modes, classes of misconfiguration, providers, errors.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts scan summary domains.txt.scan.sqlite
  mta-sts scan summary domains.txt.scan.sqlite --format markdown -o summary.md
  mta-sts scan summary rows.jsonl --format json")]
pub(crate) struct SummaryArgs {
    #[command(flatten)]
    pub(crate) scan: ScanPlace,
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<TableFormat>,
    /// Providers and findings shown of each kind; the others are summed up
    #[arg(long, value_name = "N", default_value = "15")]
    pub(crate) top: usize,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
}

/// Compare two scans: MTA-STS that appeared or vanished, other verdicts, findings gained and lost.
///
/// Both are judged by today's rules, each as of its own time. Names that one of the scans has no answer for are counted
/// and not compared.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts scan diff january.sqlite february.sqlite
  mta-sts scan diff january.jsonl february.jsonl --format json

Exit codes: 0 nothing changed, 1 something did.")]
pub(crate) struct DiffArgs {
    /// The earlier scan: a store, or rows written by `scan export --format jsonl`
    #[arg(value_name = "BEFORE")]
    pub(crate) before: String,
    /// The later scan
    #[arg(value_name = "AFTER")]
    pub(crate) after: String,
    /// The earlier scan's name, where its store holds several
    #[arg(long, value_name = "NAME")]
    pub(crate) before_name: Option<String>,
    /// The later scan's name, where its store holds several
    #[arg(long, value_name = "NAME")]
    pub(crate) after_name: Option<String>,
    /// How to show the result
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: DiffFormat,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
}

/// The formats for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// One JSON object a line
    Jsonl,
    /// RFC 4180, one line a name
    Csv,
    /// Apache Parquet
    Parquet,
    /// A SQLite database with the tables domains, findings, mx_hosts and meta
    Sqlite,
}

/// The formats of judging again: those for other programs, and one for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum JudgeFormat {
    /// For people: a line for each surveyed domain, then the verdicts counted
    Human,
    /// One JSON object a line
    Jsonl,
    /// RFC 4180, one line a name
    Csv,
    /// Apache Parquet
    Parquet,
    /// A SQLite database with the tables domains, findings, mx_hosts and meta
    Sqlite,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhatWord {
    /// What was seen: can be judged, summed up and compared again
    Evidence,
    /// What to think of it, by today's rules
    Assessment,
}

/// The formats of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Human,
    /// One JSON object
    Json,
}
