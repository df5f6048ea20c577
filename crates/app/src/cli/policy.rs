//! `mta-sts policy`.

use clap::{Args, Subcommand};
use protocol::Domain;

use super::hosting::{HostingArgs, ShownArgs, parse_domain};

/// The versions of a hosted domain's policy.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts policy history example.com
  mta-sts policy diff example.com")]
pub(crate) struct PolicyArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: PolicyVerb,
}

/// The verbs of `policy`.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyVerb {
    History(HistoryArgs),
    Diff(PolicyDiffArgs),
}

/// List the versions: who made them, when, why, and what they changed
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
}

/// Show what differs between two versions
#[derive(Debug, Args)]
pub(crate) struct PolicyDiffArgs {
    /// The domain
    #[arg(value_name = "DOMAIN", value_parser = parse_domain)]
    pub(crate) domain: Domain,
    /// The earlier version [default: the one before the later]
    #[arg(value_name = "VERSION")]
    pub(crate) earlier: Option<u32>,
    /// The later version [default: the one served]
    #[arg(value_name = "VERSION")]
    pub(crate) later: Option<u32>,
    #[command(flatten)]
    pub(crate) shown: ShownArgs,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
}
