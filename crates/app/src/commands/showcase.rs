//! `mta-sts check --lab` without names: the main job, offline, ending with a table of verdicts.

use futures_util::StreamExt as _;
use tokio::sync::Semaphore;

use super::Context;
use super::abreast::abreast;
use super::progress::Progress;
use super::rehearsal::Rehearsal;
use super::run::{Judging, Run};
use super::site::{Site, start_lab};
use crate::capsule::Recorded;
use crate::cli::{CheckArgs, Format};
use crate::exit::{ExitStatus, Stop};
use crate::render::{showcase_table, visible};
use crate::settings::{Look, Showing};

/// Scenarios looked at at the same time: they are all on this machine.
const PARALLEL: usize = 8;

/// Checks the showcase of the lab. For people: a table; other formats: as for any other domains.
pub(crate) async fn showcase(
    look: &Look,
    showing: &Showing,
    judging: &Judging,
    args: &CheckArgs,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    let mut table = Vec::new();
    let (output, mut run) = match showing.format.value {
        Format::Human if args.record.is_some() => {
            return Err(Stop::usage("--record with --lab needs a lab domain, or another --format"));
        }
        Format::Human => (Some(context.printer.open(showing.output.as_deref())?), None),
        _ => (None, Some(Run::begin(showing, judging, context, true, args.record.as_deref())?)),
    };
    let scenarios: Vec<lab::Scenario> =
        lab::catalogue().into_iter().filter(|scenario| scenario.showcase).collect();
    let names = scenarios.iter().map(|scenario| scenario.name.clone()).collect();
    let site = Site::lab(look, args.judging.now, start_lab(names).await?)?;
    let progress = Progress::begin(&context.printer, scenarios.len());
    let permits = Semaphore::new(PARALLEL);
    let mut all = abreast(&scenarios, &permits, |scenario| Rehearsal::of(&site, scenario, context));
    while let Some(rehearsal) = all.next().await {
        let rehearsal = rehearsal?;
        progress.one_done();
        match &mut run {
            None => table.push(rehearsal),
            Some(run) => {
                let evidence = rehearsal.report.evidence;
                let judged_at = evidence.taken_at;
                run.take(Recorded { evidence, history: rehearsal.history, judged_at })?;
            }
        }
    }
    progress.end();
    if let Some(run) = run {
        return run.finish();
    }
    let paint = context.printer.paint(showing.output.as_deref());
    if let Some(mut output) = output {
        output.put(showcase_table(&table, paint).as_bytes())?;
        output.finish()?;
    }
    let as_expected = table.iter().all(Rehearsal::as_expected);
    if let Some(first) = table.iter().find(|rehearsal| !rehearsal.as_expected()) {
        context.printer.talk(format_args!("{}: not as the lab expects", visible(&first.scenario.domain)));
    }
    // The faults are the lab's own: finding them is success.
    Ok(if as_expected { ExitStatus::Good } else { ExitStatus::Findings })
}
