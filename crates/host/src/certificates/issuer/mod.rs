//! The one node that orders: takes what is due from the queue, within the authority's limits, and sees each order through.

mod attempt;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use database::{DatabaseError, Lease};
use jiff::{SignedDuration, Timestamp};
use outside::{Clock, Outside};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::acme::{AcmeSettings, Authority, Kind, Moment, Proofs, Reached, Trouble};
use super::queue::Limits;
use super::{Certificates, Store, StoreError};
use attempt::{Attempt, Ended, asked_when};

/// The name of the work that one node does.
const JOB: &str = "certificates";
/// Stands among the names in flight for the opening of the account; no name is empty.
const OPENING: &str = "";
/// How long the work is ours without a sign of life. An order that was begun by a node that died goes on after this.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// Questions about the time of renewal at once.
const ASKING: u32 = 8;
/// Waiting for an authority that is down: at first, and at most.
const PAUSES: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(30), SignedDuration::from_mins(30));
/// How often what is of no use any more is thrown away.
const TIDYING: SignedDuration = SignedDuration::from_hours(1);
/// How long answered challenges are remembered, so that each node hears that they are over.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// Without anything to do, the queue is looked at this often: another node may have put something in.
const LONGEST_SLEEP: SignedDuration = SignedDuration::from_secs(2);

/// What the ordering is told.
#[derive(Debug)]
pub struct IssuerSettings {
    /// Which authority.
    pub acme: AcmeSettings,
    /// Its limits.
    pub limits: Limits,
    /// How names are shown to be ours.
    pub proofs: Proofs,
    /// Orders at the same time.
    pub parallel: usize,
    /// This node's name among the nodes of the database.
    pub node: String,
}

/// Orders certificates, if this node is the one to do it.
pub struct Issuer {
    shared: Arc<Shared>,
    lease: Option<Lease>,
    lease_until: Timestamp,
    authority: Option<Authority>,
    /// How often in a row the authority could not be reached, and until when it is left alone.
    down: (u32, Timestamp),
    /// Until when there are no new orders left.
    orders_out_until: Timestamp,
    running: JoinSet<(String, Ended)>,
    in_flight: HashSet<String>,
    tidied_at: Option<Timestamp>,
    last_trouble: Option<Trouble>,
}

/// What every attempt needs.
struct Shared {
    store: Store,
    certificates: Arc<Certificates>,
    outside: Option<Outside>,
    settings: IssuerSettings,
    clock: Clock,
}

impl Issuer {
    /// Gets ready. With `outside`, CAA records are looked at before an order is made.
    #[must_use]
    pub fn new(
        store: Store,
        certificates: Arc<Certificates>,
        outside: Option<Outside>,
        settings: IssuerSettings,
        clock: Clock,
    ) -> Self {
        Self {
            shared: Arc::new(Shared { store, certificates, outside, settings, clock }),
            lease: None,
            lease_until: Timestamp::MIN,
            authority: None,
            down: (0, Timestamp::MIN),
            orders_out_until: Timestamp::MIN,
            running: JoinSet::new(),
            in_flight: HashSet::new(),
            tidied_at: None,
            last_trouble: None,
        }
    }

    /// Our account with the authority, once it was needed and could be opened.
    #[must_use]
    pub const fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// Why nothing can be ordered at all for now, if that is so.
    #[must_use]
    pub const fn trouble(&self) -> Option<&Trouble> {
        self.last_trouble.as_ref()
    }

