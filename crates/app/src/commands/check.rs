//! `mta-sts check`.

use std::path::Path;
use std::pin::pin;

use futures_util::StreamExt as _;
use tokio::sync::Semaphore;

use super::abreast::abreast;
use super::progress::Progress;
use super::run::{Judging, Run};
use super::scenario::named;
use super::showcase::showcase;
use super::site::Site;
use super::{Context, until_interrupted};
use crate::capsule::Recorded;
use crate::cli::CheckArgs;
use crate::exit::{ExitStatus, Stop};
use crate::memory::Memory;
use crate::settings::{Look, Showing};

/// Domains looked at at the same time: enough to hide waiting, few enough to stay polite.
const PARALLEL: usize = 16;

/// Looks at domains and judges what was seen.
pub(crate) async fn check(args: &CheckArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let look = Look::resolve(&args.look, &context.layers)?;
    let showing = Showing::resolve(&args.output, &context.layers)?;
    let judging = Judging::resolve(&args.judging.scale, args.require, &args.expect, &showing, context)?;
    let domains = named(&args.domains, args.lab)?;
    if args.record.as_deref().is_some_and(|path| path == Path::new("-")) {
        return Err(Stop::usage("--record needs a file: standard output is for the result"));
    }
    if domains.is_empty() {
        return until_interrupted(showcase(&look, &showing, &judging, args, context)).await;
    }
    let memory = Memory::read(&args.judging.since, &args.judging.with)?;
    memory.hint(&domains, &context.printer);
    let many = domains.len() > 1;
    let mut run = Run::begin(&showing, &judging, context, many, args.record.as_deref())?;
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    let opening = Site::open(&look, args.judging.now, args.lab, &domains);
    let site = tokio::select! {
        // First, so that the signal is caught before any work begins.
        biased;
        _ = &mut interrupted => return Ok(ExitStatus::Interrupted),
        site = opening => site?,
    };

    let progress = Progress::begin(&context.printer, domains.len());
    let watcher = progress.watcher();
    let permits = Semaphore::new(PARALLEL);
    let mut looks = abreast(&domains, &permits, |domain| site.look(domain, &watcher));
    loop {
        let seen = tokio::select! {
            biased;
            _ = &mut interrupted => {
                progress.end();
                return run.interrupted();
            }
            seen = looks.next() => match seen {
                Some(seen) => seen,
                None => break,
            },
        };
        let mut history = memory.of(&seen.evidence.domain);
        if history.looks.is_empty() {
            history.looks = seen.history.looks;
        }
        if history.vantages.is_empty() {
            history.vantages = seen.history.vantages;
        }
        let judged_at = args.judging.now.unwrap_or(seen.evidence.taken_at);
        progress.aside(|| run.take(Recorded { evidence: seen.evidence, history, judged_at }))?;
        progress.one_done();
    }
    progress.end();
    run.finish()
}
