//! The second stage: hits are claimed, surveyed, and the evidence is committed.

use std::time::Duration;

use outside::{Outside, Visits, Watcher};
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use crate::store::{Commit, Hit, Surveyed};
use crate::{ScanError, Standing};

/// How long to wait for more hits when there is nothing to claim.
const IDLE: Duration = Duration::from_secs(1);
/// Surveys committed in one transaction at most.
const TOGETHER: usize = 64;

impl Desk<'_> {
    /// Surveys until no hit is left and none can come, by this worker or any other.
    pub(super) async fn survey(&self) -> Result<(), ScanError> {
        let Some(outside) = self.work.outside.clone() else { return Ok(()) };
        self.recall().await?;
        let most = self.work.surveys.max(1);
        // Few at a time would be a transaction for each.
        let enough = (most / 8).max(1);
        let mut all_swept = self.all_swept.subscribe();
        let mut running = JoinSet::new();
        let mut dry = false;
        // One for the whole loop: whatever else happens, its time comes.
        let mut idle = interval(IDLE);
        idle.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let room = most - running.len();
            if !dry && room >= enough {
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
                for hit in hits {
                    let (outside, visits, stop) =
                        (outside.clone(), self.work.visits.clone(), self.stop.clone());
                    // A thread for each: what keeps a survey busy is cryptography, which the cores share this way.
                    running
                        .spawn_blocking(move || Handle::current().block_on(look(outside, visits, hit, stop)));
                }
                self.set_surveys(running.len());
                let excluded: Vec<_> =
                    excluded.into_iter().map(|hit| Surveyed::of(hit, None)).collect::<Result<_, _>>()?;
                self.commit(&excluded).await?;
                if was_all && dry && running.is_empty() && self.is_surveyed().await? {
                    return Ok(());
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(first) = running.join_next() => {
                    let mut done = Vec::from_iter(surveyed(first)?);
                    while done.len() < TOGETHER && let Some(next) = running.try_join_next() {
                        done.extend(surveyed(next)?);
                    }
                    self.set_surveys(running.len());
                    self.commit(&done).await?;
                    dry &= !running.is_empty();
                }
                () = self.hits.notified(), if dry => dry = false,
                _ = idle.tick() => dry = false,
                Ok(()) = all_swept.changed() => dry = false,
            }
        }
        // What is ready is kept; what is under way is given back.
        let mut done = Vec::new();
        while let Some(next) = running.try_join_next() {
            done.extend(surveyed(next)?);
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

/// Looks at one domain; nothing when the work was stopped over it.
async fn look(
    outside: Outside,
    visits: Visits,
    hit: Hit,
    stop: CancellationToken,
) -> Result<Option<Surveyed>, ScanError> {
    let watcher = Watcher::none();
    let domain = hit.domain.clone();
    tokio::select! {
        biased;
        () = stop.cancelled() => Ok(None),
        evidence = outside.survey_sharing(&domain, &watcher, &visits) => Surveyed::of(hit, Some(&evidence)).map(Some),
    }
}

fn surveyed(
    ended: Result<Result<Option<Surveyed>, ScanError>, JoinError>,
) -> Result<Option<Surveyed>, ScanError> {
    ended.map_err(|error| ScanError::Died(error.to_string()))?
}
