//! Two scans side by side. The earlier one is kept in a file of its own while the later one passes by, so that memory is
//! bounded whatever the length of the lists and whatever their order.

use std::collections::{BTreeSet, HashMap};

use database::{Database, Durability, Options, Place, Row as Stored};
use futures_util::StreamExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::flatten::{flatten, judged};
use super::rows::RowStream;
use crate::settings::Scale;

/// Names handled by one statement.
const BATCH: usize = 1_000;
/// The verdict of a name without MTA-STS.
const NOT_DEPLOYED: &str = "not-deployed";
/// The verdict of a name that our own trouble hid.
const UNKNOWN: &str = "unknown";

/// What both scans have, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Compared {
    /// Names of both.
    pub(crate) names_in_both: u64,
    /// Names of the later one only.
    pub(crate) names_added: u64,
    /// Names of the earlier one only.
    pub(crate) names_removed: u64,
    /// Names of both that one of them has no answer for.
    pub(crate) not_compared: u64,
    /// Names where MTA-STS is new.
    pub(crate) appeared: u64,
    /// Names where MTA-STS is gone.
    pub(crate) vanished: u64,
    /// Names with another verdict.
    pub(crate) verdict_changed: u64,
    /// Names with the same verdict and other findings.
    pub(crate) findings_changed: u64,
}

/// One name that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// The name.
    pub(crate) domain: String,
    /// `appeared`, `vanished`, `verdict_changed` or `findings_changed`.
    pub(crate) change: &'static str,
    /// The verdict before; nothing for a name that was not in that list.
    pub(crate) verdict_before: Option<String>,
    /// The verdict after.
    pub(crate) verdict_after: Option<String>,
    /// The policy's mode before.
    pub(crate) mode_before: Option<String>,
    /// The policy's mode after.
    pub(crate) mode_after: Option<String>,
    /// Findings that were not there before.
    pub(crate) gained: Vec<String>,
    /// Findings that are not there any more.
    pub(crate) lost: Vec<String>,
}

/// What one scan says of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    verdict: Option<String>,
    mode: Option<String>,
    findings: BTreeSet<String>,
}

impl State {
    fn is_known(&self) -> bool {
        self.verdict.as_deref().is_some_and(|verdict| verdict != UNKNOWN)
    }

    fn is_deployed(&self) -> bool {
        self.is_known() && self.verdict.as_deref() != Some(NOT_DEPLOYED)
    }
}

/// Compares; each change is told as soon as it is known.
pub(super) async fn compare(
    before: RowStream<'_>,
    after: RowStream<'_>,
    scale: &Scale,
    mut tell: impl FnMut(&Change) -> anyhow::Result<()>,
) -> anyhow::Result<Compared> {
    let folder = TempDir::with_prefix("mta-sts-diff-")?;
    let options = Options { durability: Durability::Normal, connections: 1, ..Options::default() };
    let database = Database::open(&Place::File(folder.path().join("before.sqlite")), &options).await?;
    keep(&database, before, scale).await?;
    let mut compared = Compared::default();
    let mut later = after.chunks(BATCH);
    while let Some(rows) = later.next().await {
        let rows = rows.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        let names: Vec<&str> = rows.iter().map(|row| row.domain.as_str()).collect();
        let mut earlier = take(&database, &serde_json::to_string(&names)?).await?;
        for row in &rows {
            let (name, state) = state(row, scale);
            match earlier.remove(&name) {
                Some(earlier) => {
                    compared.names_in_both += 1;
                    if !earlier.is_known() || !state.is_known() {
                        compared.not_compared += 1;
                        continue;
                    }
                    if let Some(change) = change(name, Some(&earlier), Some(&state), &mut compared) {
                        tell(&change)?;
                    }
                }
                None => {
                    compared.names_added += 1;
                    if let Some(change) = change(name, None, Some(&state), &mut compared) {
                        tell(&change)?;
                    }
                }
            }
        }
    }
    gone(&database, &mut compared, &mut tell).await?;
    database.close().await;
    Ok(compared)
}

/// Keeps the earlier scan.
async fn keep(database: &Database, rows: RowStream<'_>, scale: &Scale) -> anyhow::Result<()> {
    let mut transaction = database.begin().await?;
    transaction
        .execute(
            "CREATE TABLE before (name TEXT PRIMARY KEY, state TEXT NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID",
            &[],
        )
        .await?;
    let mut chunks = rows.chunks(BATCH);
    while let Some(rows) = chunks.next().await {
        let mut batch: Vec<Value> = Vec::with_capacity(rows.len());
        for row in rows {
            let (name, state) = state(&row?, scale);
            batch.push(json!([name, json!([state.verdict, state.mode, state.findings]).to_string()]));
        }
        transaction
            .execute(
                "INSERT OR REPLACE INTO before
                 SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), 0 FROM json_each($1)",
                &[serde_json::to_string(&batch)?.into()],
            )
            .await?;
    }
    Ok(transaction.commit().await?)
}

