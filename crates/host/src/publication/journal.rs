//! The journal: what was done, on disk before the next step begins.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use protocol::Domain;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::history::History;

/// The largest journal read. At a policy of 300 octets a version takes about 600: a hundred thousand fit.
const MAX_OCTETS: u64 = 64 << 20;

/// How often the lock is asked for: half a second in all, far more than a process takes to start.
const LOCK_TRIES: usize = 25;

/// Between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(super) enum Entry {
    /// This was live before the first run.
    Found { at: Timestamp, version: u32, id: String, body: String },
    /// This is going to be placed, and then announced.
    Placing {
        at: Timestamp,
        version: u32,
        id: String,
        body: String,
        /// The version that a rollback leads back to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        back_to: Option<u32>,
    },
    /// The id was handed to a person.
    Printed { at: Timestamp, version: u32 },
    /// The id is in the record.
    Announced { at: Timestamp, version: u32 },
}

/// A line as written: with the domain, and the body's digest for people who look for it.
#[derive(Serialize, Deserialize)]
struct Line {
    domain: Domain,
    #[serde(flatten)]
    entry: Entry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_sha256: Option<String>,
}

/// The journal of one domain, held by one run at a time.
#[derive(Debug)]
pub struct Journal {
    domain: Domain,
    path: PathBuf,
    file: File,
    history: History,
}

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// Another run holds it.
    #[error("{}: another run is publishing this domain; wait for its end", .0.display())]
    Busy(PathBuf),
    /// A line that no run wrote.
    #[error("{} line {line}: {why}; mend or move away the file: without it the versions before are not known", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// From 1 on.
        line: usize,
        /// In words.
        why: String,
    },
    /// The system refuses.
    #[error("{}: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl Journal {
    /// Opens or begins the journal of a domain, and locks it until it is dropped (or the process dies).
    ///
    /// A last line without its end is of a run that was cut off while it wrote: what it announces had not begun, so
    /// that the line is taken away.
    ///
    /// # Errors
    /// [`JournalFault`] when another run holds it, when it is of another domain, or cannot be read.
    pub fn open(path: &Path, domain: &Domain) -> Result<Self, JournalFault> {
        let io = |error| JournalFault::Io { path: path.to_owned(), error };
        let mut file = File::options().read(true).append(true).create(true).open(path).map_err(io)?;
        if !locked(&file).map_err(io)? {
            return Err(JournalFault::Busy(path.to_owned()));
        }
        let mut octets = Vec::new();
        (&mut file).take(MAX_OCTETS + 1).read_to_end(&mut octets).map_err(io)?;
        if u64::try_from(octets.len()).unwrap_or(u64::MAX) > MAX_OCTETS {
            let error = io::Error::other(format!("larger than {MAX_OCTETS} octets"));
            return Err(io(error));
        }
        let whole = octets.iter().rposition(|octet| *octet == b'\n').map_or(0, |end| end + 1);
        let (lines, torn) = octets.split_at_checked(whole).unwrap_or((&octets, &[]));
        let mut entries = Vec::new();
        for (index, line) in
            lines.split(|octet| *octet == b'\n').enumerate().filter(|(_, line)| !line.is_empty())
        {
            let entry = read(line, domain).map_err(|why| JournalFault::Damaged {
                path: path.to_owned(),
                line: index + 1,
                why,
            })?;
            entries.push(entry);
        }
        if !torn.is_empty() {
            file.set_len(u64::try_from(whole).unwrap_or_default()).map_err(io)?;
            file.seek(SeekFrom::End(0)).map_err(io)?;
        }
        // The file itself may be new: its entry must be on disk before anything depends on it.
        on_disk(path).map_err(io)?;
        Ok(Self { domain: domain.clone(), path: path.to_owned(), file, history: History::of(&entries) })
    }

    /// The versions so far.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Writes down what was live before the first run; returns its number.
    ///
    /// # Errors
    /// [`JournalFault::Io`]; this and the others have written nothing that counts then.
    pub fn found(&mut self, id: &str, body: &str, at: Timestamp) -> Result<u32, JournalFault> {
        let version = self.history.next_number();
        self.write(Entry::Found { at, version, id: id.to_owned(), body: body.to_owned() })?;
        Ok(version)
    }

    /// Writes down the intention to place and announce; returns the version's number. `back_to` is the version that a
    /// rollback leads back to.
    ///
    /// # Errors
    /// [`JournalFault::Io`].
    pub fn placing(
        &mut self,
        id: &str,
        body: &str,
        back_to: Option<u32>,
        at: Timestamp,
    ) -> Result<u32, JournalFault> {
        let version = self.history.next_number();
        self.write(Entry::Placing { at, version, id: id.to_owned(), body: body.to_owned(), back_to })?;
        Ok(version)
    }

    /// Writes down that the id was handed to a person.
    ///
    /// # Errors
    /// [`JournalFault::Io`].
    pub fn printed(&mut self, version: u32, at: Timestamp) -> Result<(), JournalFault> {
        self.write(Entry::Printed { at, version })
    }

    /// Writes down that the id is in the record.
    ///
    /// # Errors
    /// [`JournalFault::Io`].
    pub fn announced(&mut self, version: u32, at: Timestamp) -> Result<(), JournalFault> {
        self.write(Entry::Announced { at, version })
    }

    /// On disk when it returns: only then may what it says begin.
    fn write(&mut self, entry: Entry) -> Result<(), JournalFault> {
        let body_sha256 = match &entry {
            Entry::Found { body, .. } | Entry::Placing { body, .. } => Some(digest(body)),
            Entry::Printed { .. } | Entry::Announced { .. } => None,
        };
        let line = Line { domain: self.domain.clone(), entry, body_sha256 };
        let io = |error: io::Error| JournalFault::Io { path: self.path.clone(), error };
        let mut text = serde_json::to_vec(&line).map_err(|error| io(error.into()))?;
        text.push(b'\n');
        self.file.write_all(&text).and_then(|()| self.file.sync_all()).map_err(io)?;
        self.history.take(&line.entry);
        Ok(())
    }
}

