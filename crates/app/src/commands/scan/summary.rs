//! `mta-sts scan summary`.

use futures_util::StreamExt as _;

use super::flatten::judged;
use super::rows::{Rows, keep_apart};
use super::tally::Tally;
use crate::cli::{ScaleArgs, SummaryArgs, TableFormat};
use crate::commands::Context;
use crate::exit::ExitStatus;
use crate::render::{summary_human, summary_json, summary_markdown, write_json};
use crate::settings::Scale;

/// Providers and findings shown of each kind after a scan of the lab.
const TOP: usize = 15;

/// What a scan found, as `scan summary` shows it to people.
pub(super) async fn counted(rows: &Rows, context: &Context) -> anyhow::Result<String> {
    let scale = Scale::resolve(&ScaleArgs::default(), &context.layers)?;
    let (tally, standing) = (tally(rows, &scale).await?, rows.standing().await?);
    Ok(summary_human(&tally, standing.as_ref(), TOP, context.printer.paint(None)))
}

/// Counts what a scan found.
pub(super) async fn summary(args: &SummaryArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let scale = Scale::resolve(&args.scale, &context.layers)?;
    keep_apart(args.output.as_deref(), &[&args.scan.place])?;
    let rows = Rows::open(&args.scan.place, args.scan.name.as_deref()).await?;
    let path = args.output.as_deref();
    let mut output = context.printer.open(path)?;
    let (tally, standing) = (tally(&rows, &scale).await?, rows.standing().await?);
    let standing = standing.as_ref();
    let text = match args.format.unwrap_or(TableFormat::Human) {
        TableFormat::Human => summary_human(&tally, standing, args.top, context.printer.paint(path)),
        TableFormat::Markdown => summary_markdown(&tally, standing, args.top),
        TableFormat::Json => write_json(&summary_json(&tally, standing, args.top), args.json_pretty)? + "\n",
    };
    output.put(text.as_bytes())?;
    output.finish()?;
    Ok(ExitStatus::Good)
}

async fn tally(rows: &Rows, scale: &Scale) -> anyhow::Result<Tally> {
    let mut tally = Tally::default();
    let mut stream = rows.stream()?;
    while let Some(row) = stream.next().await {
        let row = row?;
        let assessment = judged(&row, scale);
        tally.take(&row, assessment.as_ref());
    }
    Ok(tally)
}
