//! `mta-sts`: checks, explains and rehearses MTA-STS. Parses, calls, renders; decides nothing about domains.

mod capsule;
mod cli;
mod commands;
mod exit;
mod expectation;
mod lint;
mod memory;
mod near;
mod output;
mod printer;
mod provider;
mod render;
mod settings;

use std::process::ExitCode;

use clap::{Parser as _, ValueEnum as _};

use cli::{Cli, ColorWord};
use commands::Context;
use exit::{ExitStatus, Stop};
use printer::Printer;
use settings::{Layers, SettingsFile};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                // It repeats the words given, which may come from elsewhere.
                let text = render::visible_lines(&error.to_string()).into_owned();
                let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
                return ExitStatus::Usage.into();
            }
            // Nobody is left to be told when the output is closed.
            let _ = error.print();
            return ExitStatus::Good.into();
        }
    };
    let talk = Printer::new(
        cli.everywhere.color.unwrap_or(ColorWord::Auto),
        cli.everywhere.quiet,
        cli.everywhere.verbose,
    );
    match run(cli) {
        Ok(status) => status.into(),
        Err(error) => {
            talk.error(&error);
            Stop::status_of(&error).into()
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitStatus> {
    let everywhere = cli.everywhere;
    if cli.version {
        print_version(cli.json)?;
        return Ok(ExitStatus::Good);
    }
    let Some(command) = cli.command else {
        return Err(Stop::usage("a command is needed; `mta-sts --help` lists them"));
    };
    let file = if everywhere.no_config { None } else { SettingsFile::find(everywhere.config.as_deref())? };
    let layers = Layers::new(file);
    let color =
        layers.pick("color", everywhere.color, |text| ColorWord::from_str(text, true), || ColorWord::Auto)?;
    if everywhere.verbose > 1 {
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::DEBUG).init();
    }
    let printer = Printer::new(color.value, everywhere.quiet, everywhere.verbose);
    commands::run(command, &Context { printer, layers })
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
