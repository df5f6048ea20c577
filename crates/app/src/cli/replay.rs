//! `mta-sts replay`.

use std::path::PathBuf;

use clap::Args;

use super::{OutputArgs, ScaleArgs};
use crate::expectation::Expectation;

/// Judge a recorded check again, without a network.
///
/// The time is the time of the recording, so that with the same flags for showing the output is the same, octet for
/// octet.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts check example.com --record example.capsule
  mta-sts replay example.capsule
  mta-sts replay example.capsule --format sarif")]
pub(crate) struct ReplayArgs {
    /// A file written by `check --record`, or `-` for standard input
    #[arg(value_name = "CAPSULE")]
    pub(crate) capsule: PathBuf,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
    /// Exit with 1 when a domain does not publish MTA-STS at all
    #[arg(long)]
    pub(crate) require: bool,
    /// Exit with 5 unless this holds: mode=…, id=…, verdict=…, max_age=…, mx=…, all_mx=…+…, separated by commas
    #[arg(long, value_name = "WHAT=VALUE,…", value_delimiter = ',')]
    pub(crate) expect: Vec<Expectation>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
