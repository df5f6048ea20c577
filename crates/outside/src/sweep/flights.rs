//! Names that are being asked for, the longest waiting first.

use std::time::Duration;

/// Stands for nobody in the order of waiting.
const NONE: u32 = u32::MAX;

/// A name that is being asked for. Times are since the sweep began.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    /// Its batch.
    pub(super) batch: usize,
    /// Its place in the batch.
    pub(super) index: usize,
    /// Questions sent so far.
    pub(super) tries: u8,
    /// Whom the last one went to.
    pub(super) lane: usize,
    /// The socket that it left by.
    pub(super) door: usize,
    /// Its id there.
    pub(super) id: u16,
    /// When.
    pub(super) sent: Duration,
    /// The line that it stands in.
    line: usize,
    before: u32,
    after: u32,
}

/// All flights. Those that wait for an answer over UDP stand in lines in the order in which they were sent: since all of
/// one line are given the same time, the first is the first to be late, and no timer is needed for any of them.
#[derive(Debug)]
pub(super) struct Flights {
    all: slab::Slab<Flight>,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    first: u32,
    last: u32,
}

impl Flights {
    pub(super) fn new(room: usize, lines: usize) -> Self {
        let empty = Line { first: NONE, last: NONE };
        Self { all: slab::Slab::with_capacity(room), lines: vec![empty; lines] }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn begin(&mut self, batch: usize, index: usize) -> u32 {
        let flight = Flight {
            batch,
            index,
            tries: 0,
            lane: 0,
            door: 0,
            id: 0,
            sent: Duration::ZERO,
            line: 0,
            before: NONE,
            after: NONE,
        };
        // At most 64 × 32,768 are open.
        u32::try_from(self.all.insert(flight)).unwrap_or(NONE)
    }

    pub(super) fn get(&self, key: u32) -> Option<&Flight> {
        self.all.get(key as usize)
    }

    pub(super) fn get_mut(&mut self, key: u32) -> Option<&mut Flight> {
        self.all.get_mut(key as usize)
    }

    /// The end of a flight, which must not stand in line.
    pub(super) fn end(&mut self, key: u32) -> Option<Flight> {
        self.all.try_remove(key as usize)
    }

    /// Puts a flight at the end of a line.
    pub(super) fn line_up(&mut self, key: u32, at: usize) {
        let Some(line) = self.lines.get_mut(at) else { return };
        let Some(flight) = self.all.get_mut(key as usize) else { return };
        let last = std::mem::replace(&mut line.last, key);
        (flight.line, flight.before, flight.after) = (at, last, NONE);
        match self.all.get_mut(last as usize) {
            Some(previous) => previous.after = key,
            None => line.first = key,
        }
    }

    /// Takes a flight out of its line.
    pub(super) fn step_out(&mut self, key: u32) {
        let Some(flight) = self.all.get_mut(key as usize) else { return };
        let (before, after) = (flight.before, flight.after);
        let Some(line) = self.lines.get_mut(flight.line) else { return };
        (flight.before, flight.after) = (NONE, NONE);
        match self.all.get_mut(before as usize) {
            Some(previous) => previous.after = after,
            None => line.first = after,
        }
        match self.all.get_mut(after as usize) {
            Some(next) => next.before = before,
            None => line.last = before,
        }
    }

    /// The flight that has waited longest in a line.
    pub(super) fn oldest(&self, at: usize) -> Option<(u32, &Flight)> {
        let first = self.lines.get(at)?.first;
        self.all.get(first as usize).map(|flight| (first, flight))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The line is what a plain list would be.
        #[test]
        fn the_line_keeps_its_order(steps in proptest::collection::vec((any::<bool>(), any::<prop::sample::Index>()), 0..200)) {
            let mut flights = Flights::new(4, 2);
            let mut model: Vec<u32> = Vec::new();
            for (index, (add, which)) in steps.into_iter().enumerate() {
                if add || model.is_empty() {
                    let key = flights.begin(0, index);
                    flights.line_up(key, 1);
                    model.push(key);
                } else {
                    let key = model.remove(which.index(model.len()));
                    flights.step_out(key);
                    prop_assert!(flights.end(key).is_some());
                }
                prop_assert_eq!(flights.oldest(1).map(|(key, _)| key), model.first().copied());
            }
            while let Some((key, _)) = flights.oldest(1) {
                prop_assert_eq!(key, model.remove(0));
                flights.step_out(key);
                flights.end(key);
            }
            prop_assert!(model.is_empty());
        }
    }
}
