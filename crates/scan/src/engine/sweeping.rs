//! The first stage: chunks are claimed, their TXT records asked for, and what was seen is committed.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use outside::{Batch, Stopwatch, Sweep, SweepHealth, Swept, SweptBatch};
use protocol::Domain;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, Sleep, interval, sleep};

use super::desk::Desk;
use crate::store::{Chunk, Commit};
use crate::{Exclusion, ScanError};

/// Chunks under way at most. A chunk is done when its slowest name is, so there must be more of them than questions in
/// flight, and enough for the sweep to go on while the store writes; each takes about 100 kB.
const MOST_OPEN: usize = 64;
const FEWEST_OPEN: usize = 32;
/// Chunks that lie ready for the sweep, which takes one after the other: it must not run dry during a transaction.
const AHEAD: usize = 12;
/// Chunks claimed or committed in one transaction at most.
const TOGETHER: usize = 16;
/// How long to wait for more when there is nothing to claim.
const IDLE: Duration = Duration::from_secs(1);
/// Of fewer names in a row than this, over all chunks, it is believed that every one fails.
const CREDIBLE: usize = 50;
/// How often a chunk of which every name fails is asked for again while the resolvers answer the control name; then it is
/// believed.
const BELIEVED: usize = 2;
/// How long to wait before anything is asked for again, one after the other; the last for all that follow.
const AGAIN: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8), Duration::from_secs(30)];
/// Asked for with what failed before: a top-level domain that will not go away. Whoever resolves anything has some answer.
const CONTROL: &str = "arpa";

/// What goes on when every question fails: one pause for all, and one chunk at a time to try with.
#[derive(Default)]
struct Trouble {
    /// Names that failed since the last answer to any.
    in_row: usize,
    /// Since when, and how often was waited.
    since: Option<Stopwatch>,
    rounds: usize,
}

/// A chunk under way.
struct Open {
    chunk: Chunk,
    /// How often every name of it failed, and how often while the control name was answered.
    failed: usize,
    proved: usize,
    /// For each name whether it was asked for.
    asked: Vec<bool>,
}

impl Open {
    const fn new(chunk: Chunk) -> Self {
        // Names that failed before and fail again are no sign of trouble: one answer to the control name is enough.
        let proved = if chunk.known.is_some() { BELIEVED - 1 } else { 0 };
        Self { chunk, failed: 0, proved, asked: Vec::new() }
    }

    /// The names to ask for.
    fn names(&mut self, exclusion: &Exclusion) -> Arc<[Domain]> {
        let wanted =
            |(at, name): (usize, &Domain)| self.chunk.answer(at).is_none() && !exclusion.has_name(name);
        self.asked = self.chunk.names.iter().enumerate().map(wanted).collect();
        if !self.has_control() && self.asked.iter().all(|asked| *asked) {
            return Arc::clone(&self.chunk.names);
        }
        let asked = self.chunk.names.iter().zip(&self.asked).filter(|(_, asked)| **asked);
        let control = if self.has_control() { Domain::parse(CONTROL).ok() } else { None };
        asked.map(|(name, _)| name.clone()).chain(control).collect()
    }

    /// Whether the control name is asked for too.
    const fn has_control(&self) -> bool {
        self.failed > 0 || self.chunk.known.is_some()
    }

    /// What is known of all names, given the answers of those asked for.
    fn merged(&self, answers: Vec<Swept>) -> Vec<Swept> {
        let mut answers = answers.into_iter();
        let each = self.asked.iter().enumerate();
        each.filter_map(|(at, asked)| {
            if *asked {
                answers.next()
            } else {
                Some(self.chunk.answer(at).cloned().unwrap_or(Swept::Excluded))
            }
        })
        .collect()
    }
}

