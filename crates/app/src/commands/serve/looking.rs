//! Looks at hosted domains when their time comes; one node does it for all.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use database::Lease;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use host::certificates::{Store, queue::Priority};
use host::domains::{DomainState, DomainsError, Due, Task};
use jiff::SignedDuration;
use outside::Outside;
use protocol::Domain;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::commands::hosting::Hosting;
use crate::commands::verifying::look_at;

/// The name of the work that one node does.
const JOB: &str = "host-looks";
/// How long the work is ours without a sign of life.
const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// How often it is asked what is due.
const PAUSE: Duration = Duration::from_secs(1);
/// Looks at the same time.
const ABREAST: usize = 64;

/// Looks at hosted domains.
pub(super) struct Looking {
    hosting: Arc<Hosting>,
    outside: Outside,
    /// Where certificates are asked for; `None` when nobody orders any.
    orders: Option<Store>,
    node: String,
    lease: Option<Lease>,
}

impl Looking {
    pub(super) fn new(hosting: Arc<Hosting>, outside: Outside, orders: Option<Store>, node: String) -> Self {
        Self { hosting, outside, orders, node, lease: None }
    }

    /// Looks until told to end; then lets the work go to another node.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut running = FuturesUnordered::new();
        let mut in_flight = HashSet::new();
        let mut pause = tokio::time::interval(PAUSE);
        pause.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                Some(domain) = running.next() => {
                    in_flight.remove(&domain);
                }
                _ = pause.tick() => match self.due(&in_flight).await {
                    Ok(due) => for due in due {
                        in_flight.insert(due.hosted.domain.clone());
                        running.push(self.look(due));
                    },
                    Err(error) => tracing::debug!(%error, "what is due cannot be asked"),
                },
            }
        }
        drop(running);
        if let Some(lease) = self.lease.take()
            && let Err(error) = lease.release(&self.hosting.database).await
        {
            tracing::debug!(%error, "the looks go to another node only when their time is over");
        }
    }

    /// What is due and not looked at yet, as much as may be looked at; nothing while another node does it.
    async fn due(&mut self, in_flight: &HashSet<Domain>) -> Result<Vec<Due>, DomainsError> {
        let free = ABREAST.saturating_sub(in_flight.len());
        if !self.is_ours().await? || free == 0 {
            return Ok(Vec::new());
        }
        // Those under way come first in the list: they are as due as before.
        let limit = u32::try_from(ABREAST).unwrap_or(u32::MAX);
        let mut due = self.hosting.domains.due(self.hosting.clock.now(), limit).await?;
        due.retain(|due| !in_flight.contains(&due.hosted.domain));
        due.truncate(free);
        Ok(due)
    }

    /// Looks at one domain.
    fn look(&self, due: Due) -> LocalBoxFuture<'static, Domain> {
        let (hosting, outside) = (Arc::clone(&self.hosting), self.outside.clone());
        let orders = self.orders.clone();
        async move {
            let domain = due.hosted.domain.clone();
            match look_at(&hosting, &outside, &due).await {
                Ok(looked) => {
                    let (from, to) = (due.hosted.state, looked.step.state);
                    if from != to {
                        tracing::info!(domain = domain.as_str(), %from, %to, "a domain has another state");
                    }
                    if let Some(store) = orders {
                        let wants = looked.step.tasks.contains(&Task::Certificate);
                        order(&hosting, &store, &domain, wants, to).await;
                    }
                }
                Err(error) => tracing::warn!(domain = domain.as_str(), %error, "a look was not kept"),
            }
            domain
        }
        .boxed_local()
    }

    async fn is_ours(&mut self) -> Result<bool, DomainsError> {
        let now = self.hosting.clock.now().as_millisecond();
        let millis = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let database = &self.hosting.database;
        if let Some(lease) = &self.lease
            && lease.renew(database, now, millis).await?
        {
            return Ok(true);
        }
        self.lease = Lease::acquire(database, JOB, &self.node, now, millis).await?;
        Ok(self.lease.is_some())
    }
}

/// Asks for a certificate while its name leads here, and no longer than it may be another's.
async fn order(hosting: &Hosting, store: &Store, domain: &Domain, wants: bool, state: DomainState) {
    let host = format!("mta-sts.{}", domain.as_str());
    let asked = if wants {
        store.want(&host, Priority::Waiting, hosting.clock.now()).await
    } else if state.is_served() {
        // It may only not lead here for now; what is ordered goes on, and authorities say no themselves.
        Ok(())
    } else {
        store.unwant(&host).await
    };
    if let Err(error) = asked {
        tracing::warn!(host, %error, "a certificate could not be asked for");
    }
}
