//! The way of an order, each step on disk before the next is taken: whoever dies in between goes on from the last.

use database::{Lease, Value};
use jiff::Timestamp;
use zeroize::Zeroizing;

use super::super::Issued;
use super::super::queue::{Priority, Window};
use super::orders::{Wanted, purpose, rows_of_orders, wanted};
use super::{Store, StoreError, millis, time};

/// What comes after a certificate was issued.
pub(crate) struct Next {
    /// When it is replaced.
    pub(crate) renew_at: Timestamp,
    /// From when on nothing goes before that.
    pub(crate) urgent_at: Timestamp,
    /// As its authority calls it; `None` when it has no name there.
    pub(crate) replaces: Option<String>,
    /// When to ask the authority for a better time.
    pub(crate) ask_at: Option<Timestamp>,
}

/// What comes after a failure.
pub(crate) struct Failed {
    pub(crate) text: String,
    pub(crate) at: Timestamp,
    pub(crate) next_at: Timestamp,
    /// Whether it counts as one of the failures that make the waiting longer.
    pub(crate) counts: bool,
    /// Whether the order is of no use any more.
    pub(crate) order_is_lost: bool,
    /// Whether the authority will not have the certificate replaced by name.
    pub(crate) without_replacing: bool,
}

impl Store {
    /// Names for which something should be done by now, the most pressing first. With `only_free`, only those whose
    /// orders do not count: an order that is made already, and the replacing of a certificate at the suggested time.
    pub(crate) async fn due(
        &self,
        now: Timestamp,
        limit: u32,
        only_free: bool,
    ) -> Result<Vec<Wanted>, StoreError> {
        let rows = self
            .database
            .fetch(
                rows_of_orders!(
                    "WHERE next_at <= $1
                       AND ($3 = 0 OR order_url IS NOT NULL OR (replaces IS NOT NULL AND window_start IS NOT NULL))
                     ORDER BY CASE WHEN urgent_at <= $1 THEN 0 ELSE priority END, next_at, name LIMIT $2"
                ),
                &[millis(now).into(), limit.into(), i64::from(only_free).into()],
            )
            .await?;
        rows.iter().map(wanted).collect()
    }

    /// Names whose authority should be asked by now when to replace their certificates.
    pub(crate) async fn due_for_asking(&self, now: Timestamp, limit: u32) -> Result<Vec<Wanted>, StoreError> {
        let rows = self
            .database
            .fetch(
                rows_of_orders!("WHERE ask_at <= $1 AND replaces IS NOT NULL ORDER BY ask_at LIMIT $2"),
                &[millis(now).into(), limit.into()],
            )
            .await?;
        rows.iter().map(wanted).collect()
    }

    /// When something is to be done next, after `now`.
    pub(crate) async fn next_time(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let row = self
            .database
            .fetch_optional(
                "SELECT (SELECT MIN(next_at) FROM host_orders WHERE next_at > $1),
                        (SELECT MIN(ask_at) FROM host_orders WHERE ask_at > $1)",
                &[millis(now).into()],
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(row.integer_or_null(0)?.into_iter().chain(row.integer_or_null(1)?).min().map(time))
    }

    /// An order was made.
    pub(crate) async fn note_order(
        &self,
        name: &str,
        url: &str,
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        self.change(
            "UPDATE host_orders SET order_url = $2, sealed_key = NULL WHERE name = $1",
            &[name.into(), url.into()],
            lease,
        )
        .await
    }

    /// The order is going to be finished with this key.
    pub(crate) async fn note_key(
        &self,
        name: &str,
        key: &[u8],
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        let sealed = self.sealer.seal(&purpose(name), key)?;
        self.change(
            "UPDATE host_orders SET sealed_key = $2 WHERE name = $1",
            &[name.into(), sealed.into()],
            lease,
        )
        .await
    }

    /// The key with which an order is being finished.
    pub(crate) fn key_of(&self, wanted: &Wanted) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let open = |sealed: &Vec<u8>| self.sealer.open(&purpose(&wanted.name), sealed);
        Ok(wanted.sealed_key.as_ref().map(open).transpose()?)
    }

    /// Keeps a certificate and ends its order. False when nobody wants it any more: then it is not kept.
    pub(crate) async fn issued(
        &self,
        name: &str,
        issued: &Issued,
        next: &Next,
        lease: Option<&Lease>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin(lease).await?;
        let changed = transaction
            .execute(
                "UPDATE host_orders SET priority = $2, next_at = $3, urgent_at = $4, replaces = $5, ask_at = $6,
                     failures = 0, problem = NULL, problem_at = NULL, window_start = NULL, window_end = NULL,
                     order_url = NULL, sealed_key = NULL
                 WHERE name = $1",
                &[
                    name.into(),
                    Priority::Renewal.rank().into(),
                    millis(next.renew_at).into(),
                    millis(next.urgent_at).into(),
                    Value::Text(next.replaces.clone()),
                    Value::Integer(next.ask_at.map(millis)),
                ],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        self.keep_in(&mut transaction, name, issued).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// A try failed.
    pub(crate) async fn failed(
        &self,
        name: &str,
        failed: &Failed,
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        self.change(
            "UPDATE host_orders SET problem = $2, problem_at = $3, next_at = $4, failures = failures + $5,
                 order_url = CASE WHEN $6 = 1 THEN NULL ELSE order_url END,
                 sealed_key = CASE WHEN $6 = 1 THEN NULL ELSE sealed_key END,
                 replaces = CASE WHEN $7 = 1 THEN NULL ELSE replaces END
             WHERE name = $1",
            &[
                name.into(),
                failed.text.as_str().into(),
                millis(failed.at).into(),
                millis(failed.next_at).into(),
                i64::from(failed.counts).into(),
                i64::from(failed.order_is_lost).into(),
                i64::from(failed.without_replacing).into(),
            ],
            lease,
        )
        .await
    }

    /// It waits for something that is not its fault.
    pub(crate) async fn postpone(
        &self,
        name: &str,
        until: Timestamp,
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        self.change(
            "UPDATE host_orders SET next_at = $2 WHERE name = $1",
            &[name.into(), millis(until).into()],
            lease,
        )
        .await
    }

    /// The authority was asked when to replace a certificate. Without a window, what was known stays; without a time for
    /// asking again, it is never asked again.
    pub(crate) async fn note_window(
        &self,
        name: &str,
        window: Option<(Window, Timestamp)>,
        ask_at: Option<Timestamp>,
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        if let Some((window, next_at)) = window {
            self.change(
                "UPDATE host_orders SET window_start = $2, window_end = $3, next_at = $4
                 WHERE name = $1 AND order_url IS NULL AND failures = 0",
                &[
                    name.into(),
                    millis(window.start).into(),
                    millis(window.end).into(),
                    millis(next_at).into(),
                ],
                lease,
            )
            .await?;
        }
        let ask_at = Value::Integer(ask_at.map(millis));
        self.change("UPDATE host_orders SET ask_at = $2 WHERE name = $1", &[name.into(), ask_at], lease).await
    }

    async fn change(
        &self,
        sql: &'static str,
        values: &[Value],
        lease: Option<&Lease>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin(lease).await?;
        transaction.execute(sql, values).await?;
        Ok(transaction.commit().await?)
    }
}
