//! `mta-sts check`.

use std::path::PathBuf;

use clap::Args;

use super::{JudgingArgs, LookArgs, OutputArgs};
use crate::expectation::Expectation;

/// Look at domains as a sender would, and judge what was seen.
///
/// Six layers (record, fetching the policy, the policy, MX coverage, transport security of the MX hosts, TLSRPT) and
/// one verdict per domain: not-deployed, broken, disabled, testing, ready-to-enforce, enforcing,
/// enforcing-but-broken. Trouble of your own network is shown as not tested, never as a fault of the domain.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Domains to check: what stands after the @ in the addresses
    #[arg(value_name = "DOMAIN", required_unless_present = "lab")]
    pub(crate) domains: Vec<String>,
    /// Check in the lab on this machine: without names its showcase, ending with a table of verdicts
    #[arg(long, conflicts_with_all = ["resolver", "trust_anchor", "roots", "connect_to"])]
    pub(crate) lab: bool,
    /// Exit with 1 when a domain does not publish MTA-STS at all
    #[arg(long)]
    pub(crate) require: bool,
    /// Exit with 5 unless this holds: mode=…, id=…, verdict=…, max_age=…, mx=…, all_mx=…+…, separated by commas
    #[arg(long, value_name = "WHAT=VALUE,…", value_delimiter = ',')]
    pub(crate) expect: Vec<Expectation>,
    /// Record what was seen to this file, for replay, --since and --with
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    #[command(flatten)]
    pub(crate) judging: JudgingArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  mta-sts check --lab
  mta-sts check --lab healthy.test --format json --json-pretty
  mta-sts check example.com
  mta-sts check example.com example.net --format jsonl
  mta-sts check example.com --expect mode=enforce --fail-on low
  mta-sts check example.com --record today.capsule --since last-week.capsule
  mta-sts check example.com --profile basic --timeout 20 -4";
