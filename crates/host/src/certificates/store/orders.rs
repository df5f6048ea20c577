//! Which names are to have certificates, when something is to be done about each, and how its order stands.

use database::Row;
use jiff::Timestamp;

use super::super::queue::{Priority, Window};
use super::{Store, StoreError, millis, time};

/// A statement that reads whole rows.
macro_rules! rows_of_orders {
    ($rest:literal) => {
        concat!(
            "SELECT name, registered, priority, next_at, urgent_at, failures, problem, problem_at, replaces, ",
            "window_start, window_end, ask_at, order_url, sealed_key FROM host_orders ",
            $rest
        )
    };
}
pub(super) use rows_of_orders;

/// A name that is to have a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The name, lower case.
    pub name: String,
    /// The registered domain that it is below, which authorities count by.
    pub registered: String,
    /// What goes before what.
    pub priority: Priority,
    /// Not before this.
    pub next_at: Timestamp,
    /// From then on before everything else.
    pub urgent_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure.
    pub problem: Option<Problem>,
    /// The certificate that is to be replaced, as its authority calls it (RFC 9773 §4.1).
    pub replaces: Option<String>,
    /// The time for replacing it that its authority suggests.
    pub window: Option<Window>,
    /// When to ask the authority for that again.
    pub ask_at: Option<Timestamp>,
    /// The order that was made, if there is one.
    pub order_url: Option<String>,
    /// The key that it is for, sealed, from just before it is used.
    pub(crate) sealed_key: Option<Vec<u8>>,
}

/// Why there is no certificate yet, or no new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In words, with what the authority says.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// How many names there are, for gauges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WantedState {
    /// All that are to have certificates.
    pub names: u64,
    /// Those for which something should be done by now.
    pub due: u64,
    /// Those whose last try failed.
    pub failing: u64,
    /// Those with an order that is not finished.
    pub ordered: u64,
}

impl Store {
    /// Wants a certificate for `name`; at once if it is new. Only for names whose ownership was seen, and that lead to us:
    /// the authority must never be asked for a name because somebody knocked with it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn want(&self, name: &str, priority: Priority, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin(None).await?;
        transaction
            .execute(
                "INSERT INTO host_orders (name, registered, priority, next_at, failures) VALUES ($1, $2, $3, $4, 0)
                 ON CONFLICT (name) DO NOTHING",
                &[name.into(), registered(name).into(), priority.rank().into(), millis(now).into()],
            )
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Does not want one any more. The certificate that is there stays until it is [forgotten](Store::forget).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unwant(&self, name: &str) -> Result<(), StoreError> {
        let mut transaction = self.begin(None).await?;
        transaction.execute("DELETE FROM host_orders WHERE name = $1", &[name.into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Tries again now what waits after a failure: somebody says that the cause is gone. False when there is no such name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn hurry(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let mut transaction = self.begin(None).await?;
        let changed = transaction
            .execute(
                "UPDATE host_orders SET priority = $3, next_at = CASE WHEN failures > 0 THEN $2 ELSE next_at END
                 WHERE name = $1",
                &[name.into(), millis(now).into(), Priority::Waiting.rank().into()],
            )
            .await?;
        transaction.commit().await?;
        Ok(changed > 0)
    }

    /// How a name stands; `None` when no certificate is wanted for it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wanted(&self, name: &str) -> Result<Option<Wanted>, StoreError> {
        let row = self.database.fetch_optional(rows_of_orders!("WHERE name = $1"), &[name.into()]).await?;
        row.as_ref().map(wanted).transpose()
    }

    /// How many names there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wanted_state(&self, now: Timestamp) -> Result<WantedState, StoreError> {
        let row = self
            .database
            .fetch_optional(
                "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN next_at <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT),
                     CAST(COALESCE(SUM(CASE WHEN failures > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), COUNT(order_url)
                 FROM host_orders",
                &[millis(now).into()],
            )
            .await?;
        let Some(row) = row else { return Ok(WantedState::default()) };
        Ok(WantedState {
            names: row.count(0)?,
            due: row.count(1)?,
            failing: row.count(2)?,
            ordered: row.count(3)?,
        })
    }
}

/// What the key of an order is sealed for.
pub(super) fn purpose(name: &str) -> String {
    format!("order\0{name}")
}

pub(super) fn wanted(row: &Row) -> Result<Wanted, StoreError> {
    let moment =
        |column| -> Result<Option<Timestamp>, StoreError> { Ok(row.integer_or_null(column)?.map(time)) };
    let problem = match (row.text_or_null(6)?, moment(7)?) {
        (Some(text), Some(at)) => Some(Problem { text, at }),
        _ => None,
    };
    Ok(Wanted {
        name: row.text(0)?,
        registered: row.text(1)?,
        priority: Priority::of_rank(row.integer(2)?),
        next_at: time(row.integer(3)?),
        urgent_at: moment(4)?,
        failures: u32::try_from(row.integer(5)?).unwrap_or(0),
        problem,
        replaces: row.text_or_null(8)?,
        window: moment(9)?.zip(moment(10)?).map(|(start, end)| Window { start, end }),
        ask_at: moment(11)?,
        order_url: row.text_or_null(12)?,
        sealed_key: row.octets_or_null(13)?,
    })
}

/// The registered domain: the public suffix and one label more.
fn registered(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}
