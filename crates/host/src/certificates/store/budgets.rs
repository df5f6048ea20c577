//! How much of an authority's limits is used, counted for all nodes together.

use database::{Lease, Transaction};
use jiff::Timestamp;

use super::super::queue::{Bucket, Limits, Rate};
use super::{Store, StoreError, millis, time};

/// A limit that is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Which, in words.
    pub(crate) limit: String,
    /// Until when.
    pub(crate) until: Timestamp,
    /// Whether it stops every name, or this one and its neighbours.
    pub(crate) for_all: bool,
}

/// A new order, as limits see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted<'a> {
    pub(crate) name: &'a str,
    /// The registered domain.
    pub(crate) registered: &'a str,
    /// Whether the authority does not count it.
    pub(crate) is_free: bool,
    /// Whether it may use what is kept for what cannot wait.
    pub(crate) is_urgent: bool,
}

impl Store {
    /// Counts one new order, before it is made: if the program dies in between, one too many is counted and none too few.
    ///
    /// # Errors
    /// [`StoreError`]. When a limit is used up, nothing at all is counted, and that is said inside.
    pub(crate) async fn spend(
        &self,
        limits: &Limits,
        order: &Counted<'_>,
        now: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<Result<(), Refused>, StoreError> {
        let Counted { name, registered, is_free, is_urgent } = *order;
        let orders = if is_urgent { limits.orders } else { limits.orders_that_can_wait() };
        let counted = |rate: Option<Rate>| rate.filter(|_| !is_free);
        let mut transaction = self.begin(lease).await?;
        for (rate, bucket, limit, for_all) in [
            // Also of tries that a person asks for.
            (
                Some(limits.failures),
                format!("try {name}"),
                format!("our own limit of tries for {name}"),
                false,
            ),
            (counted(orders), "orders".to_owned(), "the authority's limit of new orders".to_owned(), true),
            (
                counted(limits.registered_domain),
                format!("domain {registered}"),
                format!("the authority's limit of certificates for names below {registered}"),
                false,
            ),
            (
                counted(limits.same_names),
                format!("name {name}"),
                format!("the authority's limit of certificates for {name}"),
                false,
            ),
        ] {
            let Some(rate) = rate else { continue };
            if let Err(until) = spend(&mut transaction, &bucket, rate, now).await? {
                // Dropped: what was counted before is not.
                return Ok(Err(Refused { limit, until, for_all }));
            }
        }
        transaction.commit().await?;
        Ok(Ok(()))
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
