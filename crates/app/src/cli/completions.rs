//! `mta-sts completions`.

use clap::Args;

/// Shell completions.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  mta-sts completions bash
  mta-sts completions zsh > _mta-sts")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}
