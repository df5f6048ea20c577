//! What one look saw of a mail server, for the others: in a list of many domains most lead to few mail hosts, each of
//! which wants to be asked once.
//!
//! Shared are the addresses and TLSA records of each MX host's name, and the session with each address. A session
//! under another name counts for a host when nothing in it depends on the name, or when the certificate that came is
//! valid for that name too (RFC 8461 §4.2): that test is made again. Otherwise there is one more session, with the
//! server name that belongs to it. Policy hosts belong to one domain each, so nothing of them is shared but the turns.
//!
//! All connections of looks that share their visits take [turns](turns::Turns) at each address. A look's time stands
//! still while it waits for one; a visit that several looks wait for has a time of its own, as long as a look's.

mod sessions;
mod turns;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use moka::future::Cache;
use protocol::observed::{Answer, NotTestedReason, Outcome, SmtpSession, TlsaLook};
use serde::{Deserialize, Serialize};

use crate::Clock;
use sessions::Sessions;
pub(crate) use turns::{Turn, Turns};

/// New visits remembered for [`Visits::take_new`]. Beyond that they are not handed out, which only means that they are
/// made again after a restart.
const MAX_NEW: usize = 16_384;
/// Octets that an entry takes beside what it points at.
const ENTRY: usize = 512;

/// How visits are shared and how politely they are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitSettings {
    /// Octets of memory for what is remembered, roughly; the least used is forgotten first, and visited again.
    pub memory: u64,
    /// How long a visit counts.
    pub keep: Duration,
    /// Connections open at the same time to one address, at least 1.
    pub at_once: usize,
    /// Time from the beginning of one connection to one address to that of the next.
    pub pause: Duration,
    /// Whether each address gets the two further connections of a single check: without a server name, and offering
    /// outdated versions of TLS.
    pub probes: bool,
}

impl Default for VisitSettings {
    fn default() -> Self {
        Self {
            // Some ten thousand sessions with their certificates.
            memory: 128 * 1024 * 1024,
            keep: Duration::from_secs(24 * 60 * 60),
            at_once: 2,
            pause: Duration::from_millis(100),
            probes: false,
        }
    }
}

/// Visits shared by several looks. Cheap to clone; the clones share.
#[derive(Clone)]
pub struct Visits(Arc<Inner>);

struct Inner {
    settings: VisitSettings,
    clock: Clock,
    turns: Turns,
    hosts: Cache<String, Arc<(Timestamp, HostNames)>>,
    sessions: Cache<(IpAddr, SocketAddr), Arc<Sessions>>,
    new: Mutex<Vec<Visit>>,
}

/// What one visit saw, to be kept beyond the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The name of the MX host.
    pub host: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub seen: Seen,
}

/// What there was to see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// What DNS says of the host.
    Names(Box<HostNames>),
    /// A session with one of its addresses.
    Session {
        /// Where the connection went, which `--connect-to` may lead elsewhere.
        target: SocketAddr,
        /// The session.
        session: Box<SmtpSession>,
    },
}

/// What DNS says of an MX host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostNames {
    /// Its IPv4 addresses.
    pub a: Answer<Ipv4Addr>,
    /// Its IPv6 addresses.
    pub aaaa: Answer<Ipv6Addr>,
    /// Its TLSA records.
    pub tlsa: TlsaLook,
}

impl Visits {
    /// Nothing visited yet.
    #[must_use]
    pub fn new(settings: VisitSettings, clock: Clock) -> Self {
        // Half for names would be too much: a session with its certificates is the larger part by far.
        let sessions = Cache::builder()
            .weigher(|_, sessions: &Arc<Sessions>| sessions.weight())
            .max_capacity(settings.memory - settings.memory / 8)
            .time_to_live(settings.keep)
            .build();
        let hosts = Cache::builder()
            .weigher(|host: &String, known: &Arc<(Timestamp, HostNames)>| weight(host.len() + known.1.size()))
            .max_capacity(settings.memory / 8)
            .time_to_live(settings.keep)
            .build();
        Self(Arc::new(Inner {
            turns: Turns::new(settings.at_once, settings.pause, &clock),
            settings,
            clock,
            hosts,
            sessions,
            new: Mutex::default(),
        }))
    }

