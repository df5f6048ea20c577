//! Every prefix of steps, cut off and begun again, with whatever policy is wanted then: no sender is ever misled.

use jiff::Timestamp;
use proptest::prelude::*;

use super::journal::Entry;
use super::{Action, Goal, History, Live, Progress, Stage, WantedId, goal, next};

/// The whole world, as far as it matters: two machines that serve, the record, and the journal's lines on disk.
#[derive(Default)]
struct World {
    shelves: [Option<String>; 2],
    record: Option<String>,
    lines: Vec<Entry>,
    ids: u32,
    /// Every id and body that a sender may have fetched together.
    seen: Vec<(String, String)>,
    now: Timestamp,
}

impl World {
    /// Senders look at every moment, at every machine.
    fn looked_at(&mut self) {
        let Some(id) = &self.record else { return };
        for body in self.shelves.iter().flatten() {
            let pair = (id.clone(), body.clone());
            if !self.seen.contains(&pair) {
                self.seen.push(pair);
            }
        }
    }

    /// Someone else puts another policy onto every machine.
    fn edited(&mut self, body: &str) {
        self.shelves = [Some(body.to_owned()), Some(body.to_owned())];
        self.looked_at();
    }

    /// Someone puts the record that was printed last into DNS.
    fn pasted(&mut self) {
        let history = History::of(&self.lines);
        let printed = history.versions().iter().rfind(|version| matches!(version.stage, Stage::Printed(_)));
        if let Some(version) = printed {
            self.record = Some(version.id.clone());
        }
        self.looked_at();
    }

    /// One run that is killed after `steps` steps; whether it came to its end.
    fn run(&mut self, wanted: &str, mut steps: usize, prints: bool) -> bool {
        self.ids += 1;
        let fresh = self.ids.to_string();
        let history = History::of(&self.lines);
        let served = self.shelves[0].clone().filter(|body| self.shelves[1].as_ref() == Some(body));
        let live = Live { id: self.record.as_deref(), body: served.as_deref() };
        let at = self.now;
        let (id, mut version) = match goal(&history, wanted, WantedId::Fresh(&fresh), live).expect("fresh") {
            Goal::Begin { id } => (id, None),
            Goal::Continue { version } => {
                (history.version(version).expect("known").id.clone(), Some(version))
            }
            Goal::Adopt { id } => {
                let entry = Entry::Found { at, version: 1, id: id.clone(), body: wanted.to_owned() };
                self.lines.push(entry);
                (id, Some(1))
            }
        };
        let mut confirmed = false;
        loop {
            self.looked_at();
            if steps == 0 {
                return false;
            }
            steps -= 1;
            let history = History::of(&self.lines);
            let known = version.and_then(|number| history.version(number));
            let progress = Progress {
                noted: known.is_some(),
                placed: self.shelves.iter().all(|body| body.as_deref() == Some(wanted)),
                confirmed,
                live: self.record.as_deref() == Some(&id),
                recorded: known.is_some_and(|known| matches!(known.stage, Stage::Announced(_))),
            };
            match next(&progress) {
                Action::Note => {
                    let number = history.next_number();
                    version = Some(number);
                    let (id, body) = (id.clone(), wanted.to_owned());
                    self.lines.push(Entry::Placing { at, version: number, id, body, back_to: None });
                }
                // One machine after the other: it may be cut off between them.
                Action::Place => {
                    let shelf = self.shelves.iter_mut().find(|body| body.as_deref() != Some(wanted));
                    *shelf.expect("one differs") = Some(wanted.to_owned());
                }
                Action::Confirm => confirmed = true,
                Action::Announce => {
                    // What senders must never see: a new id, and an old body.
                    assert!(self.shelves.iter().all(|body| body.as_deref() == Some(wanted)));
                    assert!(self.seen.iter().all(|(seen, body)| *seen != id || body == wanted));
                    if prints {
                        self.lines.push(Entry::Printed { at, version: version.expect("noted") });
                        return true;
                    }
                    self.record = Some(id.clone());
                }
                Action::Record => self.lines.push(Entry::Announced { at, version: version.expect("noted") }),
                Action::Done => return true,
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_sender_fetched_it_learns_of_the_end(
        runs in proptest::collection::vec((0..3_usize, 0..9_usize, any::<bool>(), any::<bool>()), 0..12),
        last in 0..3_usize,
        foreign in proptest::option::of(0..12_usize),
        edited in proptest::option::of(0..12_usize),
    ) {
        const BODIES: [&str; 3] = ["a", "b", "c"];
        let mut world = World::default();
        for (index, (body, steps, prints, pasted)) in runs.into_iter().enumerate() {
            if foreign == Some(index) {
                // Someone else writes a record of their own.
                world.record = Some("foreign".to_owned());
            }
            if edited == Some(index) {
                world.edited("x");
            }
            world.run(BODIES[body], steps, prints);
            if pasted {
                world.pasted();
            }
        }
        prop_assert!(world.run(BODIES[last], 20, false), "it comes to its end");
        world.looked_at();
        let end = world.record.clone().expect("a record");
        for (id, body) in &world.seen {
            // A sender that keeps a policy compares ids alone (RFC 8461 §3.1).
            prop_assert!(*id != end || body == BODIES[last], "{id} {body}");
        }
        // The same again changes nothing.
        let lines = world.lines.len();
        prop_assert!(world.run(BODIES[last], 20, false));
        prop_assert_eq!((world.lines.len(), world.record), (lines, Some(end)));
    }
}
