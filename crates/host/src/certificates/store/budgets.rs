//! How much of an authority's limits is used, counted for all nodes together.

use database::{Lease, Transaction};
use jiff::Timestamp;

use super::super::queue::{Bucket, Limits, Rate};
use super::{Store, StoreError, millis, time};

/// A limit that is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which, in words.
    pub limit: String,
    /// Until when.
    pub until: Timestamp,
    /// Whether it stops every name, or this one and its neighbours.
    pub for_all: bool,
}

impl Store {
    /// Counts one new order, before it is made: if the program dies in between, one too many is counted and none too few.
    ///
    /// # Errors
    /// [`StoreError`]. When a limit is used up, nothing is counted and that is said inside.
    pub async fn spend_order(
        &self,
        limits: &Limits,
        (name, registered): (&str, &str),
        urgent: bool,
        now: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<Result<(), Refused>, StoreError> {
        let orders = if urgent { limits.orders } else { limits.orders_that_can_wait() };
        let mut transaction = self.begin(lease).await?;
        for (rate, bucket, words, for_all) in [
            (orders, "orders".to_owned(), "the authority's limit of new orders".to_owned(), true),
            (
                limits.registered_domain,
                format!("domain {registered}"),
                format!("the authority's limit of certificates for names below {registered}"),
                false,
            ),
            (
                limits.same_names,
                format!("name {name}"),
                format!("the authority's limit of certificates for {name}"),
                false,
            ),
        ] {
            let Some(rate) = rate else { continue };
            if let Err(until) = spend(&mut transaction, &bucket, rate, now).await? {
                // Dropped: what was counted before is not.
                return Ok(Err(Refused { limit: words, until, for_all }));
            }
        }
        transaction.commit().await?;
        Ok(Ok(()))
    }

    /// Counts one try that may fail at the authority's expense; the same for tries that a person asks for.
    ///
    /// # Errors
    /// [`StoreError`]; inside, from when on another is allowed.
    pub async fn spend_try(
        &self,
        limits: &Limits,
        name: &str,
        now: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<Result<(), Timestamp>, StoreError> {
        let mut transaction = self.begin(lease).await?;
        let spent = spend(&mut transaction, &format!("try {name}"), limits.failures, now).await?;
        transaction.commit().await?;
        Ok(spent)
    }

    /// Forgets what is not used any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_budgets(&self, now: Timestamp, lease: Option<&Lease>) -> Result<u64, StoreError> {
        let mut transaction = self.begin(lease).await?;
        let gone = transaction
            .execute("DELETE FROM host_budgets WHERE used_until < $1", &[millis(now).into()])
            .await?;
        transaction.commit().await?;
        Ok(gone)
    }
}

async fn spend(
    transaction: &mut Transaction,
    bucket: &str,
    rate: Rate,
    now: Timestamp,
) -> Result<Result<(), Timestamp>, StoreError> {
    let row = transaction
        .fetch_optional("SELECT used_until FROM host_budgets WHERE bucket = $1", &[bucket.into()])
        .await?;
    let used = row.map(|row| row.integer(0)).transpose()?.map(|millis| Bucket(time(millis)));
    match rate.spend(used, now) {
        Ok(Bucket(until)) => {
            transaction
                .execute(
                    "INSERT INTO host_budgets (bucket, used_until) VALUES ($1, $2)
                     ON CONFLICT (bucket) DO UPDATE SET used_until = excluded.used_until",
                    &[bucket.into(), millis(until).into()],
                )
                .await?;
            Ok(Ok(()))
        }
        Err(until) => Ok(Err(until)),
    }
}