    /// The visits made since the last call, to be kept and given to [`recall`](Self::recall) after a restart.
    #[must_use]
    pub fn take_new(&self) -> Vec<Visit> {
        std::mem::take(&mut self.0.new.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a visit of an earlier run back, unless it is older than [`VisitSettings::keep`].
    pub async fn recall(&self, visit: Visit) {
        let age = self.0.clock.now().duration_since(visit.at).unsigned_abs();
        if age > self.0.settings.keep {
            return;
        }
        match visit.seen {
            Seen::Names(names) => self.0.hosts.insert(visit.host, Arc::new((visit.at, *names))).await,
            Seen::Session { target, session } => {
                let key = (session.address, target);
                let sessions = self.0.sessions.get_with(key, async { Arc::default() }).await;
                sessions.put(&visit.host, visit.at, *session).await;
                // Weighed again.
                self.0.sessions.insert(key, sessions).await;
            }
        }
    }

    pub(crate) fn turns(&self) -> Turns {
        self.0.turns.clone()
    }

    pub(crate) fn probes(&self) -> bool {
        self.0.settings.probes
    }

    /// What DNS says of a host, by `ask` if nobody has asked yet or is asking; and when another look asked.
    pub(crate) async fn names(
        &self,
        host: &str,
        ask: impl Future<Output = HostNames>,
    ) -> (HostNames, Option<Timestamp>) {
        let mut mine = false;
        let asking = async {
            mine = true;
            let at = self.0.clock.now();
            Arc::new((at, ask.await))
        };
        let known = self.0.hosts.get_with_by_ref(host, asking).await;
        let (at, names) = known.as_ref();
        if mine && names.is_lasting() {
            let seen = Seen::Names(Box::new(names.clone()));
            self.remember(Visit { host: host.to_owned(), at: *at, seen });
        } else if mine {
            self.0.hosts.invalidate(host).await;
        }
        (names.clone(), (!mine).then_some(*at))
    }

    /// A session with `address`, where a connection goes to `target`, that counts for `host`: one that there was, or
    /// one made by `look`.
    pub(crate) async fn session(
        &self,
        host: &str,
        address: IpAddr,
        target: SocketAddr,
        look: impl Future<Output = SmtpSession>,
    ) -> SmtpSession {
        let key = (address, target);
        let sessions = self.0.sessions.get_with(key, async { Arc::default() }).await;
        let at = self.0.clock.now();
        let (session, is_new) = sessions.get_or(host, at, look).await;
        if is_new {
            let seen = Seen::Session { target, session: Box::new(session.clone()) };
            self.remember(Visit { host: host.to_owned(), at, seen });
            // Weighed again.
            self.0.sessions.insert(key, sessions).await;
        }
        session
    }

    fn remember(&self, visit: Visit) {
        let mut new = self.0.new.lock().unwrap_or_else(PoisonError::into_inner);
        if new.len() < MAX_NEW {
            new.push(visit);
        }
    }
}

impl HostNames {
    /// Whether it says something of the host, rather than of our own network at that moment.
    fn is_lasting(&self) -> bool {
        lasts(&self.a) && lasts(&self.aaaa) && lasts(&self.tlsa.answer)
    }

    fn size(&self) -> usize {
        let records = self.a.records().len() + self.aaaa.records().len() + self.tlsa.answer.records().len();
        3 * ENTRY + records * ENTRY / 4
    }
}

fn lasts<T>(answer: &Answer<T>) -> bool {
    !matches!(&answer.outcome, Outcome::NotTested(why) if why.reason != NotTestedReason::NotAsked)
}

fn weight(octets: usize) -> u32 {
    u32::try_from(octets).unwrap_or(u32::MAX)
}

impl std::fmt::Debug for Visits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visits").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
