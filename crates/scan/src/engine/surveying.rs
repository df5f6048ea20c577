//! The second stage: hits are claimed, surveyed, and the evidence is committed.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::desk::Desk;
use super::surveyors::Surveyors;
use crate::store::{Commit, Hit, Surveyed};
use crate::{ScanError, Standing};

/// How long to wait for more hits when there is nothing to claim, and for more surveys to commit together.
const IDLE: Duration = Duration::from_secs(1);
/// Hits claimed beyond those that are surveyed.
const AHEAD: usize = 16;
/// Surveys committed in one transaction at most.
const TOGETHER: usize = 64;

impl Desk<'_> {
    /// Surveys until no hit is left and none can come, by this worker or any other.
    pub(super) async fn survey(&self) -> Result<(), ScanError> {
        let Some(outside) = self.work.outside.clone() else { return Ok(()) };
        self.recall().await?;
        let most = self.work.surveys.max(1);
        let mut surveyors = Surveyors::start(most, &outside, &self.work.visits, self.stop);
        let mut all_swept = self.all_swept.subscribe();
        let (mut waiting, mut done) = (VecDeque::new(), Vec::new());
        let mut dry = false;
        // One for the whole loop: whatever else happens, its time comes.
        let mut idle = interval(IDLE);
        idle.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let room = (most + AHEAD).saturating_sub(surveyors.busy() + waiting.len());
            // Few at a time would be a transaction for each.
            if !dry && room >= AHEAD / 2 {
                // What was swept before the claim is among what can be claimed.
                let was_all = *all_swept.borrow_and_update();
                let hits = self
                    .patiently("claiming hits", async || {
                        self.scan.claim_hits(&self.claimant, self.now(), room).await
                    })
                    .await?;
                self.take_hits(&hits);
                dry = hits.len() < room;
                let exclusion = self.exclusion();
                let (excluded, hits): (Vec<Hit>, Vec<Hit>) =
                    hits.into_iter().partition(|hit| exclusion.has_name(&hit.domain));
                waiting.extend(hits);
                let excluded: Vec<_> =
                    excluded.into_iter().map(|hit| Surveyed::of(hit, None)).collect::<Result<_, _>>()?;
                self.commit(&excluded).await?;
                let none = waiting.is_empty() && surveyors.busy() == 0 && done.is_empty();
                if was_all && dry && none && self.is_surveyed().await? {
                    return Ok(());
                }
            }
            while surveyors.busy() < most
                && let Some(hit) = waiting.pop_front()
            {
                surveyors.give(hit).await?;
            }
            self.set_surveys(surveyors.busy());
            tokio::select! {
                () = self.stop.cancelled() => break,
                ended = surveyors.next() => {
                    done.extend(ended?);
                    while done.len() < TOGETHER && let Some(ended) = surveyors.another() {
                        done.extend(ended?);
                    }
                    let last = waiting.is_empty() && surveyors.busy() == 0;
                    if last || done.len() >= TOGETHER {
                        self.commit(&std::mem::take(&mut done)).await?;
                    }
                    dry &= !last;
                }
                () = self.hits.notified(), if dry => dry = false,
                _ = idle.tick() => {
                    self.commit(&std::mem::take(&mut done)).await?;
                    dry = false;
                }
                Ok(()) = all_swept.changed() => dry = false,
            }
        }
        // What is ready is kept; what is under way is given back.
        while let Some(ended) = surveyors.another() {
            done.extend(ended?);
        }
        self.commit(&done).await
    }

    /// Remembers the visits of an earlier run.
    async fn recall(&self) -> Result<(), ScanError> {
        let mut after = String::new();
        while let Some((last, visits)) =
            self.patiently("recalling", async || self.scan.visits(&after).await).await?
        {
            for visit in visits {
                self.work.visits.recall(visit).await;
            }
            after = last;
        }
        Ok(())
    }

    /// Whether every hit is surveyed.
    async fn is_surveyed(&self) -> Result<bool, ScanError> {
        if self.scan.database().is_shared() {
            // Others survey too, and may die over it.
            self.refresh().await?;
        }
        Ok(self.standing(Standing::is_surveyed))
    }

    async fn commit(&self, done: &[Surveyed]) -> Result<(), ScanError> {
        if done.is_empty() {
            return Ok(());
        }
        let visits = self.work.visits.take_new();
        let commits =
            self.patiently("committing hits", async || self.scan.commit_hits(done, &visits).await).await?;
        self.drop_hits(done.iter().map(|done| &done.hit));
        for (_, done) in commits.iter().zip(done).filter(|(commit, _)| **commit == Commit::Kept) {
            self.count(|standing| match done.is_excluded() {
                true => standing.excluded_hits += 1,
                false => standing.surveyed += 1,
            });
        }
        Ok(())
    }
}
