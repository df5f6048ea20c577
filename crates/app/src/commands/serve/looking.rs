//! Looks at hosted domains when their time comes; one node does it for all.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use database::Lease;
use host::certificates::{Store, queue::Priority};
use host::domains::{DomainState, DomainsError, Task};
use jiff::SignedDuration;
use outside::Outside;
use protocol::Domain;
use tokio::task::JoinSet;
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
        let mut running = JoinSet::new();
        let mut in_flight = HashSet::new();
        loop {
            while let Some(done) = running.try_join_next() {
                if let Ok(domain) = done {
                    in_flight.remove(&domain);
                }
            }
            if let Err(error) = self.begin_due(&mut running, &mut in_flight).await {
                tracing::debug!(%error, "what is due cannot be asked");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
        running.shutdown().await;
        if let Some(lease) = self.lease.take()
            && let Err(error) = lease.release(&self.hosting.database).await
        {
            tracing::debug!(%error, "the looks go to another node only when their time is over");
        }
    }

    async fn begin_due(
        &mut self,
        running: &mut JoinSet<Domain>,
        in_flight: &mut HashSet<Domain>,
    ) -> Result<(), DomainsError> {
        if !self.is_ours().await? {
            return Ok(());
        }
        // Those under way come first in the list: they are as due as before.
        let free = ABREAST.saturating_sub(in_flight.len());
        if free == 0 {
            return Ok(());
        }
        let limit = u32::try_from(ABREAST).unwrap_or(u32::MAX);
        let due = self.hosting.domains.due(self.hosting.clock.now(), limit).await?;
        let new = due.into_iter().filter(|due| !in_flight.contains(&due.hosted.domain));
        for due in new.take(free).collect::<Vec<_>>() {
            let domain = due.hosted.domain.clone();
            in_flight.insert(domain.clone());
            let (hosting, outside) = (Arc::clone(&self.hosting), self.outside.clone());
            let orders = self.orders.clone();
            running.spawn(async move {
                match look_at(&hosting, &outside, &due).await {
                    Ok(looked) => {
                        if looked.step.state != due.hosted.state {
                            let (from, to) = (due.hosted.state, looked.step.state);
                            tracing::info!(domain = domain.as_str(), %from, %to, "a domain has another state");
                        }
                        let wants = looked.step.tasks.contains(&Task::Certificate);
                        if let Some(store) = orders {
                            order(&hosting, &store, &domain, wants, looked.step.state).await;
                        }
                    }
                    Err(error) => tracing::warn!(domain = domain.as_str(), %error, "a look was not kept"),
                }
                domain
            });
        }
        Ok(())
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
