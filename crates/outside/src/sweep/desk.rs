//! Batches on the desk: taken, not yet given back.

use std::collections::VecDeque;
use std::sync::Arc;

use protocol::Domain;

use super::settings::{Batch, SweptBatch};
use super::{SweepFailure, Swept};

/// Names on the desk at most, so that memory does not grow with the list: some fifty octets each. A batch stays until
/// its slowest name is given up, so this is also how far the sweep runs ahead of names that nobody answers for.
const MAX_NAMES: usize = 262_144;

/// The batches being worked on, and those that are done.
#[derive(Debug, Default)]
pub(super) struct Desk {
    open: slab::Slab<Open>,
    names: usize,
    /// Where the next name is taken from.
    next: Option<(usize, usize)>,
    /// Batches with all their answers.
    pub(super) done: VecDeque<SweptBatch>,
}

#[derive(Debug)]
struct Open {
    ticket: u64,
    names: Arc<[Domain]>,
    answers: Vec<Option<Swept>>,
    left: usize,
}

impl Desk {
    /// Whether another batch is wanted.
    pub(super) fn has_room(&self) -> bool {
        self.next.is_none() && self.done.is_empty() && self.names < MAX_NAMES
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.done.is_empty()
    }

    pub(super) fn put(&mut self, batch: Batch) {
        let Batch { ticket, names } = batch;
        if names.is_empty() {
            self.done.push_back(SweptBatch { ticket, answers: Vec::new() });
            return;
        }
        let left = names.len();
        self.names += left;
        let answers = std::iter::repeat_with(|| None).take(left).collect();
        self.next = Some((self.open.insert(Open { ticket, names, answers, left }), 0));
    }

    /// The next name to ask for: its batch and its place there.
    pub(super) fn take(&mut self) -> Option<(usize, usize)> {
        let (batch, index) = self.next?;
        let more = self.open.get(batch).is_some_and(|open| index + 1 < open.names.len());
        self.next = more.then_some((batch, index + 1));
        Some((batch, index))
    }

    pub(super) fn name(&self, batch: usize, index: usize) -> &str {
        self.open.get(batch).and_then(|open| open.names.get(index)).map_or("", Domain::as_str)
    }

    pub(super) fn answer(&mut self, batch: usize, index: usize, answer: Swept) {
        let Some(open) = self.open.get_mut(batch) else { return };
        let Some(slot @ None) = open.answers.get_mut(index) else { return };
        *slot = Some(answer);
        open.left -= 1;
        if open.left == 0 {
            let Open { ticket, names, answers, .. } = self.open.remove(batch);
            self.names -= names.len();
            // None is empty: each was counted.
            let unsent = || Swept::Failed(SweepFailure::Unsent);
            let answers = answers.into_iter().map(|answer| answer.unwrap_or_else(unsent)).collect();
            self.done.push_back(SweptBatch { ticket, answers });
        }
    }
}
