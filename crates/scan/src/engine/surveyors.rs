//! The threads that survey: one for each core, with a runtime of its own.
//!
//! A survey is some dozens of short waits. On a runtime that all threads share each of them would wake another thread,
//! which costs more than what is done then; here whatever belongs to a survey stays on one thread.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use outside::{Outside, Visits, Watcher};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet, LocalSet};
use tokio_util::sync::CancellationToken;

use crate::ScanError;
use crate::store::{Hit, Surveyed};

/// What came of a survey; nothing when the work was stopped over it.
type Ended = Result<Option<Surveyed>, ScanError>;

/// The threads, and what each is doing. They end when this is dropped.
pub(super) struct Surveyors {
    each: Vec<Surveyor>,
    back: mpsc::Receiver<(usize, Ended)>,
    threads: JoinSet<Result<(), ScanError>>,
}

struct Surveyor {
    give: mpsc::Sender<Hit>,
    busy: usize,
}

impl Surveyors {
    /// Starts as many as the machine has cores, and no more than surveys at the same time.
    pub(super) fn start(most: usize, outside: &Outside, visits: &Visits, stop: &CancellationToken) -> Self {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        let (tell, back) = mpsc::channel(most);
        let mut threads = JoinSet::new();
        let each = (0..cores.min(most))
            .map(|number| {
                let (give, take) = mpsc::channel(most);
                let (outside, visits, stop, tell) =
                    (outside.clone(), visits.clone(), stop.clone(), tell.clone());
                threads.spawn_blocking(move || {
                    let runtime = Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .map_err(|error| ScanError::Died(error.to_string()))?;
                    let work = work(number, take, tell, outside, visits, stop);
                    LocalSet::new().block_on(&runtime, work);
                    Ok(())
                });
                Surveyor { give, busy: 0 }
            })
            .collect();
        Self { each, back, threads }
    }

    /// Surveys under way.
    pub(super) fn busy(&self) -> usize {
        self.each.iter().map(|surveyor| surveyor.busy).sum()
    }

    /// Gives a hit to whoever has least to do.
    pub(super) async fn give(&mut self, hit: Hit) -> Result<(), ScanError> {
        let Some(idle) = self.each.iter_mut().min_by_key(|surveyor| surveyor.busy) else { return Ok(()) };
        idle.busy += 1;
        idle.give.send(hit).await.map_err(|_| ScanError::Died("a surveying thread".to_owned()))
    }

    /// The next survey that ends; waits for ever when none is under way. To be asked again when dropped before.
    pub(super) async fn next(&mut self) -> Ended {
        let ended = tokio::select! {
            ended = self.back.recv() => ended,
            Some(thread) = self.threads.join_next() => {
                // It ends by itself only when it cannot go on.
                thread.map_err(died)??;
                None
            }
        };
        let (number, ended) = ended.ok_or_else(|| ScanError::Died("a surveying thread".to_owned()))?;
        self.is_done(number);
        ended
    }

    /// Another survey that has ended, if there is one.
    pub(super) fn another(&mut self) -> Option<Ended> {
        let (number, ended) = self.back.try_recv().ok()?;
        self.is_done(number);
        Some(ended)
    }

    fn is_done(&mut self, number: usize) {
        if let Some(surveyor) = self.each.get_mut(number) {
            surveyor.busy = surveyor.busy.saturating_sub(1);
        }
    }
}

/// What one thread does, until nobody gives it anything.
async fn work(
    number: usize,
    mut take: mpsc::Receiver<Hit>,
    tell: mpsc::Sender<(usize, Ended)>,
    outside: Outside,
    visits: Visits,
    stop: CancellationToken,
) {
    let mut running = JoinSet::new();
    loop {
        let ended = tokio::select! {
            hit = take.recv() => match hit {
                Some(hit) => {
                    running.spawn_local(look(outside.clone(), visits.clone(), hit, stop.clone()));
                    continue;
                }
                None => return,
            },
            Some(ended) = running.join_next() => ended.map_err(died).and_then(|ended| ended),
        };
        if tell.send((number, ended)).await.is_err() {
            return;
        }
    }
}

/// Looks at one domain.
async fn look(outside: Outside, visits: Visits, hit: Hit, stop: CancellationToken) -> Ended {
    let watcher = Watcher::none();
    let domain = hit.domain.clone();
    tokio::select! {
        biased;
        () = stop.cancelled() => Ok(None),
        evidence = outside.survey_sharing(&domain, &watcher, &visits) => Surveyed::of(hit, Some(&evidence)).map(Some),
    }
}

fn died(error: JoinError) -> ScanError {
    ScanError::Died(error.to_string())
}
