//! `mta-sts mx`.

use clap::Args;

use super::{LookArgs, TableArgs};

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
    #[command(flatten)]
    pub(crate) table: TableArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}
