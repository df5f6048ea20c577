//! The log of who was asked what, in order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a visitor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VisitKind {
    /// Asked a DNS question.
    Dns,
    /// Opened a TCP connection.
    Tcp,
    /// Waited for one flight of a TLS handshake.
    Tls,
    /// Sent an HTTP request.
    Http,
    /// Waited for an SMTP reply (the greeting included).
    Smtp,
}

/// One thing that the lab was asked. Each is answered after the lab's delay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// When the question was read, since the lab began.
    pub at: Duration,
    /// What was done.
    pub kind: VisitKind,
    /// The server: its name and documentation address, or the resolver's view.
    pub peer: String,
    /// The question, in words.
    pub what: String,
    /// Which TCP connection it came by, where it did.
    pub connection: Option<u64>,
    /// Names and addresses that the answer to a DNS question gave away.
    pub told: Vec<String>,
}

tokio::task_local! {
    /// The connection that the present task serves.
    pub(crate) static CONNECTION: u64;
}

/// A shared, growing list of visits.
#[derive(Debug, Clone)]
pub(crate) struct Visits {
    began: Instant,
    list: Arc<Mutex<Vec<Visit>>>,
    connections: Arc<AtomicU64>,
}

/// Visits kept; later ones are not recorded, so that a long-running lab does not grow without end.
const MAX_VISITS: usize = 1_000_000;

impl Visits {
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), list: Arc::default(), connections: Arc::default() }
    }

    /// A number for a connection.
    pub(crate) fn connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn note(&self, kind: VisitKind, peer: &str, what: String) {
        self.note_answer(kind, peer, what, Vec::new());
    }

    pub(crate) fn note_answer(&self, kind: VisitKind, peer: &str, what: String, told: Vec<String>) {
        let connection = CONNECTION.try_with(|number| *number).ok();
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() < MAX_VISITS {
            list.push(Visit {
                at: self.began.elapsed(),
                kind,
                peer: peer.to_owned(),
                what,
                connection,
                told,
            });
        }
    }

    pub(crate) fn all(&self) -> Vec<Visit> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
