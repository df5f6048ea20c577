//! What a sweep is told, and what it can end with.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use protocol::Domain;

use super::Swept;

/// How a sweep asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepSettings {
    /// The resolvers, each of which gets its share of the questions; a retry goes to the next. At most 64 count.
    pub resolvers: Vec<SocketAddr>,
    /// Questions open at the same time at each resolver; at least 1, at most 32,768 count.
    pub in_flight: usize,
    /// Questions sent to each resolver in a second; `None` for as many as it answers.
    pub rate: Option<NonZeroU32>,
    /// How long an answer to the last try is waited for before the name counts as unanswered. Each try before waits half
    /// as long as the next: most of what is lost is lost on the way, and asking again is cheap.
    pub timeout: Duration,
    /// How often a name is asked for before it counts as unanswered; at least 1.
    pub tries: u8,
    /// The local address to ask from; `None` for whichever the system chooses.
    pub source_ip: Option<IpAddr>,
    /// How long the sweep waits while no resolver answers anything, not even the control question. Then it ends with
    /// [`SweepError::Silence`]; `None` to wait for ever. No name counts as unanswered for that.
    pub patience: Option<Duration>,
}

impl Default for SweepSettings {
    fn default() -> Self {
        Self {
            resolvers: Vec::new(),
            // A server's socket holds fewer than 200 small questions by default (Linux); more at once are lost.
            in_flight: 128,
            rate: None,
            // Resolvers themselves give up on dead servers after some seconds.
            timeout: Duration::from_secs(4),
            tries: 3,
            source_ip: None,
            patience: None,
        }
    }
}

/// A part of the list, small enough to be kept in memory: about a thousand names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Given back with the answers.
    pub ticket: u64,
    /// The names, shared with whoever gives them.
    pub names: Arc<[Domain]>,
}

/// The answers for one [`Batch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweptBatch {
    /// The batch's ticket.
    pub ticket: u64,
    /// One answer for each name, in the order of the names.
    pub answers: Vec<Swept>,
}

/// Why a sweep ended before all was answered. None of these says anything about a name: what was not given back is
/// to be asked again.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// No resolver was named.
    #[error("no resolver to ask: name one with --resolver ADDRESS")]
    NoResolver,
    /// A socket of our own could not be opened.
    #[error("no socket to ask the resolver {resolver}: {error}")]
    Socket {
        /// The resolver that it was for.
        resolver: SocketAddr,
        /// The system's word.
        error: io::Error,
    },
    /// No resolver answered anything for as long as [`SweepSettings::patience`] allows.
    #[error("no resolver has answered anything for {} s ({resolvers}): is it running, and is this machine connected?", .silence.as_secs())]
    Silence {
        /// How long.
        silence: Duration,
        /// The resolvers.
        resolvers: String,
    },
    /// Whoever wanted the answers is gone.
    #[error("nobody takes the answers any more")]
    Abandoned,
}

/// How a sweep is doing; told about once a second and whenever a resolver falls silent or speaks again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepHealth {
    /// Questions sent, retries included.
    pub questions: u64,
    /// Answers that fit a question.
    pub answers: u64,
    /// Questions that were not answered in time.
    pub lost: u64,
    /// Questions asked again over TCP, since the answer was cut.
    pub truncated: u64,
    /// Resolvers that answer nothing, not even the control question: they are asked that alone, once a second.
    pub silent: Vec<SocketAddr>,
    /// Whether that is all of them: the sweep waits, and no name counts as unanswered for it.
    pub paused: bool,
}
