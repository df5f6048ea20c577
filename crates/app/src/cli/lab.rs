//! `mta-sts lab`.

use clap::{Args, Subcommand};

/// A small false internet on this machine that misbehaves by script.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts lab list
  mta-sts lab check
  mta-sts lab check healthy mx-cert-expired.test
  mta-sts lab up")]
pub(crate) struct LabArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: LabVerb,
}

/// The verbs of `lab`.
#[derive(Debug, Subcommand)]
pub(crate) enum LabVerb {
    /// Start it, print the flags that a check needs, and stay until interrupted or terminated
    Up(UpArgs),
    /// List the scenarios
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check every scenario and compare with what is expected of it
    Check {
        /// Only these scenarios
        #[arg(value_name = "SCENARIO")]
        names: Vec<String>,
        /// How many domains to look at at the same time
        #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
        parallel: u16,
    },
}

/// What `lab up` is told.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Only these scenarios
    #[arg(value_name = "SCENARIO")]
    pub(crate) names: Vec<String>,
    /// Delay every answer by so many milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0)]
    pub(crate) delay: u64,
    /// Directory to write trust anchor, root certificate and settings file to [default: a new one]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<std::path::PathBuf>,
}
