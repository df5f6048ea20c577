//! Rows from lines of JSON, each name once.

use std::collections::HashSet;
use std::collections::VecDeque;
use std::io::{BufRead, Read as _};

use database::{Database, Durability, Options, Place, Transaction};
use futures_util::stream;
use scan::Row;
use serde_json::json;
use tempfile::TempDir;

use super::rows::RowStream;
use crate::exit::{ExitStatus, Stop};

/// The longest line read: the largest evidence of one domain that a look can bring, with room to spare.
const LINE_LIMIT: u64 = 256 << 20;
/// Rows compared with all that were before in one statement; each may be long.
const BATCH: usize = 100;

/// The rows of a file, `name` for people. A name that is there twice ends it with an error: the rows of several scans
/// cannot be one.
pub(super) fn rows(file: Box<dyn BufRead + Send>, name: String) -> RowStream<'static> {
    let lines = Lines { file, name, number: 0, over: false };
    let reading = Reading { lines, seen: None, ready: VecDeque::new(), fault: None };
    Box::pin(stream::try_unfold(reading, |mut reading| async move {
        Ok(reading.next().await?.map(|row| (row, reading)))
    }))
}

struct Reading {
    lines: Lines,
    seen: Option<Seen>,
    ready: VecDeque<Row>,
    /// What ended the reading, after what is ready.
    fault: Option<anyhow::Error>,
}

/// The names that were there, in a file of its own: memory does not grow with them.
struct Seen {
    /// Never committed: it is for this process alone.
    names: Transaction,
    _database: Database,
    _folder: TempDir,
}

impl Reading {
    async fn next(&mut self) -> anyhow::Result<Option<Row>> {
        if self.ready.is_empty() {
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            self.fill().await?;
        }
        match (self.ready.pop_front(), self.fault.take()) {
            (None, Some(fault)) => Err(fault),
            (row, fault) => {
                self.fault = fault;
                Ok(row)
            }
        }
    }

    /// Reads some more rows and compares them with those before.
    async fn fill(&mut self) -> anyhow::Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        while batch.len() < BATCH {
            match self.lines.next() {
                Some(Ok(row)) => batch.push((self.lines.number, row)),
                Some(Err(error)) => {
                    self.fault = Some(error);
                    break;
                }
                None => break,
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        if self.seen.is_none() {
            self.seen = Some(Seen::new().await?);
        }
        if let Some(seen) = &mut self.seen
            && let Some((line, row, before)) = seen.repeated(&batch).await?
        {
            return Err(Stop::usage(format!(
                "{}, line {line}: {} was there already, on line {before}. Each name may be there once: rows of several \
                 scans are compared by `mta-sts scan diff`, and written each to a file of its own",
                self.lines.name, row.domain
            )));
        }
        self.ready = batch.into_iter().map(|(_, row)| row).collect();
        Ok(())
    }
}

impl Seen {
    async fn new() -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("mta-sts-rows-")?;
        let options = Options { durability: Durability::Normal, connections: 1, ..Options::default() };
        let database = Database::open(&Place::File(folder.path().join("names.sqlite")), &options).await?;
        let mut names = database.begin().await?;
        names
            .execute("CREATE TABLE seen (name TEXT PRIMARY KEY, line BIGINT NOT NULL) WITHOUT ROWID", &[])
            .await?;
        Ok(Self { names, _database: database, _folder: folder })
    }

    /// Remembers these; the first that was there already, with its line and the earlier one.
    async fn repeated<'r>(&mut self, rows: &'r [(u64, Row)]) -> anyhow::Result<Option<(u64, &'r Row, i64)>> {
        let list: Vec<_> = rows.iter().map(|(line, row)| json!([row.domain, line])).collect();
        let new = self
            .names
            .fetch(
                "INSERT INTO seen (name, line)
                 SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each($1) WHERE true
                 ON CONFLICT DO NOTHING RETURNING name",
                &[serde_json::to_string(&list)?.into()],
            )
            .await?;
        if new.len() == rows.len() {
            return Ok(None);
        }
        let mut new: HashSet<String> = new.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        for (line, row) in rows {
            // The first of a name takes it out.
            if !new.remove(row.domain.as_str()) {
                let sql = "SELECT line FROM seen WHERE name = $1";
                let before = self.names.fetch_optional(sql, &[row.domain.as_str().into()]).await?;
                let before = before.map_or(Ok(0), |row| row.integer(0))?;
                return Ok(Some((*line, row, before)));
            }
        }
        Ok(None)
    }
}

/// Rows from lines; the first line that is none ends it.
struct Lines {
    file: Box<dyn BufRead + Send>,
    name: String,
    number: u64,
    over: bool,
}

impl Iterator for Lines {
    type Item = anyhow::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            let mut line = Vec::new();
            self.number += 1;
            let read = self.file.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut line);
            let result = match read {
                Ok(0) => break,
                Ok(_) if line.trim_ascii().is_empty() => continue,
                Ok(_) if line.len() as u64 == LINE_LIMIT => Err("it is too long".to_owned()),
                Ok(_) => Row::from_line(&line).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            return Some(result.map_err(|why| {
                self.over = true;
                let message = format!(
                    "{}, line {}: {why}. Rows are what `mta-sts scan export STORE --format jsonl` writes",
                    self.name, self.number
                );
                Stop { status: ExitStatus::Usage, message }.into()
            }));
        }
        None
    }
}
