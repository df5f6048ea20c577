//! Progress on standard error: on a terminal, and only when it takes over a second.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use outside::{Step, Watcher};

use crate::printer::Printer;
use crate::render::visible;

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// Progress, shown or not.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Begins. Must be called inside the runtime.
    pub(crate) fn begin(printer: &Printer, domains: usize) -> Self {
        let bar = ProgressBar::with_draw_target(Some(domains as u64), ProgressDrawTarget::hidden());
        if !printer.quiet && std::io::stderr().is_terminal() {
            let form = if domains > 1 {
                "{spinner} {pos} of {len}, {elapsed}  {msg}"
            } else {
                "{spinner} {elapsed}  {msg}"
            };
            if let Ok(style) = ProgressStyle::with_template(form) {
                bar.set_style(style);
            }
            let shown = bar.clone();
            tokio::spawn(async move {
                tokio::time::sleep(PATIENCE).await;
                if !shown.is_finished() {
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    shown.enable_steady_tick(Duration::from_millis(100));
                }
            });
        }
        Self { bar }
    }

    /// Shows the steps of looks.
    pub(crate) fn watcher(&self) -> Watcher {
        let bar = self.bar.clone();
        Watcher::new(move |step| {
            let words = match &step {
                Step::Question { name, rtype } => format!("{rtype} {name}"),
                Step::DirectQuestion { server, .. } => format!("asking {server}"),
                Step::Connection { host, address, .. } => format!("{host} {address}"),
                Step::Done => return,
            };
            let short: String = visible(&words).chars().take(50).collect();
            bar.set_message(short);
        })
    }

    /// Runs something that writes to the terminal.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// One domain is done.
    pub(crate) fn one_done(&self) {
        self.bar.inc(1);
    }

    /// All is done: nothing of it stays.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
