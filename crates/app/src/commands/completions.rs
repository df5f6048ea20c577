//! `mta-sts completions`.

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::Context;
use crate::cli::{Cli, CompletionsArgs};
use crate::exit::ExitStatus;

/// Prints a shell's completions.
pub(crate) fn completions(args: &CompletionsArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut with_values(Cli::command()), "mta-sts", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if args.shell == Shell::Bash {
        // clap_complete 4.6 writes the hyphen of the program's name in two ways, so that the states which it enters
        // are not those which it leaves: without this nothing is completed after the first word.
        script = script.replace("mta__subcmd__sts", "mta__sts");
    }
    context.printer.put(None, &script)?;
    Ok(ExitStatus::Good)
}

/// The command line with the words that an argument can usefully have; parsing takes any and says what was meant.
fn with_values(command: Command) -> Command {
    let pages = PossibleValuesParser::new(judge::pages().iter().map(|page| page.name));
    let scenarios: Vec<String> = lab::catalogue().into_iter().map(|scenario| scenario.name).collect();
    let names = PossibleValuesParser::new(scenarios);
    command
        .mut_subcommand("explain", |explain| explain.mut_arg("word", |word| word.value_parser(pages)))
        .mut_subcommand("lab", |lab| {
            let check = names.clone();
            lab.mut_subcommand("check", |verb| verb.mut_arg("names", |word| word.value_parser(check)))
                .mut_subcommand("up", |verb| verb.mut_arg("names", |word| word.value_parser(names)))
        })
}
