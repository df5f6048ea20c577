//! What the parts of the work share: the claims, the counts, and the patience with a store in trouble.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::progress::{Pace, time_left};
use super::{Progress, Work};
use crate::store::{Chunk, Claimant, Hit, InHand};
use crate::{Exclusion, Scan, ScanError, Stage, Standing};

/// How often progress is told.
const TELL: Duration = Duration::from_secs(1);
/// How often counts are read again that other workers change.
const REFRESH: Duration = Duration::from_secs(5);
/// The first and the longest pause before something is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// The shortest lease: below that a slow moment of the machine would lose claims.
const SHORTEST_LEASE: Duration = Duration::from_secs(3);

/// What the parts of the work share.
pub(super) struct Desk<'a> {
    pub(super) scan: &'a Scan,
    pub(super) work: Work,
    pub(super) claimant: Claimant,
    in_hand: Mutex<InHand>,
    exclusion: Mutex<(i64, Arc<Exclusion>)>,
    pub(super) stop: &'a CancellationToken,
    pub(super) stage: Stage,
    /// New chunks are there.
    pub(super) chunks: Notify,
    /// New hits are there.
    pub(super) hits: Notify,
    /// Nothing is left to sweep.
    pub(super) all_swept: watch::Sender<bool>,
    progress: &'a watch::Sender<Progress>,
    state: Mutex<State>,
}

struct State {
    standing: Standing,
    pace: Pace,
    rates: (f64, f64),
    length: Option<u64>,
    surveys: usize,
    silent: Vec<std::net::SocketAddr>,
    /// What is waited for, by the part that waits.
    troubles: BTreeMap<&'static str, String>,
}

impl<'a> Desk<'a> {
    pub(super) async fn new(
        scan: &'a Scan,
        work: Work,
        progress: &'a watch::Sender<Progress>,
        stop: &'a CancellationToken,
    ) -> Result<Self, ScanError> {
        let lease = work.lease.max(SHORTEST_LEASE);
        let claimant = Claimant {
            owner: work.owner.clone(),
            millis: i64::try_from(lease.as_millis()).unwrap_or(i64::MAX),
        };
        let state = State {
            standing: scan.standing().await?,
            pace: Pace::new(work.clock.stopwatch()),
            rates: (0.0, 0.0),
            length: None,
            surveys: 0,
            silent: Vec::new(),
            troubles: BTreeMap::new(),
        };
        Ok(Self {
            scan,
            claimant,
            in_hand: Mutex::default(),
            exclusion: Mutex::new((scan.revision().await?, Arc::new(scan.exclusion().await?))),
            stop,
            stage: if work.outside.is_some() { Stage::Full } else { Stage::Txt },
            work,
            chunks: Notify::new(),
            hits: Notify::new(),
            all_swept: watch::Sender::new(false),
            progress,
            state: Mutex::new(state),
        })
    }

