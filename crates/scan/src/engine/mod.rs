//! The work itself: the list is loaded, swept and surveyed at the same time, as far as memory and politeness allow.
//!
//! Everything that waits can be stopped; everything that is brought back is in the store, whole or not at all.

mod desk;
mod loading;
mod progress;
mod surveying;
mod surveyors;
mod sweeping;

use std::time::Duration;

use outside::{Clock, Outside, SweepSettings, Visits};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use progress::Progress;

use self::desk::Desk;
use crate::{Scan, ScanError, Source};

/// How a worker works.
#[derive(Debug)]
pub struct Work {
    /// How TXT records are asked for.
    pub sweep: SweepSettings,
    /// What looks at the hits; `None` for the first stage alone.
    pub outside: Option<Outside>,
    /// What surveys share of mail hosts, and how politely they visit them.
    pub visits: Visits,
    /// Surveys at the same time, at least 1.
    pub surveys: usize,
    /// This worker's name, unlike any other's, also of the same machine and of an earlier time.
    pub owner: String,
    /// How long a claim holds without a sign of life. Clocks of workers that share a store should differ by less.
    pub lease: Duration,
    /// How long to wait for a store that is full or does not answer before giving up; what is done stays in it.
    pub patience: Duration,
    /// The clock.
    pub clock: Clock,
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing is left to do.
    Complete,
    /// It was stopped; it can be gone on with.
    Stopped,
}

impl Scan {
    /// Works on the scan until nothing is left to do, by this worker or any other, or until `stop`. `source` is the list,
    /// opened where loading goes on ([`Scan::mark`]); a worker that shares a store with another that loads it needs none.
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Why it cannot go on; never for a name of the list. What was done is in the store, and what was claimed and not
    /// done is given back if the store can still be reached, else after [`Work::lease`].
    pub async fn run(
        &self,
        source: Option<Source>,
        work: Work,
        progress: &watch::Sender<Progress>,
        stop: &CancellationToken,
    ) -> Result<End, ScanError> {
        // However this ends, also by an error or dropped: what runs on threads of its own ends with it.
        let stop = &stop.child_token();
        let _end = stop.clone().drop_guard();
        let desk = Desk::new(self, work, progress, stop).await?;
        let result = tokio::select! {
            // Fair: each of them must get its turn.
            done = async { tokio::try_join!(desk.load(source), desk.sweep(), desk.survey()) } => done.map(drop),
            ended = desk.keep_time() => ended,
        };
        let released = desk.release().await;
        desk.tell();
        result?;
        released?;
        Ok(if desk.is_complete() { End::Complete } else { End::Stopped })
    }
}
