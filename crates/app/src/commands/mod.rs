//! What is done for each verb: one function each, ending with an exit status.

mod abreast;
mod check;
mod completions;
mod config;
mod doctor;
mod explain;
mod generate;
mod lab;
mod lint;
mod man;
mod mx;
mod progress;
mod publish;
mod ready;
mod rehearsal;
mod replay;
mod run;
mod scan;
mod scenario;
mod schema;
mod showcase;
mod site;

pub(crate) use rehearsal::Rehearsal;
pub(crate) use scan::{Change, Compared, Share, Shares, Tally};

use crate::cli::{Command, LabVerb};
use crate::exit::ExitStatus;
use crate::printer::Printer;
use crate::settings::Layers;

/// What every command gets besides its own words.
#[derive(Debug)]
pub(crate) struct Context {
    /// Where results and talk go.
    pub(crate) printer: Printer,
    /// The settings below the flags.
    pub(crate) layers: Layers,
}

/// Carries out a command.
pub(crate) fn run(command: Command, context: &Context) -> anyhow::Result<ExitStatus> {
    match command {
        Command::Check(args) => in_runtime(check::check(&args, context)),
        Command::Replay(args) => replay::replay(&args, context),
        Command::Ready(args) => in_runtime(until_interrupted(ready::ready(&args, context))),
        Command::Scan(args) => match &args.verb {
            Some(verb) => in_runtime(scan::of_scan(verb, context)),
            None => in_runtime(scan::run(*args, context)),
        },
        Command::Mx(args) => in_runtime(until_interrupted(mx::mx(&args, context))),
        Command::Lint(args) => lint::lint(&args, context),
        Command::Generate(args) => in_runtime(until_interrupted(generate::generate(&args, context))),
        Command::Explain(args) => explain::explain(&args, context),
        Command::Publish(args) => in_runtime(until_interrupted(publish::publish(&args, context))),
        Command::Lab(args) => match args.verb {
            LabVerb::List { json } => lab::list(json, context),
            LabVerb::Up(args) => in_runtime(lab::up(&args, context)),
            LabVerb::Check { names, parallel } => {
                in_runtime(until_interrupted(lab::check(names, parallel, context)))
            }
        },
        Command::Completions(args) => completions::completions(&args, context),
        Command::Man(args) => man::man(&args, context),
        Command::Schema(args) => schema::schema(&args, context),
        Command::Config(args) => config::config(&args, context),
        Command::Doctor(args) => in_runtime(until_interrupted(doctor::doctor(&args, context))),
    }
}

fn in_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // Built only for the commands that need it: the others answer in a few milliseconds.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    // Sockets of others must not keep us when the answer is there.
    runtime.shutdown_background();
    result
}

/// Work that leaves nothing behind when someone wants no more of it.
async fn until_interrupted(
    work: impl Future<Output = anyhow::Result<ExitStatus>>,
) -> anyhow::Result<ExitStatus> {
    tokio::select! {
        // First, so that the signal is caught before any work begins.
        biased;
        _ = tokio::signal::ctrl_c() => Ok(ExitStatus::Interrupted),
        result = work => result,
    }
}
