//! `mta-sts`: checks, explains and rehearses MTA-STS. Parses, calls, renders; decides nothing about domains.

mod capsule;
mod cli;
mod commands;
mod departure;
mod exit;
mod expectation;
mod generated;
mod lint;
mod memory;
mod near;
mod output;
mod panics;
mod printer;
mod provider;
mod render;
mod settings;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, ColorWord};
use commands::Context;
use exit::{ExitStatus, Stop};
use printer::Printer;
use settings::{Layers, SettingsFile, Showing};

fn main() -> ExitCode {
    panics::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    let talk = Printer::new(
        cli.everywhere.color.unwrap_or(ColorWord::Auto),
        cli.everywhere.quiet,
        cli.everywhere.verbose,
    );
    let showing = cli.command.as_ref().and_then(cli::Command::showing).cloned();
    let (layers, fault) = match layers(&cli) {
        Ok(layers) => (layers, None),
        Err(error) => (Layers::new(None), Some(error)),
    };
    let result = match fault {
        Some(error) => Err(error),
        None => panics::caught(|| run(cli, &layers)),
    };
    let (status, why) = match result {
        Ok(status) => (status, None),
        Err(error) => {
            talk.error(&error);
            (Stop::status_of(&error), Some(format!("{error:#}")))
        }
    };
    let plugin = showing.is_some_and(|args| Showing::is_plugin(&args, &layers));
    if plugin && !matches!(status, ExitStatus::Plugin(_)) {
        return stopped_plugin(why.as_deref().unwrap_or(status.words()));
    }
    status.into()
}

/// What clap has to say: help on standard output, or what is wrong.
fn not_understood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Nobody is left to be told when the output is closed.
        let _ = error.print();
        return ExitStatus::Good.into();
    }
    // It repeats the words given, which may come from elsewhere.
    let text = render::visible_lines(&error.to_string()).into_owned();
    let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let plugin = words.iter().any(|word| word.eq_ignore_ascii_case("--format=nagios"))
        || words.windows(2).any(|pair| pair == ["--format", "nagios"]);
    if plugin {
        return stopped_plugin(text.lines().next().unwrap_or_default());
    }
    ExitStatus::Usage.into()
}

/// A monitoring plug-in that could not do its work says so where its reader looks.
fn stopped_plugin(why: &str) -> ExitCode {
    let line = render::nagios_unknown(why);
    match Printer::new(ColorWord::Never, false, 0).put(None, &line) {
        Ok(()) | Err(_) => ExitStatus::Plugin(render::State::Unknown.code()).into(),
    }
}

fn layers(cli: &Cli) -> anyhow::Result<Layers> {
    let everywhere = &cli.everywhere;
    let file = if everywhere.no_config || cli.version || cli.command.is_none() {
        None
    } else {
        SettingsFile::find(everywhere.config.as_deref())?
    };
    Ok(Layers::new(file))
}

fn run(cli: Cli, layers: &Layers) -> anyhow::Result<ExitStatus> {
    let everywhere = cli.everywhere;
    if cli.version {
        print_version(cli.json)?;
        return Ok(ExitStatus::Good);
    }
    let Some(command) = cli.command else {
        return Err(Stop::usage("a command is needed; `mta-sts --help` lists them"));
    };
    let color = layers.pick("color", everywhere.color, settings::parse_word, || ColorWord::Auto)?;
    if everywhere.verbose > 1 {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::DEBUG).init();
    }
    let printer = Printer::new(color.value, everywhere.quiet, everywhere.verbose);
    commands::run(command, &Context { printer, layers: layers.clone() })
}

/// The program and its version, as written into evidence and reports.
fn tool() -> String {
    format!("mta-sts {}", env!("CARGO_PKG_VERSION"))
}

fn print_version(json: bool) -> anyhow::Result<()> {
    let text = if json {
        let value = serde_json::json!({ "name": "mta-sts", "version": env!("CARGO_PKG_VERSION") });
        render::write_json(&value, false)?
    } else {
        tool()
    };
    Printer::new(ColorWord::Never, false, 0).put(None, &(text + "\n"))
}
