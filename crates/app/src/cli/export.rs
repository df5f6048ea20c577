//! `mta-sts export`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::hosting::HostingArgs;

/// Hosted policies as files, for other hosts.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts export static site")]
pub(crate) struct ExportPoliciesArgs {
    /// What to write.
    #[command(subcommand)]
    pub(crate) verb: ExportVerb,
}

/// The verbs of `export`.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportVerb {
    Static(StaticArgs),
}

/// Write each policy to DIR/mta-sts.DOMAIN/.well-known/mta-sts.txt, and the records to DIR/records.zone
///
/// For content delivery networks and web servers that serve a folder for each host name. Publish the files first, and the
/// records only when they are served everywhere.
#[derive(Debug, Args)]
pub(crate) struct StaticArgs {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    pub(crate) hosting: HostingArgs,
}
