//! Where certificates, keys, orders and limits are kept: tables of the database, shared by all nodes.

mod accounts;
mod authority;
mod budgets;
mod certificates;
mod challenges;
mod orders;
mod progress;
mod resealing;
mod tables;

use std::sync::Arc;

use database::{Database, DatabaseError, Lease, Transaction};
use jiff::Timestamp;

use super::{CertificateFault, SealFault, Sealer};

pub(crate) use budgets::Counted;
pub use certificates::Expiring;
pub(crate) use certificates::{Kept, PAGE};
pub(crate) use challenges::Asked;
pub use orders::{Problem, Wanted, WantedState};
pub(crate) use progress::{Failed, Next};
pub use resealing::Resealed;

/// The tables of this part, and the key that keys are sealed with.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    sealer: Arc<Sealer>,
}

/// Why something could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What the database says.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A key cannot be sealed or opened.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// A certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
    /// Another node has taken over this work: what was done here is not kept, and it does it again.
    #[error("another node has taken over the ordering of certificates")]
    LeaseLost,
}

impl Store {
    /// Opens the tables, making those that are not there; keys are sealed and opened with `sealer`.
    ///
    /// # Errors
    /// What the database says; or that the keys in it were sealed with another key.
    pub async fn open(database: Database, sealer: Arc<Sealer>) -> Result<Self, StoreError> {
        tables::MIGRATIONS.run(&database).await?;
        Lease::prepare(&database).await?;
        let store = Self { database, sealer };
        store.try_the_key().await?;
        Ok(store)
    }

    /// The database.
    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// What seals the keys.
    #[must_use]
    pub const fn sealer(&self) -> &Arc<Sealer> {
        &self.sealer
    }

    /// Begins to write, if the work is still ours.
    async fn begin(&self, lease: Option<&Lease>) -> Result<Transaction, StoreError> {
        let mut transaction = self.database.begin().await?;
        match lease {
            Some(lease) if !lease.holds(&mut transaction).await? => Err(StoreError::LeaseLost),
            _ => Ok(transaction),
        }
    }

    /// One more change of what nodes show. Whoever gets a number has the others wait until it is committed, so that no
    /// reader sees a higher number before a lower one.
    async fn revise(transaction: &mut Transaction) -> Result<i64, StoreError> {
        let row = transaction
            .fetch_optional(
                "UPDATE host_certificate_revisions SET revision = revision + 1 WHERE id = 1 RETURNING revision",
                &[],
            )
            .await?;
        match row {
            Some(row) => Ok(row.integer(0)?),
            None => Err(SealFault::Damaged("the count of changes".to_owned()).into()),
        }
    }
}

fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A time that was kept. What no clock of ours can have written is the farthest time there is.
fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
