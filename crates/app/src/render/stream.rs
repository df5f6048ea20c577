//! Results one after the other into one output, in whichever format.

use super::human::{Telling, human};
use super::nagios::nagios;
use super::report::Report;
use super::{csv, github, html, json, junit, markdown, sarif};
use crate::cli::{FailOn, Format};
use crate::output::Output;
use crate::printer::Printer;
use crate::settings::Showing;

/// An output under way. Formats that can be written domain by domain are, and flushed each time; the others at the
/// end.
pub(crate) struct Stream {
    format: Format,
    output: Output,
    telling: Telling,
    pretty: bool,
    fail_on: FailOn,
    /// Whether several domains were asked for.
    many: bool,
    written: usize,
    kept: Vec<Report>,
}

impl Stream {
    /// Opens the output.
    pub(crate) fn open(showing: &Showing, printer: &Printer, many: bool) -> anyhow::Result<Self> {
        let path = showing.output.as_deref();
        Ok(Self {
            format: showing.format.value,
            output: printer.open(path)?,
            telling: Telling {
                paint: printer.paint(path),
                quiet: printer.quiet,
                verbose: printer.verbose > 0,
                commands: showing.commands,
            },
            pretty: showing.pretty,
            fail_on: showing.fail_on.value,
            many,
            written: 0,
            kept: Vec::new(),
        })
    }

    /// Takes one result.
    pub(crate) fn take(&mut self, report: Report) -> anyhow::Result<()> {
        let commands = self.telling.commands;
        let between = if self.written == 0 { "" } else { "\n" };
        let text = match self.format {
            Format::Human if self.telling.quiet => human(&report, self.telling),
            Format::Human => format!("{between}{}", human(&report, self.telling)),
            Format::Jsonl => json::write(&json::document(&report, commands), false)? + "\n",
            Format::Markdown => format!("{between}{}", markdown::markdown(&report, commands)),
            Format::Csv if self.written == 0 => csv::head()? + &csv::csv(&report)?,
            Format::Csv => csv::csv(&report)?,
            Format::Github => github::github(&report),
            Format::Json | Format::Html | Format::Sarif | Format::Junit | Format::Nagios => {
                self.kept.push(report);
                return Ok(());
            }
        };
        self.written += 1;
        self.output.put(text.as_bytes())
    }

    /// Writes what was kept, and the end.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        let text = match self.format {
            Format::Json => {
                let documents: Vec<_> =
                    self.kept.iter().map(|report| json::document(report, self.telling.commands)).collect();
                match documents.as_slice() {
                    [only] if !self.many => json::write(only, self.pretty)? + "\n",
                    all => json::write(&all, self.pretty)? + "\n",
                }
            }
            Format::Html => html::html(&self.kept, self.telling.commands),
            Format::Sarif => json::write(&sarif::sarif(&self.kept), self.pretty)? + "\n",
            Format::Junit => junit::junit(&self.kept, self.fail_on),
            Format::Nagios => nagios(&self.kept),
            _ => String::new(),
        };
        self.output.put(text.as_bytes())?;
        self.output.finish()
    }
}
