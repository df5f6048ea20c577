//! `mta-sts explain`.

use clap::Args;

/// The offline page of a finding or a term.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts explain mta_sts_unreachable
  mta-sts explain testing
  mta-sts explain --list")]
pub(crate) struct ExplainArgs {
    /// A finding's code, a detail, or a term
    #[arg(value_name = "CODE|TERM", required_unless_present = "list", num_args = 1..)]
    pub(crate) word: Vec<String>,
    /// List all pages
    #[arg(long, conflicts_with = "word")]
    pub(crate) list: bool,
    /// Print the page as Markdown, as it is kept
    #[arg(long)]
    pub(crate) markdown: bool,
}
