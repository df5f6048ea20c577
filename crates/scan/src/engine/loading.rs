//! The list goes into the store while the work on its beginning is under way.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;

use super::desk::Desk;
use crate::intake::Sieve;
use crate::store::{CHUNK, Loaded};
use crate::{Exclusion, Intake, Mark, ScanError, Source};

/// Names loaded in one transaction.
const NAMES: usize = 4 * CHUNK;
/// Entries read for one transaction at most, names or not.
const ENTRIES: usize = 100_000;
/// How often a worker without the list looks whether another has loaded it.
const LOOK: Duration = Duration::from_secs(2);

/// Some names, what was not taken among them, and how far the list is read.
struct Piece {
    sieve: Sieve,
    counts: Intake,
    mark: Mark,
    whole: bool,
}

/// What came of waiting for the worker that loads the list.
enum Waited {
    /// The list is loaded, or the work was stopped.
    Over,
    /// Nobody loads it any more; how far it is.
    Left(Loaded),
}

impl Desk<'_> {
    /// Loads the rest of the list, or waits until somebody has; whoever has the list too goes on when that one is gone.
    pub(super) async fn load(&self, mut source: Option<Source>) -> Result<(), ScanError> {
        let mut loaded = self.patiently("loading", async || self.scan.loaded().await).await?;
        let list = source.as_ref().and_then(Source::list);
        loop {
            // Opened where the list was read to then; somebody may have read on since.
            let fits = |source: &Source| source.mark().is_some_and(|mark| mark.octets == loaded.mark.octets);
            match source.take().filter(fits) {
                Some(source) if !loaded.whole => loaded = self.read_on(source, loaded).await?,
                _ => {}
            }
            match self.wait_for_list(loaded, list.is_some()).await? {
                Waited::Over => return Ok(()),
                Waited::Left(at) => {
                    source = list.as_ref().map(|list| list.open(&at.mark)).transpose()?;
                    loaded = at;
                }
            }
        }
    }

    /// Loads what is read from `source`, to its end, or until another worker is found to load the same list.
    async fn read_on(&self, source: Source, mut loaded: Loaded) -> Result<Loaded, ScanError> {
        self.set_length(source.length());
        self.trouble("the list", None);
        let (give, mut take) = mpsc::channel(2);
        let exclusion = self.exclusion();
        // Files and pipes are read by a thread of their own.
        let reading = tokio::task::spawn_blocking(move || read(source, &exclusion, &give));
        loop {
            let piece = tokio::select! {
                () = self.stop.cancelled() => return Ok(loaded),
                piece = take.recv() => piece,
            };
            let Some(piece) = piece else { break };
            let before = loaded.mark.clone();
            let mut intake = loaded.intake.clone();
            intake.add(piece.counts);
            let after = Loaded { mark: piece.mark, intake, whole: piece.whole };
            loaded = self
                .patiently("loading", async || self.scan.load(&piece.sieve, &before, after.clone()).await)
                .await?;
            self.count(|standing| {
                standing.intake = loaded.intake.clone();
                standing.octets = loaded.mark.octets;
                standing.loaded = loaded.whole;
            });
            self.chunks.notify_one();
            if loaded.mark != after.mark {
                // Another worker is loading the same list.
                break;
            }
        }
        drop(take);
        reading.await.map_err(|error| ScanError::Died(error.to_string()))??;
        Ok(loaded)
    }

    /// Waits for the worker that loads the list. Who has the list too (`at_hand`) takes over after the time of a claim
    /// without a sign of life; should the other one come back, what counts is who loads a piece first.
    async fn wait_for_list(&self, mut loaded: Loaded, at_hand: bool) -> Result<Waited, ScanError> {
        let mut moved = self.work.clock.stopwatch();
        let lease = Duration::from_millis(u64::try_from(self.claimant.millis).unwrap_or_default());
        while !loaded.whole {
            if self.stop.is_cancelled() {
                return Ok(Waited::Over);
            }
            match (self.scan.database().is_shared(), at_hand) {
                (false, true) => return Ok(Waited::Left(loaded)),
                (false, false) => return Err(ScanError::ListNeeded),
                (true, _) => {}
            }
            self.trouble("the list", Some("waiting for the worker that loads the list".to_owned()));
            tokio::select! {
                () = self.stop.cancelled() => return Ok(Waited::Over),
                () = tokio::time::sleep(LOOK) => {}
            }
            let next = self.patiently("loading", async || self.scan.loaded().await).await?;
            if next.mark != loaded.mark {
                moved = self.work.clock.stopwatch();
            } else if !next.whole && at_hand && moved.elapsed() >= lease {
                return Ok(Waited::Left(next));
            } else if !next.whole && moved.elapsed() >= self.work.patience {
                // Whoever loaded it is gone.
                return Err(ScanError::ListNeeded);
            }
            loaded = next;
            self.chunks.notify_one();
        }
        self.trouble("the list", None);
        self.count(|standing| {
            standing.intake = loaded.intake;
            standing.octets = loaded.mark.octets;
            standing.loaded = true;
        });
        self.chunks.notify_one();
        Ok(Waited::Over)
    }
}

/// Reads the list to its end, or until nobody takes what is read.
fn read(mut source: Source, exclusion: &Exclusion, give: &mpsc::Sender<Piece>) -> io::Result<()> {
    loop {
        let (mut sieve, mut counts, mut entries, mut whole) = (Sieve::default(), Intake::default(), 0, false);
        let mark = loop {
            match source.next_entry()? {
                Some(entry) => sieve.take(entry, exclusion, &mut counts),
                None => whole = true,
            }
            entries += 1;
            if (whole || sieve.len() >= NAMES || entries >= ENTRIES)
                && let Some(mark) = source.mark()
            {
                break mark;
            }
        };
        if give.blocking_send(Piece { sieve, counts, mark, whole }).is_err() || whole {
            return Ok(());
        }
    }
}
