//! `mta-sts scan export`, and `scan judge`, which is the same by today's rules.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use database::DatabaseFault;
use futures_util::StreamExt as _;
use judge::Assessment;
use scan::Row;
use scan::sink::{CsvSink, ParquetSink, RowLine, SinkError, SqliteSink};
use tempfile::TempPath;

use super::flatten::{flatten, judged};
use super::rows::{Rows, keep_apart};
use super::verdicts::verdicts;
use crate::cli::{ExportArgs, JudgeFormat, RejudgeArgs, ResultArgs, ScanFormat, WhatWord, WritingArgs};
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};
use crate::output::Output;
use crate::render::{Report, document, write_json};
use crate::settings::Scale;

/// Writes a scan for other programs.
pub(super) async fn export(args: &ExportArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let what = what(args.what, args.format)?;
    let scale = Scale::resolve(&args.scale, &context.layers)?;
    keep_apart(args.writing.output.as_deref(), &[&args.scan.place])?;
    let rows = Rows::open(&args.scan.place, args.scan.name.as_deref()).await?;
    let form = Form { format: args.format, what, writing: &args.writing, scale: &scale };
    write(&rows, &args.scan.place, form, context).await?;
    Ok(ExitStatus::Good)
}

/// Judges a scan again.
pub(super) async fn rejudge(args: &RejudgeArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let scale = Scale::resolve(&args.scale, &context.layers)?;
    keep_apart(args.writing.output.as_deref(), &[&args.scan.place])?;
    let rows = Rows::open(&args.scan.place, args.scan.name.as_deref()).await?;
    let format = match args.format {
        JudgeFormat::Human => {
            verdicts(&rows, &args.writing, &scale, context).await?;
            return Ok(ExitStatus::Good);
        }
        JudgeFormat::Jsonl => ScanFormat::Jsonl,
        JudgeFormat::Csv => ScanFormat::Csv,
        JudgeFormat::Parquet => ScanFormat::Parquet,
        JudgeFormat::Sqlite => ScanFormat::Sqlite,
    };
    let form = Form { format, what: WhatWord::Assessment, writing: &args.writing, scale: &scale };
    write(&rows, &args.scan.place, form, context).await?;
    Ok(ExitStatus::Good)
}

/// Makes sure before a scan that its result can be written after it; `apart` must not be lost by that.
pub(super) fn try_result(args: &ResultArgs, apart: &[&Path], context: &Context) -> anyhow::Result<()> {
    let Some(format) = args.format() else { return Ok(()) };
    what(args.what, format)?;
    Scale::resolve(&args.scale, &context.layers)?;
    let path = args.writing.output.as_deref();
    let apart: Vec<String> = apart.iter().map(|path| path.display().to_string()).collect();
    keep_apart(path, &apart.iter().map(String::as_str).collect::<Vec<_>>())?;
    not_for_terminals(format, path)?;
    // What is begun and dropped leaves the place as it was.
    context.printer.open(path).map(drop)
}

/// Writes the result of a scan that has come to its end, if one is wanted.
pub(super) async fn write_result(
    args: &ResultArgs,
    rows: &Rows,
    place: &str,
    context: &Context,
) -> anyhow::Result<()> {
    let Some(format) = args.format() else { return Ok(()) };
    let scale = Scale::resolve(&args.scale, &context.layers)?;
    let form = Form { format, what: what(args.what, format)?, writing: &args.writing, scale: &scale };
    write(rows, place, form, context).await
}

/// How a result is written.
struct Form<'a> {
    format: ScanFormat,
    what: WhatWord,
    writing: &'a WritingArgs,
    scale: &'a Scale,
}

fn what(word: Option<WhatWord>, format: ScanFormat) -> anyhow::Result<WhatWord> {
    match (word, format) {
        (Some(WhatWord::Evidence), ScanFormat::Csv | ScanFormat::Parquet | ScanFormat::Sqlite) => {
            Err(Stop::usage(
                "--what evidence needs --format jsonl: the other formats have flat columns, which are judged",
            ))
        }
        (Some(what), _) => Ok(what),
        (None, ScanFormat::Jsonl) => Ok(WhatWord::Evidence),
        (None, _) => Ok(WhatWord::Assessment),
    }
}

async fn write(rows: &Rows, place: &str, form: Form<'_>, context: &Context) -> anyhow::Result<()> {
    let Form { format, what, writing, scale } = form;
    let mut sink = Sink::open(format, what, writing.output.as_deref(), place, context).await?;
    let mut stream = rows.stream()?;
    while let Some(row) = stream.next().await {
        let row = row?;
        if writing.hits && !row.swept.is_hit() {
            continue;
        }
        let assessment = match what {
            WhatWord::Assessment => judged(&row, scale),
            WhatWord::Evidence => None,
        };
        sink.take(row, assessment).await?;
    }
    drop(stream);
    sink.finish().await
}

