//! Where rows come from: a store, or a file of lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::pin::Pin;

use database::{Database, Options, Place};
use futures_util::{Stream, StreamExt as _, stream};
use scan::{Row, Scan, Standing};

use super::opening::failed;
use crate::exit::{ExitStatus, Stop};

/// The longest line read: the largest evidence of one domain that a look can bring, with room to spare.
const LINE_LIMIT: u64 = 256 << 20;
/// How a SQLite file begins.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// As much of a SQLite file as has the names of its first tables.
const START: u64 = 64 << 10;

/// Refuses an output that would take the place of a scan that it is made of.
///
/// # Errors
/// An error of the command line, when `output` is one of the files that `sources` name, by whatever path.
pub(super) fn keep_apart(output: Option<&Path>, sources: &[&str]) -> anyhow::Result<()> {
    let Some(output) = output.filter(|path| *path != Path::new("-")) else { return Ok(()) };
    for source in sources.iter().filter(|source| **source != "-") {
        let Ok(Place::File(source)) = Place::parse(source) else { continue };
        if is_same(output, &source) {
            return Err(Stop::usage(format!(
                "--output: {} is the scan itself, which would be lost; name another file",
                output.display()
            )));
        }
    }
    Ok(())
}

/// Whether two paths lead to one regular file.
fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let place = |path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file);
        matches!((place(one), place(other)), (Some(one), Some(other))
            if (one.dev(), one.ino()) == (other.dev(), other.ino()))
    }
    #[cfg(not(unix))]
    {
        matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
    }
}

/// A scan's rows.
pub(super) enum Rows {
    /// In a store.
    Store(Scan),
    /// In a file, `-` for standard input.
    Lines(String),
}

/// The rows one by one.
pub(super) type RowStream<'a> = Pin<Box<dyn Stream<Item = anyhow::Result<Row>> + Send + 'a>>;

impl Rows {
    /// Finds out what it is, and opens it.
    pub(super) async fn open(text: &str, name: Option<&str>) -> anyhow::Result<Self> {
        if text == "-" {
            return Ok(Self::Lines(text.to_owned()));
        }
        let place = Place::parse(text).map_err(|error| Stop::usage(error.to_string()))?;
        if let Place::File(path) = &place {
            let mut start = Vec::new();
            File::open(path)
                .and_then(|file| file.take(START).read_to_end(&mut start))
                .map_err(|error| Stop::usage(format!("{text} cannot be read: {error}")))?;
            if !start.starts_with(SQLITE) {
                return Ok(Self::Lines(text.to_owned()));
            }
            if is_foreign(&start) {
                return Err(no_scan(&place));
            }
        }
        let options = Options { create: false, ..Options::default() };
        let database = Database::open(&place, &options).await.map_err(|error| failed(error.into()))?;
        match Scan::open(&database, name).await {
            Ok(scan) => Ok(Self::Store(scan)),
            Err(scan::ScanError::Unknown { .. }) => {
                let names = Scan::names(&database).await.unwrap_or_default();
                Err(Stop::usage(match names.as_slice() {
                    [] => format!("{place} holds no scan; `mta-sts scan LIST` makes a store"),
                    names => {
                        format!("{place} holds other scans: give --name with one of {}", names.join(", "))
                    }
                }))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// How far the scan is, if its store knows.
    pub(super) async fn standing(&self) -> anyhow::Result<Option<Standing>> {
        match self {
            Self::Store(scan) => Ok(Some(scan.standing().await.map_err(failed)?)),
            Self::Lines(_) => Ok(None),
        }
    }

    /// The rows, in the order of the list.
    pub(super) fn stream(&self) -> anyhow::Result<RowStream<'_>> {
        match self {
            Self::Store(scan) => Ok(Box::pin(scan.rows().map(|row| row.map_err(failed)))),
            Self::Lines(path) => {
                let file: Box<dyn BufRead + Send> = if path == "-" {
                    Box::new(BufReader::new(std::io::stdin()))
                } else {
                    let file = File::open(Path::new(path))
                        .map_err(|error| Stop::usage(format!("{path} cannot be read: {error}")))?;
                    Box::new(BufReader::new(file))
                };
                let name = if path == "-" { "standard input".to_owned() } else { path.clone() };
                Ok(Box::pin(stream::iter(Lines { file, name, number: 0, over: false })))
            }
        }
    }
}

/// Whether a SQLite file is certainly no store of ours, which to open would change: one without a log beside it and
/// without our tables.
fn is_foreign(start: &[u8]) -> bool {
    const TABLE: &[u8] = b"scan_jobs";
    // "File format write version": 2 is a write-ahead log.
    start.get(18) == Some(&1) && !start.windows(TABLE.len()).any(|window| window == TABLE)
}

fn no_scan(place: &Place) -> anyhow::Error {
    Stop::usage(format!("{place} holds no scan; `mta-sts scan LIST` makes a store"))
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
