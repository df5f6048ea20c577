//! A scan from its beginning, or from where it stopped, to its end.

use std::net::SocketAddr;
use std::time::Duration;

use outside::{Clock, Outside, ResolverChoice, Settings, Sweep, SweepSettings};
use protocol::observed::Profile;
use scan::{End, Progress, Stage, Standing, Work};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::opening::{Opened, failed, open};
use super::progress::Shown;
use super::words;
use crate::cli::ScanArgs;
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};
use crate::settings::{Look, host_name, parse_resolver};

/// How long a claim holds without a sign of life of its worker.
const LEASE: Duration = Duration::from_secs(60);

/// Scans.
pub(crate) async fn run(args: &ScanArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let stop = CancellationToken::new();
    // First, so that the signals are caught before any work begins.
    let signals = Signals::catch(&stop)?;
    let look = Look::resolve_first(&args.look, &context.layers)?;
    let mut settings = look.settings()?;
    let sweep = sweep(args, &settings)?;
    let clock = Clock::system();
    let opened = open(args, settings.profile, clock.now().as_millisecond()).await?;
    // The survey of a scan that goes on is the one that it began with.
    settings.profile = opened.plan.profile;
    if args.look.profile.is_some() && profile_of(&look)? != opened.plan.profile {
        return Err(Stop::usage("--profile: this scan began with another one; begin a new scan for this one"));
    }
    if let Some(contact) = &args.pace.contact {
        settings.tool = format!("{} (+{contact})", settings.tool);
    }
    let outside = match opened.plan.stage {
        Stage::Txt => None,
        Stage::Full => {
            Some(Outside::new(settings, clock.clone()).map_err(|error| look.cannot_begin(error))?)
        }
    };
    let work = Work {
        sweep,
        outside,
        surveys: args.pace.surveys as usize,
        owner: format!("{}-{}-{}", host_name(), std::process::id(), clock.now().as_millisecond()),
        lease: LEASE,
        patience: Duration::from_secs(args.pace.patience),
        clock,
    };
    let (tell, told) = watch::channel(Progress::default());
    let shown = Shown::begin(&context.printer, opened.plan.stage, told);
    let Opened { scan, plan, source, resume, place, .. } = &opened_without_source(opened);
    let result = {
        let source = source.lock().ok().and_then(|mut source| source.take());
        scan.run(source, work, &tell, &stop).await
    };
    signals.end();
    let last = shown.end().await;
    let again = |why: &str| format!("{why}; what was done is kept in {place}; go on with:\n  {resume}");
    let end = match result {
        Ok(end) => end,
        Err(error) => {
            let mut stop = failed(error);
            if let Some(inner) = stop.downcast_mut::<Stop>() {
                inner.message = again(&inner.message);
            }
            return Err(stop);
        }
    };
    scan.database().close().await;
    context.printer.put(None, &words::summary(&last.standing, plan, place))?;
    Ok(match end {
        End::Stopped => {
            context.printer.talk(again("interrupted"));
            ExitStatus::Interrupted
        }
        End::Complete => status(&last.standing),
    })
}
