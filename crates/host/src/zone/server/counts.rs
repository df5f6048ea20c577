//! What was answered, for the operator.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Transport;
use crate::zone::Kind;

/// What was answered since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DnsCounts {
    /// Questions by UDP.
    pub udp: u64,
    /// Questions by TCP.
    pub tcp: u64,
    /// Answered with records.
    pub records: u64,
    /// Answered that there is no such record or name.
    pub nothing: u64,
    /// Refused: not our zone, or nothing that we do.
    pub refused: u64,
    /// Questions that could not be read.
    pub malformed: u64,
    /// Answers that asked to come by TCP, because signatures were wanted faster than they are made.
    pub truncated: u64,
    /// No signature could be made.
    pub failed: u64,
    /// Messages that deserved no answer.
    pub ignored: u64,
    /// Answers by UDP that were over a network's limit, whether sent short or not at all.
    pub limited: u64,
    /// Connections that were closed at once, because there were too many.
    pub turned_away: u64,
}

/// The same while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    udp: AtomicU64,
    tcp: AtomicU64,
    records: AtomicU64,
    nothing: AtomicU64,
    refused: AtomicU64,
    malformed: AtomicU64,
    truncated: AtomicU64,
    failed: AtomicU64,
    ignored: AtomicU64,
    limited: AtomicU64,
    turned_away: AtomicU64,
}

impl Counters {
    /// One message and what became of it; `None` for no answer.
    pub(super) fn count(&self, transport: Transport, kind: Option<Kind>) {
        add(match transport {
            Transport::Udp => &self.udp,
            Transport::Tcp => &self.tcp,
        });
        add(match kind {
            None => &self.ignored,
            Some(Kind::Records) => &self.records,
            Some(Kind::Nothing) => &self.nothing,
            Some(Kind::Refused) => &self.refused,
            Some(Kind::Malformed) => &self.malformed,
            Some(Kind::Truncated) => &self.truncated,
            Some(Kind::Failed) => &self.failed,
        });
    }

    pub(super) fn limited(&self) {
        add(&self.limited);
    }

    pub(super) fn turned_away(&self) {
        add(&self.turned_away);
    }

    pub(super) fn read(&self) -> DnsCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DnsCounts {
            udp: read(&self.udp),
            tcp: read(&self.tcp),
            records: read(&self.records),
            nothing: read(&self.nothing),
            refused: read(&self.refused),
            malformed: read(&self.malformed),
            truncated: read(&self.truncated),
            failed: read(&self.failed),
            ignored: read(&self.ignored),
            limited: read(&self.limited),
            turned_away: read(&self.turned_away),
        }
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
