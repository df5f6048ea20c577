//! A scan from its beginning, or from where it stopped, to its end.

use std::net::SocketAddr;
use std::time::Duration;

use outside::{Clock, Outside, ResolverChoice, Settings, Sweep, SweepSettings, VisitSettings, Visits};
use scan::{End, Progress, Stage, Work};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::opening::{Opened, failed, open};
use super::progress::Shown;
use super::words;
use crate::cli::ScanArgs;
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};
use crate::render::visible;
use crate::settings::{Look, host_name, parse_resolver};

/// How long a claim holds without a sign of life of its worker.
const LEASE: Duration = Duration::from_secs(30);

/// Scans.
pub(crate) async fn run(args: &ScanArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let stop = CancellationToken::new();
    // First, so that the signals are caught before any work begins.
    catch_signals(&stop)?;
    let look = Look::resolve_first(&args.look, &context.layers)?;
    let mut settings = look.settings()?;
    let sweep = sweep(args, &settings)?;
    let clock = Clock::system();
    let Opened { scan, plan, exclusion, source, resume, place, lock } =
        open(args, settings.profile, clock.now().as_millisecond()).await?;
    if args.look.profile.is_some() && settings.profile != plan.profile {
        return Err(Stop::usage(
            "--profile: this scan began with another one; begin a new scan for this one",
        ));
    }
    // The survey of a scan that goes on is the one that it began with.
    settings.profile = plan.profile;
    settings.exclusion = exclusion;
    if let Some(contact) = &args.pace.contact {
        settings.tool = format!("{} (+{contact})", settings.tool);
    }
    let outside = match plan.stage {
        Stage::Txt => None,
        Stage::Full => Some(Outside::new(settings, clock.clone()).map_err(|error| look.cannot_begin(error))?),
    };
    let work = Work {
        sweep,
        outside,
        visits: Visits::new(VisitSettings::default(), clock.clone()),
        surveys: args.pace.surveys as usize,
        owner: format!("{}-{}-{}", host_name(), std::process::id(), clock.now().as_millisecond()),
        lease: LEASE,
        patience: Duration::from_secs(args.pace.patience),
        clock,
    };
    let (tell, told) = watch::channel(Progress::default());
    let shown = Shown::begin(&context.printer, told);
    let result = scan.run(source, work, &tell, &stop).await;
    let last = shown.end().await;
    scan.database().close().await;
    drop(lock);
    let again = |why: &str| format!("{why}; what was done is kept in {place}, go on with: {resume}");
    let end = result.map_err(|error| {
        let mut stopped = failed(error);
        if let Some(stop) = stopped.downcast_mut::<Stop>() {
            stop.message = again(&stop.message);
        }
        stopped
    })?;
    context.printer.put(None, &words::summary(&last.standing, &plan, &place))?;
    Ok(match end {
        End::Stopped => {
            context.printer.talk(visible(&again("interrupted")));
            ExitStatus::Interrupted
        }
        End::Complete if last.standing.failed.total() > 0 => ExitStatus::Partial,
        End::Complete => ExitStatus::Good,
    })
}

/// How the first stage asks: by UDP, of every resolver named.
fn sweep(args: &ScanArgs, settings: &Settings) -> anyhow::Result<SweepSettings> {
    let plain = |choice: ResolverChoice| match choice {
        ResolverChoice::Plain(address) => Ok(vec![address]),
        ResolverChoice::System => Sweep::system_resolvers()
            .map_err(|error| Stop { status: ExitStatus::CouldNotCheck, message: error.to_string() }.into()),
        ResolverChoice::Tls(..) | ResolverChoice::Https(..) => Err(Stop::usage(
            "--resolver: the first stage of a scan asks by plain DNS; name the address of such a resolver",
        )),
    };
    let mut resolvers: Vec<SocketAddr> = Vec::new();
    if args.look.resolver.len() > 1 {
        for text in &args.look.resolver {
            let choice = parse_resolver(text).map_err(|why| Stop::usage(format!("--resolver: {why}")))?;
            resolvers.extend(plain(choice)?);
        }
    } else {
        resolvers = plain(settings.resolver.clone())?;
    }
    Ok(SweepSettings {
        resolvers,
        in_flight: args.pace.in_flight as usize,
        rate: args.pace.rate,
        source_ip: settings.source_ip,
        patience: Some(Duration::from_secs(args.pace.patience)),
        ..SweepSettings::default()
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
