//! `mta-sts ready`.

use judge::{Reports, assess, ready as judge_ready};

use super::Context;
use super::progress::Progress;
use super::scenario::named;
use super::site::Site;
use crate::capsule::{Capsule, Recorded};
use crate::cli::{ReadyArgs, TableFormat};
use crate::exit::{ExitStatus, Stop};
use crate::memory::Memory;
use crate::render::{readiness_human, readiness_json, readiness_markdown, write_json};
use crate::settings::{Look, Scale};

/// Answers whether it is safe to enforce: good only when every gate passes.
pub(crate) async fn ready(args: &ReadyArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let scale = Scale::resolve(&args.judging.scale, &context.layers)?;
    let domains = named(std::slice::from_ref(&args.domain), args.lab)?;
    let Some(domain) = domains.first() else { return Err(Stop::usage("a domain is needed")) };
    let path = args.table.output.as_deref();
    let reports = if args.reports.is_some() { Reports::NotRead } else { Reports::NotGiven };
    let memory = Memory::read(&args.judging.since, &args.judging.with)?;
    memory.hint(&domains, &context.printer);
    let mut output = context.printer.open(path)?;
    let recorded = match &args.capsule {
        Some(path) => {
            let (all, _) = Capsule::read(path)?.into_parts();
            let found = all.into_iter().find(|recorded| recorded.evidence.domain == *domain);
            found
                .ok_or_else(|| Stop::usage(format!("{}: nothing recorded about {domain}", path.display())))?
        }
        None => {
            let look = Look::resolve(&args.look, &context.layers)?;
            let site = Site::open(&look, args.judging.now, args.lab, &domains).await?;
            let progress = Progress::begin(&context.printer, 1);
            let seen = site.look(domain, &progress.watcher()).await;
            progress.end();
            let judged_at = args.judging.now.unwrap_or(seen.evidence.taken_at);
            Recorded { evidence: seen.evidence, history: seen.history, judged_at }
        }
    };
    let mut history = memory.of(domain);
    history.looks.extend(recorded.history.looks);
    history.looks.sort_by_key(|look| look.taken_at);
    history.vantages.extend(recorded.history.vantages);
    let assessment = assess(&recorded.evidence, &history, recorded.judged_at, scale.yardstick());
    let readiness = judge_ready(&recorded.evidence, &history, &assessment, reports, recorded.judged_at);
    let text = match args.table.format.unwrap_or(TableFormat::Human) {
        TableFormat::Human => readiness_human(&readiness, context.printer.paint(path), context.printer.quiet),
        TableFormat::Json => {
            write_json(&readiness_json(&readiness, &recorded.evidence), args.table.json_pretty)? + "\n"
        }
        TableFormat::Markdown => readiness_markdown(&readiness),
    };
    output.put(text.as_bytes())?;
    output.finish()?;
    Ok(if readiness.ready { ExitStatus::Good } else { ExitStatus::NotReady })
}