    /// The time of day in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.work.clock.now().as_millisecond()
    }

    /// Does something with the store, again and again while waiting may help.
    pub(super) async fn patiently<T>(
        &self,
        part: &'static str,
        mut act: impl AsyncFnMut() -> Result<T, ScanError>,
    ) -> Result<T, ScanError> {
        let since = self.work.clock.stopwatch();
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match act().await {
                Ok(done) => {
                    self.state().troubles.remove(part);
                    return Ok(done);
                }
                Err(error) => error,
            };
            if !error.waiting_helps() || since.elapsed() >= self.work.patience || self.stop.is_cancelled() {
                return Err(error);
            }
            self.trouble(part, Some(format!("{error}; trying again")));
            self.tell();
            tokio::select! {
                () = self.stop.cancelled() => return Err(error),
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Renews the claims and tells progress, until the store cannot be reached any more.
    pub(super) async fn keep_time(&self) -> Result<(), ScanError> {
        let mut ticks = tokio::time::interval(TELL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (renewed, refreshed) = (self.work.clock.stopwatch(), self.work.clock.stopwatch());
        let third = Duration::from_millis(u64::try_from(self.claimant.millis / 3).unwrap_or(1_000));
        let (mut renew_at, mut refresh_at) = (third, REFRESH);
        loop {
            ticks.tick().await;
            if renewed.elapsed() >= renew_at {
                self.patiently("renewing claims", async || {
                    let in_hand = self.in_hand().clone();
                    self.claimant.renew(self.scan.database(), self.scan.job(), self.now(), &in_hand).await
                })
                .await?;
                renew_at = renewed.elapsed() + third;
            }
            if self.scan.database().is_shared() && refreshed.elapsed() >= refresh_at {
                self.refresh().await?;
                self.refresh_exclusion().await?;
                refresh_at = refreshed.elapsed() + REFRESH;
            }
            {
                let mut state = self.state();
                let State { standing, pace, .. } = &mut *state;
                let rates = pace.rates(standing);
                state.rates = rates;
            }
            self.tell();
        }
    }

    /// Reads the counts again, which other workers change too.
    pub(super) async fn refresh(&self) -> Result<(), ScanError> {
        let standing = self.patiently("counting", async || self.scan.standing().await).await?;
        self.state().standing = standing;
        Ok(())
    }

    /// Who is excluded, as far as this worker knows.
    pub(super) fn exclusion(&self) -> Arc<Exclusion> {
        Arc::clone(&self.exclusion.lock().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Reads again who is excluded, if another worker has changed it.
    async fn refresh_exclusion(&self) -> Result<(), ScanError> {
        let revision = self.patiently("counting", async || self.scan.revision().await).await?;
        if self.exclusion.lock().unwrap_or_else(PoisonError::into_inner).0 != revision {
            let exclusion = self.patiently("counting", async || self.scan.exclusion().await).await?;
            if let Some(outside) = &self.work.outside {
                outside.exclude(exclusion.clone());
            }
            *self.exclusion.lock().unwrap_or_else(PoisonError::into_inner) = (revision, Arc::new(exclusion));
        }
        Ok(())
    }

    /// Has chunks in hand, so that they are gone on with.
    pub(super) fn take_chunks(&self, chunks: &[Chunk]) {
        self.in_hand().chunks.extend(chunks.iter().map(|chunk| (chunk.number, chunk.token)));
    }

    /// Has chunks no more.
    pub(super) fn drop_chunks<'c>(&self, chunks: impl Iterator<Item = &'c Chunk>) {
        let mut in_hand = self.in_hand();
        for chunk in chunks {
            in_hand.chunks.remove(&chunk.number);
        }
    }

    /// Has hits in hand.
    pub(super) fn take_hits(&self, hits: &[Hit]) {
        self.in_hand().hits.extend(hits.iter().map(|hit| (hit.position, hit.token)));
    }

    /// Has hits no more.
    pub(super) fn drop_hits<'h>(&self, hits: impl Iterator<Item = &'h Hit>) {
        let mut in_hand = self.in_hand();
        for hit in hits {
            in_hand.hits.remove(&hit.position);
        }
    }

    fn in_hand(&self) -> MutexGuard<'_, InHand> {
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the counts by what this worker did.
    pub(super) fn count(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.state().standing);
    }

    pub(super) fn standing<T>(&self, read: impl FnOnce(&Standing) -> T) -> T {
        read(&self.state().standing)
    }

    pub(super) fn set_length(&self, length: Option<u64>) {
        self.state().length = length;
    }

    pub(super) fn set_surveys(&self, surveys: usize) {
        self.state().surveys = surveys;
    }

    pub(super) fn set_silent(&self, silent: &[std::net::SocketAddr]) {
        self.state().silent = silent.to_vec();
    }

    /// Says what a part waits for, or that it waits no more.
    pub(super) fn trouble(&self, part: &'static str, words: Option<String>) {
        let mut state = self.state();
        match words {
            Some(words) => state.troubles.insert(part, words),
            None => state.troubles.remove(part),
        };
    }

    /// Tells whoever watches.
    pub(super) fn tell(&self) {
        let state = self.state();
        let (rate, survey_rate) = state.rates;
        let mut troubles: Vec<String> = state.troubles.values().cloned().collect();
        troubles.dedup();
        self.progress.send_replace(Progress {
            standing: state.standing.clone(),
            length: state.length,
            surveys: state.surveys,
            rate,
            survey_rate,
            time_left: time_left(&state.standing, self.stage, rate, survey_rate),
            troubles,
            silent: state.silent.clone(),
        });
    }

    /// Gives back what was claimed and not done.
    pub(super) async fn release(&self) -> Result<(), ScanError> {
        self.claimant.release(self.scan.database(), self.scan.job()).await
    }

    pub(super) fn is_complete(&self) -> bool {
        self.standing(|standing| standing.is_complete(self.stage))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
