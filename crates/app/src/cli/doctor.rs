//! `mta-sts doctor`.

use clap::Args;

use super::LookArgs;

/// What this machine can check: resolver, DNSSEC, IPv4, IPv6, port 25.
///
/// Asks the resolver for one name that everyone has. Whether port 25 is open only other people's mail hosts can tell:
/// name a domain, such as one of your own, and its MX hosts are tried. Exits with 3 when something that was tried does
/// not work; a missing IPv4 or IPv6 alone does not count.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts doctor
  mta-sts doctor example.com
  mta-sts doctor example.com -4")]
pub(crate) struct DoctorArgs {
    /// A domain that receives mail, to try port 25 with
    #[arg(value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}