impl Desk<'_> {
    /// Sweeps until nothing is left, by this worker or any other.
    pub(super) async fn sweep(&self) -> Result<(), ScanError> {
        let (give, names) = mpsc::channel(AHEAD);
        let (answers, mut take) = mpsc::channel(TOGETHER);
        let sweep = Sweep::new(self.work.sweep.clone(), self.work.clock.clone());
        let mut health = sweep.health();
        let mut running = JoinSet::new();
        running.spawn(sweep.run(names, answers));
        let most = (self.work.sweep.in_flight * self.work.sweep.resolvers.len().max(1) / 16)
            .clamp(FEWEST_OPEN, MOST_OPEN);
        let mut open: HashMap<u64, Open> = HashMap::new();
        let mut ready: VecDeque<Open> = VecDeque::new();
        let (mut ticket, mut dry) = (0_u64, false);
        let (mut hold, mut trouble): (Option<Pin<Box<Sleep>>>, _) = (None, Trouble::default());
        // One for the whole loop: whatever else happens, its time comes.
        let mut idle = interval(IDLE);
        idle.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let room = most.saturating_sub(open.len() + ready.len());
            if room > 0 && !dry && hold.is_none() {
                let claimed = self.claim(room.min(TOGETHER)).await?;
                dry = claimed.is_empty();
                ready.extend(claimed.into_iter().map(Open::new));
            }
            if dry && open.is_empty() && ready.is_empty() && self.is_swept().await? {
                break;
            }
            let may_give =
                !ready.is_empty() && hold.is_none() && (trouble.since.is_none() || open.is_empty());
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(ended) = running.join_next() => {
                    // It ends by itself only when it cannot go on.
                    ended.map_err(|error| ScanError::Died(error.to_string()))??;
                    return Err(ScanError::Died("the sweep".to_owned()));
                }
                Some(first) = take.recv() => {
                    let mut batches = vec![first];
                    while batches.len() < TOGETHER && let Ok(next) = take.try_recv() {
                        batches.push(next);
                    }
                    if let Some(wait) = self.bring_back(batches, &mut open, &mut ready, &mut trouble).await? {
                        hold = Some(Box::pin(sleep(wait)));
                    }
                    dry = false;
                }
                permit = give.reserve(), if may_give => {
                    if let (Ok(permit), Some(next)) = (permit, ready.pop_front()) {
                        let mut next = next;
                        ticket += 1;
                        permit.send(Batch { ticket, names: next.names(&self.exclusion()) });
                        open.insert(ticket, next);
                    }
                }
                () = self.chunks.notified(), if dry => dry = false,
                _ = idle.tick() => dry = false,
                () = over(&mut hold) => {
                    hold = None;
                }
                Ok(()) = health.changed() => self.hear(&mut health),
            }
        }
        self.all_swept.send_replace(true);
        self.hits.notify_one();
        Ok(())
    }

    async fn claim(&self, most: usize) -> Result<Vec<Chunk>, ScanError> {
        let claimed = self
            .patiently("claiming", async || self.scan.claim_chunks(&self.claimant, self.now(), most).await)
            .await?;
        self.take_chunks(&claimed);
        Ok(claimed)
    }

    /// Whether all of the list is loaded and swept.
    async fn is_swept(&self) -> Result<bool, ScanError> {
        if self.scan.database().is_shared() {
            // Others sweep too, and may die over it.
            self.refresh().await?;
        }
        Ok(self.standing(|standing| standing.loaded && standing.swept >= standing.intake.names))
    }

    /// Commits what came back; how long to hold on if it is not to be believed.
    async fn bring_back(
        &self,
        batches: Vec<SweptBatch>,
        open: &mut HashMap<u64, Open>,
        ready: &mut VecDeque<Open>,
        trouble: &mut Trouble,
    ) -> Result<Option<Duration>, ScanError> {
        let (mut swept, mut hold) = (Vec::new(), None);
        for SweptBatch { ticket, mut answers } in batches {
            let Some(mut done) = open.remove(&ticket) else { continue };
            if answers.iter().any(|answer| !matches!(answer, Swept::Failed(_))) {
                *trouble = Trouble::default();
                self.trouble("sweeping", None);
            } else {
                trouble.in_row = trouble.in_row.saturating_add(answers.len());
            }
            // The answer to the control name, which is not of the chunk.
            let control = if done.has_control() { answers.pop() } else { None };
            let is_failure = |answer: &Swept| matches!(answer, Swept::Failed(_));
            done.proved += usize::from(control.is_some_and(|answer| !is_failure(&answer)));
            let again = !answers.is_empty()
                && answers.iter().all(is_failure)
                && (trouble.in_row >= CREDIBLE || done.has_control())
                && done.proved < BELIEVED;
            if again {
                done.failed += 1;
                hold = Some(AGAIN.get(trouble.rounds).or(AGAIN.last()).copied().unwrap_or_default());
                ready.push_front(done);
            } else {
                let answers = done.merged(answers);
                swept.push((done.chunk, answers));
            }
        }
        if let Some(wait) = hold {
            let since = trouble.since.get_or_insert_with(|| self.work.clock.stopwatch());
            trouble.rounds += usize::from(open.is_empty());
            let (passed, patience) = (since.elapsed(), self.work.patience);
            if trouble.in_row > 0 && passed >= patience {
                return Err(ScanError::Resolvers(passed.as_secs()));
            }
            let words = format!(
                "every one of many questions failed, so the resolvers may be in trouble; asking again in {} s",
                wait.as_secs()
            );
            self.trouble("sweeping", Some(words));
            self.tell();
        }
        if !swept.is_empty() {
            let commits =
                self.patiently("committing", async || self.scan.commit_chunks(&swept).await).await?;
            self.drop_chunks(swept.iter().map(|(chunk, _)| chunk));
            let kept = commits.iter().zip(&swept).filter(|(commit, _)| **commit == Commit::Kept);
            for (_, (chunk, answers)) in kept {
                self.count(|standing| standing.add(answers, chunk.known.as_deref()));
            }
            self.hits.notify_one();
            self.tell();
        }
        Ok(hold)
    }

    fn hear(&self, health: &mut watch::Receiver<SweepHealth>) {
        let health = health.borrow_and_update();
        self.set_silent(&health.silent);
        let words = "no resolver answers anything; no name counts as unanswered for that";
        self.trouble("resolvers", health.paused.then(|| words.to_owned()));
    }
}

/// The end of a pause, if there is one.
async fn over(hold: &mut Option<Pin<Box<Sleep>>>) {
    match hold {
        Some(hold) => hold.await,
        None => std::future::pending().await,
    }
}
