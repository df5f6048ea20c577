//! `mta-sts mx`.

use judge::{Assessment, Layer, SeverityProfile};
use protocol::observed::{Evidence, Outcome, SessionOutcome, SmtpSession};

use super::Context;
use super::progress::Progress;
use super::scenario::named;
use super::site::Site;
use crate::cli::{MxArgs, TableFormat};
use crate::exit::{ExitStatus, Stop};
use crate::render::{mx_human, mx_markdown, mx_table, write_json};
use crate::settings::Look;

/// Shows the MX hosts.
pub(crate) async fn mx(args: &MxArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let look = Look::resolve(&args.look, &context.layers)?;
    let domains = named(std::slice::from_ref(&args.domain), args.lab)?;
    let Some(domain) = domains.first() else { return Err(Stop::usage("a domain is needed")) };
    let path = args.table.output.as_deref();
    // Before the look, so that nobody waits for a result that cannot be written.
    let mut output = context.printer.open(path)?;
    let site = Site::open(&look, None, args.lab, &domains).await?;
    let progress = Progress::begin(&context.printer, 1);
    let seen = site.look(domain, &progress.watcher()).await;
    progress.end();
    let evidence = &seen.evidence;
    let assessment = judge::assess(evidence, &seen.history, evidence.taken_at, &SeverityProfile::default());
    let table = mx_table(evidence, &assessment.not_tested);
    let text = match args.table.format.unwrap_or(TableFormat::Human) {
        TableFormat::Human => mx_human(&table, context.printer.paint(path)),
        TableFormat::Json => write_json(&table, args.table.json_pretty)? + "\n",
        TableFormat::Markdown => mx_markdown(&table),
    };
    output.put(text.as_bytes())?;
    output.finish()?;
    Ok(if is_hidden(evidence, &assessment) { ExitStatus::CouldNotCheck } else { ExitStatus::Good })
}

/// Whether our own network hid what the table is for: the MX records, or every session with their hosts.
fn is_hidden(evidence: &Evidence, assessment: &Assessment) -> bool {
    if matches!(evidence.mx.outcome, Outcome::Failed(_) | Outcome::NotTested(_)) {
        return true;
    }
    let reached = |session: &SmtpSession| {
        !matches!(session.outcome, SessionOutcome::NotTested(_) | SessionOutcome::Connect(_))
    };
    let tried = evidence.hosts.iter().any(|host| !host.sessions.is_empty());
    tried
        && !evidence.hosts.iter().flat_map(|host| &host.sessions).any(reached)
        && assessment.not_tested.iter().any(|item| item.layer == Layer::Transport)
}
