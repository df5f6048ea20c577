//! `mta-sts man`.

use anyhow::Context as _;
use clap::CommandFactory as _;

use super::Context;
use crate::cli::{Cli, ManArgs};
use crate::exit::ExitStatus;

/// Prints the main page, or writes a page per command.
pub(crate) fn man(args: &ManArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let command = Cli::command();
    match &args.dir {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            context.printer.put(None, &String::from_utf8_lossy(&page))?;
        }
        Some(dir) => {
            std::fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
            clap_mangen::generate_to(command, dir)
                .with_context(|| format!("cannot write to {}", dir.display()))?;
        }
    }
    Ok(ExitStatus::Good)
}
