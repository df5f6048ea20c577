//! A scan from its beginning, or from where it stopped, to its end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use outside::{Clock, Outside, Settings, VisitSettings, Visits};
use scan::{End, Progress, Stage, Work};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::export::{try_result, write_result};
use super::lab::LabRoom;
use super::opening::{Opened, failed, open, store_path};
use super::progress::Shown;
use super::rows::Rows;
use super::summary::counted;
use super::words;
use crate::cli::ScanArgs;
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};
use crate::render::visible;
use crate::settings::host_name;

/// How long a claim holds without a sign of life of its worker.
const LEASE: Duration = Duration::from_secs(30);

/// Scans.
pub(crate) async fn run(mut args: ScanArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let stop = CancellationToken::new();
    // First, so that the signals are caught before any work begins.
    catch_signals(&stop)?;
    let room = if args.lab { Some(LabRoom::furnish(&mut args).await?) } else { None };
    let args = &args;
    let store = if args.store.queue.is_some() { None } else { Some(store_path(args)?) };
    let apart: Vec<&Path> = args.file.iter().chain(&store).map(PathBuf::as_path).collect();
    try_result(&args.result, &apart, context)?;
    let clock = Clock::system();
    let Opened { scan, mut plan, manner, exclusion, source, again, place, lock } =
        open(args, context, &clock, room.as_ref().map(|room| &room.lab)).await?;
    let (surveys, patience, sweep) = (manner.surveys, manner.patience, manner.sweep.clone());
    let outside = match plan.stage {
        Stage::Txt => None,
        Stage::Full => {
            let settings = Settings { exclusion, ..manner.settings.clone() };
            Some(Outside::new(settings, clock.clone()).map_err(|error| manner.cannot_begin(error))?)
        }
    };
    let work = Work {
        sweep,
        outside,
        visits: Visits::new(VisitSettings::default(), clock.clone()),
        surveys,
        owner: format!("{}-{}-{}", host_name(), std::process::id(), clock.now().as_millisecond()),
        lease: LEASE,
        patience,
        clock,
    };
    let (tell, told) = watch::channel(Progress::default());
    let shown = Shown::begin(&context.printer, told);
    let result = scan.run(source, work, &tell, &stop).await;
    let last = shown.end().await;
    let again = |why: &str| {
        format!("{why}; what was done is kept in {place}, go on with: {}", again.words(last.standing.loaded))
    };
    let end = match result {
        Ok(end) => end,
        Err(error) => {
            scan.database().close().await;
            let mut stopped = failed(error);
            if let Some(stop) = stopped.downcast_mut::<Stop>() {
                stop.message = again(&stop.message);
            }
            return Err(stopped);
        }
    };
    if room.as_ref().is_some_and(|room| room.has_list) {
        "the lab".clone_into(&mut plan.list);
    }
    let kept = room.as_ref().is_none_or(|room| !room.has_store).then_some(place.as_str());
    let summary = words::summary(&last.standing, &plan, kept);
    if args.result.format().is_some() && args.result.writing.output.is_none() {
        // Standard output is for the result.
        context.printer.talk(summary.trim_end());
    } else {
        context.printer.put(None, &summary)?;
    }
    let rows = Rows::Store(scan);
    if end == End::Complete {
        write_result(&args.result, &rows, &place, context).await?;
        if room.is_some() && args.result.format().is_none() {
            context.printer.put(None, &("\n".to_owned() + &counted(&rows, context).await?))?;
        }
    }
    rows.close().await;
    drop(lock);
    Ok(match end {
        End::Stopped => {
            context.printer.talk(visible(&again("interrupted")));
            ExitStatus::Interrupted
        }
        // The faults are the lab's own.
        End::Complete if last.standing.failed.total() > 0 && !args.lab => ExitStatus::Partial,
        End::Complete => ExitStatus::Good,
    })
}

/// The first wish to end stops the work in good order; the second ends at once.
fn catch_signals(stop: &CancellationToken) -> anyhow::Result<()> {
    let stop = stop.clone();
    #[cfg(unix)]
    let mut signals = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?)
    };
    tokio::spawn(async move {
        for _ in 0..2 {
            #[cfg(unix)]
            tokio::select! {
                _ = signals.0.recv() => {}
                _ = signals.1.recv() => {}
                _ = signals.2.recv() => {}
            }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
            if stop.is_cancelled() {
                std::process::exit(ExitStatus::Interrupted.code().into());
            }
            stop.cancel();
        }
    });
    Ok(())
}