fn not_for_terminals(format: ScanFormat, path: Option<&Path>) -> anyhow::Result<()> {
    let to_terminal = path.is_none_or(|path| path == Path::new("-")) && std::io::stdout().is_terminal();
    if to_terminal && matches!(format, ScanFormat::Parquet | ScanFormat::Sqlite) {
        return Err(Stop::usage("this format is not for a terminal; name a file with -o"));
    }
    Ok(())
}

/// An output under way.
enum Sink {
    Evidence(Output),
    Assessments(Output),
    Csv(CsvSink<Output>),
    Parquet(Box<ParquetSink<Output>>),
    Sqlite(SqliteSink, Draft),
}

/// A file that only its own library can write, until it is complete.
struct Draft {
    path: TempPath,
    /// Where it goes then.
    output: Output,
}

impl Sink {
    async fn open(
        format: ScanFormat,
        what: WhatWord,
        path: Option<&Path>,
        source: &str,
        context: &Context,
    ) -> anyhow::Result<Self> {
        not_for_terminals(format, path)?;
        let output = context.printer.open(path)?;
        Ok(match (format, what) {
            (ScanFormat::Jsonl, WhatWord::Evidence) => Self::Evidence(output),
            (ScanFormat::Jsonl, WhatWord::Assessment) => Self::Assessments(output),
            (ScanFormat::Csv, _) => Self::Csv(CsvSink::begin(output).map_err(cannot)?),
            (ScanFormat::Parquet, _) => {
                Self::Parquet(Box::new(ParquetSink::begin(output, &crate::tool()).map_err(cannot)?))
            }
            (ScanFormat::Sqlite, _) => {
                // Beside its place, where there is room for it if there is room for the result.
                let folder = path.filter(|path| *path != Path::new("-")).and_then(Path::parent);
                let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
                let folder = match (folder, path) {
                    (Some(folder), _) => folder.to_owned(),
                    (None, Some(path)) if path != Path::new("-") => PathBuf::from("."),
                    (None, _) => std::env::temp_dir(),
                };
                let path = tempfile::Builder::new().prefix(".mta-sts-").tempfile_in(folder)?.into_temp_path();
                let about = [("tool", crate::tool()), ("source", shown(source))];
                let about = about.each_ref().map(|(key, value)| (*key, value.as_str()));
                let sink = SqliteSink::begin(&path, &about).await.map_err(cannot)?;
                Self::Sqlite(sink, Draft { path, output })
            }
        })
    }

    async fn take(&mut self, row: Row, assessment: Option<Assessment>) -> anyhow::Result<()> {
        match self {
            Self::Evidence(output) => put_line(output, &RowLine::from(&row)),
            Self::Assessments(output) => {
                let (Some(evidence), Some(assessment)) = (row.evidence, assessment) else { return Ok(()) };
                let report = Report { evidence, assessment, compared: Vec::new(), status: ExitStatus::Good };
                put_line(output, &document(&report, false))
            }
            Self::Csv(sink) => sink.take(&flatten(&row, assessment.as_ref()).flat).map_err(cannot),
            Self::Parquet(sink) => sink.take(flatten(&row, assessment.as_ref()).flat).map_err(cannot),
            Self::Sqlite(sink, _) => sink.take(&flatten(&row, assessment.as_ref())).await.map_err(cannot),
        }
    }

    async fn finish(self) -> anyhow::Result<()> {
        match self {
            Self::Evidence(output) | Self::Assessments(output) => output.finish(),
            Self::Csv(sink) => sink.finish().map_err(cannot)?.finish(),
            Self::Parquet(sink) => sink.finish().map_err(cannot)?.finish(),
            Self::Sqlite(sink, mut draft) => {
                sink.finish().await.map_err(cannot)?;
                let mut file = std::fs::File::open(&draft.path)?;
                std::io::copy(&mut file, &mut draft.output)?;
                draft.output.finish()
            }
        }
    }
}

fn put_line(output: &mut Output, value: &impl serde::Serialize) -> anyhow::Result<()> {
    let line = write_json(value, false)? + "\n";
    Ok(output.write_all(line.as_bytes())?)
}

/// The scan's place, without a password.
fn shown(source: &str) -> String {
    database::Place::parse(source).map(|place| place.to_string()).unwrap_or_default()
}

fn cannot(error: SinkError) -> anyhow::Error {
    if let SinkError::Database(stored) = &error
        && stored.fault() == DatabaseFault::Unique
    {
        return Stop::usage(
            "two rows have the same position: they are of several scans, put together; write each scan to a file of its own",
        );
    }
    Stop { status: ExitStatus::Internal, message: format!("the output cannot be written: {error}") }.into()
}
