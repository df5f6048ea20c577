//! Progress on standard error: a bar on a terminal, else a line every few seconds; and a line whenever SIGUSR1 comes.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use scan::Progress;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::words;
use crate::printer::Printer;
use crate::render::visible;

/// How often a line is written where there is no terminal.
const LINES: Duration = Duration::from_secs(5);

/// Progress, being shown.
pub(super) struct Shown {
    showing: JoinHandle<()>,
    told: watch::Receiver<Progress>,
    over: CancellationToken,
}

impl Shown {
    /// Begins to show. Must be called inside the runtime.
    pub(super) fn begin(printer: &Printer, told: watch::Receiver<Progress>) -> Self {
        let over = CancellationToken::new();
        let showing = tokio::spawn(show(*printer, told.clone(), over.clone()));
        Self { showing, told, over }
    }

    /// Ends; the last that was told.
    pub(super) async fn end(self) -> Progress {
        self.over.cancel();
        // Whether it could show it to the end changes nothing.
        let _ = self.showing.await;
        self.told.borrow().clone()
    }
}

async fn show(printer: Printer, mut told: watch::Receiver<Progress>, over: CancellationToken) {
    let bar = bar(&printer);
    let mut asked = Asked::new();
    let mut troubles: Vec<String> = Vec::new();
    let mut lines = tokio::time::interval(LINES);
    // The first comes at once.
    lines.tick().await;
    loop {
        let mut due = tokio::select! {
            () = over.cancelled() => break,
            () = asked.next() => true,
            _ = lines.tick() => bar.is_none() && !printer.quiet,
            told = told.changed() => {
                if told.is_err() {
                    break;
                }
                false
            }
        };
        let progress = told.borrow_and_update().clone();
        if progress.troubles != troubles {
            troubles.clone_from(&progress.troubles);
            due |= bar.is_none() && !printer.quiet;
        }
        let line = words::progress(&progress);
        if let Some(bar) = &bar {
            bar.set_length(progress.standing.intake.names.max(1));
            bar.set_position(progress.standing.swept);
            bar.set_message(visible(&line).into_owned());
        }
        if due {
            let text = visible(&line);
            match &bar {
                Some(bar) => bar.suspend(|| say(&text)),
                None => say(&text),
            }
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

/// Says it even when quiet: somebody asked.
fn say(line: &str) {
    // Nobody is left to be told when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn bar(printer: &Printer) -> Option<ProgressBar> {
    if printer.quiet || !std::io::stderr().is_terminal() {
        return None;
    }
    let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_bar} {elapsed}\n{wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    Some(bar)
}

/// SIGUSR1, where there is such a thing.
struct Asked {
    #[cfg(unix)]
    signals: Option<tokio::signal::unix::Signal>,
}

impl Asked {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signals: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::user_defined1()).ok(),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signals) = &mut self.signals
            && signals.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}
