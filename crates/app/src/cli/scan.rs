//! `mta-sts scan`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{LookArgs, ScaleArgs, ScanFormat, ScanVerb, WhatWord, WritingArgs};
use crate::settings::parse_contact;

/// Look at many domains: first the TXT record of each, then all of those that have one.
///
/// The first stage asks one question a name and believes the resolver; the second looks at each hit as `check` does,
/// with DNSSEC validated here. What is seen is kept in a store beside the list, so that a scan that was interrupted or
/// killed goes on with --resume, without loss and without asking twice. Junk and duplicates in the list are counted and
/// reported. Several machines share one scan through PostgreSQL (--queue).
///
/// Be polite: give --contact, keep --rate to what the resolver's owner agrees to, and honour whoever asks to be left
/// alone with --exclude.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ScanArgs {
    /// What to make of a scan that there is, in place of scanning.
    #[command(subcommand)]
    pub(crate) verb: Option<ScanVerb>,
    /// The list of domains; - for standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["queue", "resume", "lab"])]
    pub(crate) file: Option<PathBuf>,
    /// Scan in the lab on this machine: without FILE all of its domains, and without --store nothing is kept
    #[arg(long, conflicts_with_all = ["resolver", "trust_anchor", "roots", "connect_to", "queue"])]
    pub(crate) lab: bool,
    #[command(flatten)]
    pub(crate) list: ListArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    #[command(flatten)]
    pub(crate) result: ResultArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
}

/// How names stand in the list.
#[derive(Debug, Args)]
#[command(next_help_heading = "List")]
pub(crate) struct ListArgs {
    /// How names stand in the list [default: by its ending: .csv, .zone, else lines]
    #[arg(long, value_name = "KIND")]
    pub(crate) input: Option<InputWord>,
    /// The column of a CSV that holds the names: its title in the first row, or its number from 1 [default: 1]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) column: Option<String>,
    /// Where the relative names of a zone file start, unless it says so itself with $ORIGIN
    #[arg(long, value_name = "NAME")]
    pub(crate) origin: Option<String>,
    /// Who asked not to be looked at: a domain (with all below it), address or network a line
    ///
    /// Such a domain is not asked for, and a mail or policy host with such a name or address is not connected to. The
    /// list is kept with the scan and holds for every worker and for --resume, also when it is not given again.
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude: Option<PathBuf>,
}

/// Where the scan is kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreArgs {
    /// Keep the scan in this file [default: FILE.scan.sqlite]
    #[arg(long, value_name = "FILE", conflicts_with = "queue")]
    pub(crate) store: Option<PathBuf>,
    /// Go on with the scan that is in the store
    ///
    /// How to look and how fast is kept with the scan and need not be said again; what is said anew holds from then on. FILE
    /// is only needed when the list came from standard input and was not read to its end.
    #[arg(long)]
    pub(crate) resume: bool,
    /// When a scan is gone on with: ask once more for the names that had no answer
    #[arg(long)]
    pub(crate) retry_failed: bool,
    /// Keep the scan in PostgreSQL and share it with other machines: postgres://USER@HOST/DATABASE
    ///
    /// The first worker loads the list; the others give the same --name and may leave FILE out. A worker that dies
    /// loses nothing: half a minute later another takes over what it had claimed. A password is best given in PGPASSWORD.
    #[arg(long, value_name = "URL")]
    pub(crate) queue: Option<String>,
    /// The scan's name among those of one --queue [default: the list's name]
    #[arg(long, value_name = "NAME", requires = "queue")]
    pub(crate) name: Option<String>,
}

/// How far to go, how fast, and in whose name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pace")]
pub(crate) struct PaceArgs {
    /// How far to go [default: full]
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<StageWord>,
    /// Questions a second to each resolver in the first stage [default: as many as it answers]
    #[arg(long, value_name = "N")]
    pub(crate) rate: Option<NonZeroU32>,
    /// Questions open at the same time at each resolver in the first stage [default: 256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32_768))]
    pub(crate) in_flight: Option<u32>,
    /// Domains surveyed at the same time in the second stage [default: 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) surveys: Option<u32>,
    /// Seconds to wait for resolvers or a store that do not answer, before stopping so that --resume can go on [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) patience: Option<u64>,
    /// How to reach you: a mail address or an https:// page, shown to policy hosts as part of the User-Agent
    ///
    /// Mail hosts see the name of --helo alone: give one that leads to you.
    #[arg(long, value_name = "CONTACT", value_parser = parse_contact)]
    pub(crate) contact: Option<String>,
}

/// What is written at the end, as `scan export` writes it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Result")]
pub(crate) struct ResultArgs {
    /// At the end, write the result in this format, as `scan export` does [default with -o: jsonl]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ScanFormat>,
    /// What to write: what was seen, or what to think of it [default: evidence for jsonl, else assessment]
    #[arg(long, value_name = "WHAT")]
    pub(crate) what: Option<WhatWord>,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
}

impl ResultArgs {
    /// The format, if anything is to be written.
    pub(crate) fn format(&self) -> Option<ScanFormat> {
        let wanted = self.what.is_some() || self.writing.hits || self.writing.output.is_some();
        self.format.or_else(|| wanted.then_some(ScanFormat::Jsonl))
    }
}

/// How names stand in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputWord {
    /// One name a line; what follows # is a comment
    Lines,
    /// A column of a CSV
    Csv,
    /// The owners of the NS and MX records of a zone file
    Zone,
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StageWord {
    /// The TXT records alone
    Txt,
    /// Also a survey of each domain that has one
    Full,
}

const EXAMPLES: &str = "\
Examples:
  mta-sts scan domains.txt --contact postmaster@example.com
  mta-sts scan ranks.csv --column domain --stage txt --format csv -o found.csv
  mta-sts scan --lab
  mta-sts scan --resume --store domains.txt.scan.sqlite
  mta-sts scan - --store today.sqlite < domains.txt
  mta-sts scan summary domains.txt.scan.sqlite
  mta-sts scan export domains.txt.scan.sqlite --format csv -o domains.csv

Exit codes: 0 all names answered, 7 some had no answer, 130 interrupted (go on
with --resume), 3 the resolver or the store failed (go on with --resume).
SIGUSR1 prints how far it is.";
