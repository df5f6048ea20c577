//! `mta-sts man`.

use std::path::PathBuf;

use clap::Args;

/// Manual pages, in roff.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts man
  mta-sts man ./man1")]
pub(crate) struct ManArgs {
    /// Directory to write one page per command to; without it the main page goes to standard output
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
