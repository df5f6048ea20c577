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

impl Desk<'_> {
    /// Loads the rest of the list, or waits until somebody has.
    pub(super) async fn load(&self, source: Option<Source>) -> Result<(), ScanError> {
        let mut loaded = self.patiently("loading", async || self.scan.loaded().await).await?;
        let Some(source) = source.filter(|_| !loaded.whole) else { return self.wait_for_list(loaded).await };
        self.set_length(source.length());
        let (give, mut take) = mpsc::channel(2);
        let exclusion = self.exclusion();
        // Files and pipes are read by a thread of their own.
        let reading = tokio::task::spawn_blocking(move || read(source, &exclusion, &give));
        loop {
            let piece = tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
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
        match reading.await {
            Ok(Ok(())) => self.wait_for_list(loaded).await,
            Ok(Err(error)) => Err(error.into()),
            Err(error) => Err(ScanError::Died(error.to_string())),
        }
    }

    async fn wait_for_list(&self, mut loaded: Loaded) -> Result<(), ScanError> {
        let mut moved = self.work.clock.stopwatch();
        while !loaded.whole {
            if !self.scan.database().is_shared() {
                return Err(ScanError::ListNeeded);
            }
            self.trouble("the list", Some("waiting for the worker that loads the list".to_owned()));
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(LOOK) => {}
            }
            let next = self.patiently("loading", async || self.scan.loaded().await).await?;
            if next.mark != loaded.mark {
                moved = self.work.clock.stopwatch();
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
        Ok(())
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