/// What the earlier scan says of these names; they are then marked as seen.
async fn take(database: &Database, names: &str) -> anyhow::Result<HashMap<String, State>> {
    let mut transaction = database.begin().await?;
    let rows = transaction
        .fetch(
            "UPDATE before SET seen = 1 WHERE name IN (SELECT value FROM json_each($1)) RETURNING name, state",
            &[names.into()],
        )
        .await?;
    transaction.commit().await?;
    rows.iter().map(stored).collect()
}

fn stored(row: &Stored) -> anyhow::Result<(String, State)> {
    let (verdict, mode, findings) = serde_json::from_str(&row.text(1)?)?;
    Ok((row.text(0)?, State { verdict, mode, findings }))
}

/// Names that the later scan does not have.
async fn gone(
    database: &Database,
    compared: &mut Compared,
    tell: &mut impl FnMut(&Change) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut last = String::new();
    loop {
        let rows = database
            .fetch(
                "SELECT name, state FROM before WHERE seen = 0 AND name > $1 ORDER BY name LIMIT 1000",
                &[last.as_str().into()],
            )
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            let (name, state) = stored(row)?;
            last.clone_from(&name);
            compared.names_removed += 1;
            if let Some(change) = change(name, Some(&state), None, compared) {
                tell(&change)?;
            }
        }
    }
}

fn state(row: &scan::Row, scale: &Scale) -> (String, State) {
    let flat = flatten(row, judged(row, scale).as_ref()).flat;
    let findings = if flat.verdict.as_deref() == Some(NOT_DEPLOYED) { Vec::new() } else { flat.findings };
    let state = State { verdict: flat.verdict, mode: flat.mode, findings: findings.into_iter().collect() };
    (flat.domain, state)
}

/// What changed; nothing for names that are in one list only and have no MTA-STS there.
fn change(
    domain: String,
    before: Option<&State>,
    after: Option<&State>,
    compared: &mut Compared,
) -> Option<Change> {
    let none = State::default();
    let deployed = (before.is_some_and(State::is_deployed), after.is_some_and(State::is_deployed));
    let (old, new) = (before.unwrap_or(&none), after.unwrap_or(&none));
    let change = match deployed {
        (false, true) => {
            compared.appeared += 1;
            "appeared"
        }
        (true, false) => {
            compared.vanished += 1;
            "vanished"
        }
        (true, true) if old.verdict != new.verdict => {
            compared.verdict_changed += 1;
            "verdict_changed"
        }
        (true, true) if old.findings != new.findings => {
            compared.findings_changed += 1;
            "findings_changed"
        }
        _ => return None,
    };
    Some(Change {
        domain,
        change,
        verdict_before: old.verdict.clone(),
        verdict_after: new.verdict.clone(),
        mode_before: old.mode.clone(),
        mode_after: new.mode.clone(),
        gained: new.findings.difference(&old.findings).cloned().collect(),
        lost: old.findings.difference(&new.findings).cloned().collect(),
    })
}

impl Compared {
    /// Names that changed.
    pub(crate) const fn changes(&self) -> u64 {
        self.appeared + self.vanished + self.verdict_changed + self.findings_changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(verdict: &str, findings: &[&str]) -> State {
        State {
            verdict: Some(verdict.to_owned()),
            mode: None,
            findings: findings.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    #[test]
    fn what_counts_as_which_change() {
        let (none, good, bad) =
            (state(NOT_DEPLOYED, &[]), state("enforcing", &["a", "b"]), state("broken", &["b", "c"]));
        let other = state("enforcing", &["b", "c"]);
        for (before, after, expected) in [
            (Some(&none), Some(&good), Some("appeared")),
            (None, Some(&good), Some("appeared")),
            (Some(&good), Some(&none), Some("vanished")),
            (Some(&good), None, Some("vanished")),
            (Some(&good), Some(&bad), Some("verdict_changed")),
            (Some(&good), Some(&other), Some("findings_changed")),
            (Some(&good), Some(&good), None),
            (Some(&none), None, None),
            (None, Some(&none), None),
        ] {
            let mut compared = Compared::default();
            let found = change("example.com".to_owned(), before, after, &mut compared);
            assert_eq!(found.as_ref().map(|change| change.change), expected, "{before:?} {after:?}");
            assert_eq!(compared.changes(), u64::from(expected.is_some()));
        }
        let found =
            change(String::new(), Some(&good), Some(&bad), &mut Compared::default()).expect("a change");
        assert_eq!((found.gained, found.lost), (vec!["c".to_owned()], vec!["a".to_owned()]));
    }
}
