//! `mta-sts ready`.

use std::path::PathBuf;

use clap::Args;

use super::{JudgingArgs, LookArgs, TableArgs};

/// Is it safe to go from testing to enforce?
///
/// A list of gates, each with what was seen. Exits with 0 only when every gate passes; a gate that could not be tested
/// does not pass.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts ready example.com
  mta-sts ready example.com --since last-month.capsule --since last-week.capsule
  mta-sts ready healthy-testing.test --lab")]
pub(crate) struct ReadyArgs {
    /// The domain
    #[arg(value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// Look in the lab on this machine
    #[arg(long, conflicts_with_all = ["resolver", "trust_anchor", "roots", "connect_to"])]
    pub(crate) lab: bool,
    /// Directory of TLSRPT reports received (not read yet: the gates on reports stay not tested)
    #[arg(long, value_name = "DIR")]
    pub(crate) reports: Option<PathBuf>,
    /// Judge this recorded check instead of looking
    #[arg(long, value_name = "CAPSULE")]
    pub(crate) capsule: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
}
