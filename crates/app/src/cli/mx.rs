//! `mta-sts mx`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::LookArgs;

/// The MX hosts of a domain: preference, addresses, STARTTLS, TLS version, certificate, TLSA, policy match.
///
/// Works for a domain that has no MTA-STS at all: the state before the first step. The provider is guessed from the
/// host's name.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts mx example.com
  mta-sts mx example.com --format json
  mta-sts mx healthy.test --lab")]
pub(crate) struct MxArgs {
    /// The domain
    #[arg(value_name = "DOMAIN")]
    pub(crate) domain: String,
    /// Look in the lab on this machine
    #[arg(long, conflicts_with_all = ["resolver", "trust_anchor", "roots", "connect_to"])]
    pub(crate) lab: bool,
    /// How to show the result [default: human]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<TableFormat>,
    /// Write the result to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Indent JSON
    #[arg(long)]
    pub(crate) json_pretty: bool,
    #[command(flatten)]
    pub(crate) look: LookArgs,
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
