//! Keeps this node in step with the database.

use std::sync::Arc;
use std::time::Duration;

use host::certificates::{Certificates, Store};
use tokio_util::sync::CancellationToken;

use super::numbers::{Condition, Counted};
use super::snapshot::Snapshot;
use crate::commands::hosting::Hosting;

/// How often the database is asked for changes: what one node writes, all serve a second later.
const FOLLOW: Duration = Duration::from_secs(1);
/// How often the database is counted and told that this node is alive, in rounds. Other nodes wait for one that was heard of
/// within a minute.
const COUNT: u32 = 15;

/// Keeps this node in step with the database.
pub(super) struct Following {
    pub(super) snapshot: Snapshot,
    pub(super) hosting: Arc<Hosting>,
    pub(super) store: Store,
    pub(super) certificates: Arc<Certificates>,
    pub(super) node: String,
    pub(super) condition: Arc<Condition>,
}

impl Following {
    /// Takes over what was changed, by whichever node, until told to end. Without a database it serves what it has.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let (mut failing, mut round) = (false, 0);
        loop {
            match self.follow(round).await {
                Ok(()) => {
                    if failing {
                        tracing::info!("the database answers again");
                    }
                    failing = false;
                }
                Err(error) if !failing => {
                    tracing::warn!(%error, "the database does not answer; what is known is served on");
                    failing = true;
                }
                Err(_) => {}
            }
            round = (round + 1) % COUNT;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(FOLLOW) => {}
            }
        }
    }

    async fn follow(&mut self, round: u32) -> anyhow::Result<()> {
        let Self { snapshot, hosting, store, certificates, node, condition } = self;
        let now = hosting.clock.now();
        certificates.follow(store).await?;
        let before = snapshot.revision();
        let revision = snapshot.follow(&hosting.domains, now).await?;
        if round == 0 || revision != before {
            hosting.domains.node_is_at(node, revision, now).await?;
        }
        condition.followed(revision, now);
        if round == 0 {
            let (domains, wanted) = (hosting.domains.counts().await?, store.wanted_state(now).await?);
            condition.counted(Counted { domains, wanted });
        }
        Ok(())
    }
}
