//! The command line: what can be said, and nothing of what is done about it.

mod check;
mod completions;
mod config;
mod doctor;
mod explain;
mod generate;
mod judging;
mod lab;
mod lint;
mod look;
mod man;
mod mx;
mod output;
mod publish;
mod ready;
mod replay;
mod scan;
mod scan_outputs;
mod schema;
mod table;

use clap::{Parser, Subcommand};

pub(crate) use check::CheckArgs;
pub(crate) use completions::CompletionsArgs;
pub(crate) use config::{ConfigArgs, ConfigVerb, ShowArgs};
pub(crate) use doctor::DoctorArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use generate::{GenerateArgs, GenerateFormat, ModeWord, Part, RecipeArgs};
pub(crate) use judging::{JudgingArgs, ScaleArgs};
pub(crate) use lab::{LabArgs, LabVerb, UpArgs};
pub(crate) use lint::{LintArgs, LintFormat, LintKind};
pub(crate) use look::{LookArgs, ProfileWord};
pub(crate) use man::ManArgs;
pub(crate) use mx::MxArgs;
pub(crate) use output::{ColorWord, FailOn, Format, OutputArgs};
pub(crate) use publish::{AnnounceWord, MeansArgs, PublishArgs, PublishFormat, PublishVerb, WeakerMode};
pub(crate) use ready::ReadyArgs;
pub(crate) use replay::ReplayArgs;
pub(crate) use scan::{InputWord, ListArgs, ResultArgs, ScanArgs, StageWord};
pub(crate) use scan_outputs::{
    DiffArgs, DiffFormat, ExportArgs, JudgeFormat, RejudgeArgs, ScanFormat, ScanVerb, SummaryArgs, WhatWord,
    WritingArgs,
};
pub(crate) use schema::{SchemaArgs, SchemaName};
pub(crate) use table::{TableArgs, TableFormat};

/// Checks, explains and rehearses MTA-STS: what works, what is broken, what that costs, what to paste to mend it.
#[derive(Debug, Parser)]
#[command(
    name = "mta-sts",
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_long_help = AFTER
)]
pub(crate) struct Cli {
    /// Settings that every command takes.
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    /// Print the version (with `--json`: as JSON) and end
    #[arg(long, short = 'V')]
    pub(crate) version: bool,
    /// With `--version`: print JSON
    #[arg(long, requires = "version")]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Settings that every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Everywhere {
    /// Read settings from this file instead of looking for one
    #[arg(long, global = true, value_name = "FILE", help_heading = "General", conflicts_with = "no_config")]
    pub(crate) config: Option<std::path::PathBuf>,
    /// Read no settings file
    #[arg(long, global = true, help_heading = "General")]
    pub(crate) no_config: bool,
    /// When to use colour: colour never carries meaning alone
    #[arg(long, global = true, value_name = "WHEN", help_heading = "General")]
    pub(crate) color: Option<ColorWord>,
    /// Say less: results only, no progress and no hints
    #[arg(long, short, global = true, help_heading = "General", conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: the evidence behind each finding; twice: also a log on standard error
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = "General")]
    pub(crate) verbose: u8,
}

/// The verbs. Each one's words for the help stand at its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Box<CheckArgs>),
    Replay(ReplayArgs),
    Ready(Box<ReadyArgs>),
    Mx(Box<MxArgs>),
    Scan(Box<ScanArgs>),
    Lint(LintArgs),
    Generate(Box<GenerateArgs>),
    Explain(ExplainArgs),
    Publish(Box<PublishArgs>),
    Lab(LabArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
    Schema(SchemaArgs),
    Config(ConfigArgs),
    Doctor(Box<DoctorArgs>),
}

impl Command {
    /// The flags that say how to show, of the verbs that have every format.
    pub(crate) fn showing(&self) -> Option<&OutputArgs> {
        match self {
            Self::Check(args) => Some(&args.output),
            Self::Replay(args) => Some(&args.output),
            _ => None,
        }
    }
}

const AFTER: &str = "\
Examples:
  mta-sts check --lab
  mta-sts check example.com
  mta-sts lint mta-sts.txt
  mta-sts generate example.com
  mta-sts explain mta_sts_mx_mismatch

Settings: a flag wins over the environment (MTA_STS_ and the flag's name in
capitals, such as MTA_STS_RESOLVER), which wins over mta-sts.toml (looked for
in this directory and upward, then in the user's configuration, then in /etc).

Exit codes:
    0  all good (see --fail-on)       1  findings at or above --fail-on
    2  wrong command line             3  could not check (our network, not the domain)
    4  not ready for enforce          5  not as --expect says
    6  wrong settings                 7  partial: a scan without some answers
   70  internal error               130  interrupted
When several apply, of one domain or of many: 5 before 1 before 3 before 0.
With --format nagios: 0, 1, 2, 3 as plug-ins do, and 3 for any early end.";
