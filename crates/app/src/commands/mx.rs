//! `mta-sts mx`.

use super::Context;
use super::check::domains;
use super::progress::Progress;
use super::site::Site;
use crate::cli::{MxArgs, TableFormat};
use crate::exit::{ExitStatus, Stop};
use crate::render::{mx_human, mx_markdown, mx_table, write_json};
use crate::settings::Look;
use protocol::observed::Outcome;

/// Shows the MX hosts.
pub(crate) async fn mx(args: &MxArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let look = Look::resolve(&args.look, &context.layers)?;
    let domains = domains(std::slice::from_ref(&args.domain))?;
    let Some(domain) = domains.first() else { return Err(Stop::usage("a domain is needed")) };
    let site = Site::open(&look, None, args.lab, &domains).await?;
    let progress = Progress::begin(&context.printer, 1);
    let seen = site.look(domain, &progress.watcher()).await;
    progress.end();
    let table = mx_table(&seen.evidence);
    let path = args.output.as_deref();
    let text = match args.format.unwrap_or(TableFormat::Human) {
        TableFormat::Human => mx_human(&table, context.printer.paint(path)),
        TableFormat::Json => write_json(&table, args.json_pretty)? + "\n",
        TableFormat::Markdown => mx_markdown(&table),
    };
    context.printer.put(path, &text)?;
    Ok(match seen.evidence.mx.outcome {
        Outcome::Failed(_) | Outcome::NotTested(_) => ExitStatus::CouldNotCheck,
        _ => ExitStatus::Good,
    })
}
