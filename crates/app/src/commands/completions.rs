//! `mta-sts completions`.

use clap::CommandFactory as _;

use super::Context;
use crate::cli::{Cli, CompletionsArgs};
use crate::exit::ExitStatus;

/// Prints a shell's completions.
pub(crate) fn completions(args: &CompletionsArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mta-sts", &mut script);
    context.printer.put(None, &String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Good)
}