fn read(line: &[u8], domain: &Domain) -> Result<Entry, String> {
    let Line { domain: of, entry, body_sha256 } = serde_json::from_slice(line)
        .map_err(|_| "this is no line that `mta-sts publish` writes".to_owned())?;
    if of != *domain {
        return Err(format!("this is the journal of {of}"));
    }
    if let Entry::Found { body, .. } | Entry::Placing { body, .. } = &entry
        && body_sha256.is_some_and(|written| written != digest(body))
    {
        return Err("the body is not the one that the digest is of".to_owned());
    }
    Ok(entry)
}

fn digest(body: &str) -> String {
    Sha256::digest(body).iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(unix)]
fn on_disk(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn on_disk(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether the lock is ours. It is asked for several times: a process that another thread is just starting holds every
/// open file for a moment, this one's lock included.
fn locked(file: &File) -> io::Result<bool> {
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::super::Stage;
    use super::*;

    fn now() -> Timestamp {
        "2026-04-29T12:00:00Z".parse().expect("a time")
    }

    fn domain() -> Domain {
        Domain::parse("example.com").expect("a domain")
    }

    fn open(path: &Path) -> Journal {
        Journal::open(path, &domain()).expect("opens")
    }

    #[test]
    fn what_is_written_is_read_again() {
        let dir = tempfile::TempDir::new().expect("a folder");
        let path = dir.path().join("journal");
        let mut journal = open(&path);
        assert_eq!(journal.found("1", "a\n", now()).expect("written"), 1);
        assert_eq!(journal.placing("2", "b\n", None, now()).expect("written"), 2);
        journal.announced(2, now()).expect("written");
        assert_eq!(journal.placing("3", "a\n", None, now()).expect("written"), 3);
        journal.printed(3, now()).expect("written");
        let history = journal.history().clone();
        drop(journal);
        let journal = open(&path);
        assert_eq!(*journal.history(), history);
        let stages: Vec<Stage> = history.versions().iter().map(|version| version.stage).collect();
        assert_eq!(stages, [Stage::Announced(now()), Stage::Announced(now()), Stage::Printed(now())]);
        assert_eq!(history.earlier().map(|version| version.number), Some(2));
    }

    #[test]
    fn a_torn_last_line_never_happened() {
        let dir = tempfile::TempDir::new().expect("a folder");
        let path = dir.path().join("journal");
        let mut journal = open(&path);
        journal.placing("1", "a\n", None, now()).expect("written");
        journal.announced(1, now()).expect("written");
        drop(journal);
        let whole = std::fs::read(&path).expect("there");
        let first = whole.iter().position(|octet| *octet == b'\n').expect("a line") + 1;
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("written");
            let mut journal = open(&path);
            assert_eq!(journal.history().versions().len(), usize::from(length >= first), "{length}");
            // The next line begins where the last whole one ended.
            let version = journal.placing("2", "b\n", None, now()).expect("written");
            drop(journal);
            assert_eq!(open(&path).history().last().map(|last| last.number), Some(version), "{length}");
        }
    }

    #[test]
    fn one_run_at_a_time_and_one_domain_a_file() {
        let dir = tempfile::TempDir::new().expect("a folder");
        let path = dir.path().join("journal");
        let mut journal = open(&path);
        journal.placing("1", "a\n", None, now()).expect("written");
        assert!(matches!(Journal::open(&path, &domain()), Err(JournalFault::Busy(_))));
        drop(journal);
        let other = Domain::parse("example.net").expect("a domain");
        assert!(matches!(Journal::open(&path, &other), Err(JournalFault::Damaged { line: 1, .. })));
        std::fs::write(&path, "{}\n").expect("written");
        assert!(matches!(Journal::open(&path, &domain()), Err(JournalFault::Damaged { line: 1, .. })));
    }
}
