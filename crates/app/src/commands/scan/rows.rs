//! Where rows come from: a store, or a file of lines.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;
use std::pin::Pin;

use database::{Access, Database, Options, Place};
use futures_util::{Stream, StreamExt as _};
use scan::{Row, Scan, Standing};

use super::lines;
use super::opening::failed;
use crate::exit::Stop;

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
        let access = match &place {
            Place::File(path) => access(path)?,
            Place::Server(_) => Access::Write,
        };
        let options = Options { access, create: false, ..Options::default() };
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

    /// Ends the use of a store; what is in its log is merged into it.
    pub(super) async fn close(&self) {
        if let Self::Store(scan) = self {
            scan.database().close().await;
        }
    }

    /// The rows, in the order of the list.
    pub(super) fn stream(&self) -> anyhow::Result<RowStream<'_>> {
        match self {
            Self::Store(scan) => Ok(Box::pin(scan.rows().map(|row| row.map_err(failed)))),
            Self::Lines(path) => {
                let file: Box<dyn BufRead + Send> = if path == "-" {
                    Box::new(BufReader::new(io::stdin()))
                } else {
                    let file = File::open(Path::new(path))
                        .map_err(|error| Stop::usage(format!("{path} cannot be read: {error}")))?;
                    Box::new(BufReader::new(file))
                };
                let name = if path == "-" { "standard input".to_owned() } else { path.clone() };
                Ok(lines::rows(file, name))
            }
        }
    }
}

/// Whether a file may be a store, or become one: it is empty, or a SQLite database that is nobody else's.
pub(super) fn may_be_store(path: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    File::open(path)?.take(START).read_to_end(&mut start)?;
    Ok(start.is_empty() || start.starts_with(SQLITE) && !is_foreign(&start))
}

/// Whether a store may be written to, which reading it needs too as long as it has a log: that is merged first.
fn access(path: &Path) -> anyhow::Result<Access> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let writable = File::options().append(true).open(path).is_ok()
        && tempfile::Builder::new().prefix(".mta-sts-").tempfile_in(folder).is_ok();
    if writable {
        return Ok(Access::Write);
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(Stop::usage(format!(
            "{} cannot be read: a part of it is still in {} and must be merged, but neither may be written to here; copy \
             both to a folder of your own",
            path.display(),
            Path::new(&log).display()
        )));
    }
    Ok(Access::Read)
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
