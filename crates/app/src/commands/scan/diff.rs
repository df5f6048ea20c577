//! `mta-sts scan diff`.

use super::comparison::compare;
use super::rows::{Rows, keep_apart};
use crate::cli::{DiffArgs, DiffFormat};
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};
use crate::render::{change_human, diff_head, diff_tail, write_json};
use crate::settings::Scale;

/// Compares two scans.
pub(super) async fn diff(args: &DiffArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    if args.before == "-" && args.after == "-" {
        return Err(Stop::usage("only one of the two scans can come from standard input"));
    }
    let scale = Scale::resolve(&args.scale, &context.layers)?;
    keep_apart(args.output.as_deref(), &[&args.before, &args.after])?;
    let before = Rows::open(&args.before, args.before_name.as_deref()).await?;
    let after = Rows::open(&args.after, args.after_name.as_deref()).await?;
    let path = args.output.as_deref();
    let paint = context.printer.paint(path);
    let mut output = context.printer.open(path)?;
    output.put(diff_head(args.format)?.as_bytes())?;
    let mut first = true;
    let compared = compare(before.stream()?, after.stream()?, &scale, |change| {
        let text = match args.format {
            DiffFormat::Human => change_human(change, paint),
            DiffFormat::Json => {
                format!("{}{}", if first { "" } else { "," }, write_json(change, false)?)
            }
        };
        first = false;
        output.put(text.as_bytes())
    })
    .await?;
    output.put(diff_tail(args.format, &compared, paint)?.as_bytes())?;
    output.finish()?;
    Ok(if compared.changes() > 0 { ExitStatus::Findings } else { ExitStatus::Good })
}
