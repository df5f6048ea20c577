//! `mta-sts lint`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use judge::MaxAgeProfile;

use super::FailOn;

/// Read a policy, a record or a zone file, without a network.
///
/// Says of each oddity whether it breaks the text for every sender, whether senders differ over it, or whether it is
/// only worth knowing.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts lint mta-sts.txt
  echo 'v=STSv1; id=2026-04-29;' | mta-sts lint -
  mta-sts lint --fix mta-sts.txt
  mta-sts lint --fix --write mta-sts.txt
  mta-sts lint zones/*.zone
  mta-sts lint db.example.com --kind zone --origin example.com
  mta-sts lint --kind policy --vectors policies.json")]
pub(crate) struct LintArgs {
    /// Files to read; `-` or nothing: standard input
    #[arg(value_name = "PATH", conflicts_with = "vectors")]
    pub(crate) paths: Vec<PathBuf>,
    /// What the text is [default: guessed from name and content]
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<LintKind>,
    /// Zone files: the origin to start with
    #[arg(long, value_name = "NAME")]
    pub(crate) origin: Option<String>,
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<LintFormat>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
    /// Print the mended text instead of the oddities
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: write the mended text back to the file
    #[arg(long, short = 'i', requires = "fix", conflicts_with = "output")]
    pub(crate) write: bool,
    /// Exit with 1 when an oddity is at least this severe, by the severities of `check` [default: medium]
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,
    /// Which max_age is short, as for `check` [default: seed]
    #[arg(long, value_name = "seed|ncsc|rfc")]
    pub(crate) max_age_profile: Option<MaxAgeProfile>,
    /// Judge a file of test vectors of this --kind: one JSON line a case
    #[arg(long, value_name = "FILE", requires = "kind", conflicts_with_all = ["fix", "format"])]
    pub(crate) vectors: Option<PathBuf>,
}

/// What a text can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintKind {
    /// The policy at /.well-known/mta-sts.txt
    Policy,
    /// The record at _mta-sts
    #[value(alias = "record")]
    Sts,
    /// The record at _smtp._tls
    Tlsrpt,
    /// A zone file
    Zone,
    /// MX patterns (with --vectors)
    Mx,
}

/// The formats of `lint`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people: the line with a caret
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Annotations for GitHub workflows
    Github,
}