    /// Orders until it is told to stop; then lets the work go to another node. What was begun is gone on with later.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let now = self.shared.clock.now();
            let wake = match self.tick(now).await {
                Ok(wake) => wake,
                Err(error) => {
                    tracing::warn!(%error, "the queue of certificates cannot be looked at; what is served is not touched");
                    now.saturating_add(LONGEST_SLEEP).unwrap_or(Timestamp::MAX)
                }
            };
            let pause = Duration::try_from(wake.duration_since(now)).unwrap_or(Duration::from_millis(20));
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
                Some(done) = self.running.join_next() => self.take(done.ok(), self.shared.clock.now()),
            }
        }
        self.running.shutdown().await;
        if let Some(lease) = self.lease.take()
            && let Err(error) = lease.release(self.shared.store.database()).await
        {
            tracing::warn!(%error, "the ordering of certificates goes to another node only when its time is over");
        }
    }

    /// Begins what is due, and says when to call again. Never waits for an authority.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tick(&mut self, now: Timestamp) -> Result<Timestamp, StoreError> {
        while let Some(done) = self.running.try_join_next() {
            self.take(done.ok(), now);
        }
        if !self.is_ours(now).await? {
            return Ok(after(now, LEASE / 3));
        }
        self.tidy(now).await?;
        if self.down.1 > now {
            return Ok(self.down.1.min(after(now, LONGEST_SLEEP)));
        }
        let free = self.shared.settings.parallel.saturating_sub(self.in_flight.len());
        if free == 0 {
            return Ok(after(now, LONGEST_SLEEP));
        }
        // Those that are being worked on are due as well.
        let limit = u32::try_from(free + self.in_flight.len()).unwrap_or(u32::MAX);
        let due = self.shared.store.due(now, limit, self.orders_out_until > now).await?;
        let asking = self.shared.store.due_for_asking(now, ASKING).await?;
        let due: Vec<_> =
            due.into_iter().filter(|one| !self.in_flight.contains(&one.name)).take(free).collect();
        let asking: Vec<_> = asking.into_iter().filter(|one| !self.in_flight.contains(&one.name)).collect();
        if due.is_empty() && asking.is_empty() {
            let next = self.shared.store.next_time(now).await?;
            let latest = after(now, LONGEST_SLEEP);
            return Ok(next.map_or(latest, |next| next.min(latest)));
        }
        let Some(authority) = self.authority.clone() else {
            self.open(now);
            return Ok(after(now, LONGEST_SLEEP));
        };
        for wanted in due {
            self.in_flight.insert(wanted.name.clone());
            let attempt = Attempt {
                shared: Arc::clone(&self.shared),
                authority: authority.clone(),
                lease: self.lease.clone(),
                moment: Moment::beginning(now, &self.shared.clock),
            };
            self.running.spawn(async move { (wanted.name.clone(), attempt.make(&wanted).await) });
        }
        for wanted in asking {
            if !self.in_flight.insert(wanted.name.clone()) {
                continue;
            }
            let (shared, authority, lease) =
                (Arc::clone(&self.shared), authority.clone(), self.lease.clone());
            self.running.spawn(async move {
                (wanted.name.clone(), asked_when(&shared, &authority, &wanted, lease.as_ref(), now).await)
            });
        }
        Ok(after(now, LONGEST_SLEEP))
    }

    /// Waits for what was begun; false when nothing was.
    pub async fn settle(&mut self, now: Timestamp) -> bool {
        let mut any = false;
        while let Some(done) = self.running.join_next().await {
            self.take(done.ok(), now);
            any = true;
        }
        any
    }

    /// Whether this node is the one that orders.
    async fn is_ours(&mut self, now: Timestamp) -> Result<bool, DatabaseError> {
        let database = self.shared.store.database();
        let (at, length) = (now.as_millisecond(), i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX));
        if let Some(lease) = &self.lease {
            if self.lease_until > after(now, LEASE * 2 / 3) {
                return Ok(true);
            }
            if lease.renew(database, at, length).await? {
                self.lease_until = after(now, LEASE);
                return Ok(true);
            }
            tracing::warn!("another node has taken over the ordering of certificates");
            self.lease = None;
            self.running.abort_all();
            self.in_flight.clear();
        }
        self.lease = Lease::acquire(database, JOB, &self.shared.settings.node, at, length).await?;
        self.lease_until = after(now, LEASE);
        Ok(self.lease.is_some())
    }

    /// Begins to open the account, like an attempt: an authority that does not answer must not keep us from anything else.
    fn open(&mut self, now: Timestamp) {
        if !self.in_flight.insert(OPENING.to_owned()) {
            return;
        }
        let (shared, lease) = (Arc::clone(&self.shared), self.lease.clone());
        self.running.spawn(async move {
            let Shared { store, settings, .. } = shared.as_ref();
            let ended = match Authority::open(&settings.acme, store, now, lease.as_ref()).await {
                Ok(authority) => Ended::Opened(authority),
                Err(Reached::Store(error)) => Ended::Store(error),
                Err(Reached::Setup(error)) => {
                    Ended::AuthorityTrouble(Trouble::new(Kind::Account, error.to_string()))
                }
                Err(Reached::Authority(trouble)) => Ended::AuthorityTrouble(trouble),
            };
            (OPENING.to_owned(), ended)
        });
    }

    /// An attempt ended.
    fn take(&mut self, done: Option<(String, Ended)>, now: Timestamp) {
        // A task that was stopped, with all others, when the work went to another node.
        let Some((name, ended)) = done else { return };
        self.in_flight.remove(&name);
        match ended {
            Ended::Done => {
                self.down.0 = 0;
                self.last_trouble = None;
            }
            Ended::Opened(authority) => self.authority = Some(authority),
            Ended::NameTrouble => {}
            Ended::OrdersOut(until) => self.orders_out_until = until,
            Ended::AuthorityTrouble(trouble) => self.leave_alone(trouble, now),
            Ended::Store(StoreError::LeaseLost) => self.lease_until = Timestamp::MIN,
            Ended::Store(error) => {
                tracing::warn!(name, %error, "an order is gone on with later");
            }
        }
    }

    fn leave_alone(&mut self, trouble: Trouble, now: Timestamp) {
        if self.down.1 <= now {
            let doubled = PAUSES.0 * 2_i32.saturating_pow(self.down.0.min(10));
            self.down = (self.down.0.saturating_add(1), after(now, doubled.min(PAUSES.1)));
            tracing::warn!(why = %trouble, until = %self.down.1, "no certificates can be ordered for now");
        }
        // What is kept of the account, and of the directory, may be what is wrong.
        self.authority = None;
        self.last_trouble = Some(trouble);
    }

    async fn tidy(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.tidied_at.is_some_and(|at| at > now.saturating_sub(TIDYING).unwrap_or(Timestamp::MIN)) {
            return Ok(());
        }
        let store = &self.shared.store;
        store.forget_budgets(now, self.lease.as_ref()).await?;
        let before = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        store.forget_asked(before, self.lease.as_ref()).await?;
        self.tidied_at = Some(now);
        Ok(())
    }
}

fn after(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
