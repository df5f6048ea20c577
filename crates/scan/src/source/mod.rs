//! Where the names come from: lists, CSV, zone files. Nothing in them is fatal but that they cannot be read.

mod csv;
mod entry;
mod fingerprint;
mod lines;
mod octets;
mod zone;

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use csv::Column;
pub use entry::{Entry, Junk};
pub use fingerprint::{Difference, Fingerprint};

use self::csv::CsvReader;
use self::fingerprint::COMPARED_OCTETS;
use self::lines::LineReader;
use self::octets::Octets;
use self::zone::ZoneReader;
use crate::ScanError;

/// How names stand in the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// One name a line; what follows `#` is a comment.
    Lines,
    /// A column of a CSV (RFC 4180).
    Csv(Column),
    /// The owners of NS and MX records of a zone file (RFC 1035 §5.1); `$INCLUDE` is not followed.
    Zone {
        /// Where relative names start, unless the file says so itself.
        origin: String,
    },
}

/// How far a list was read: from here on reading may go on later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Octets read.
    pub octets: u64,
    /// Lines read.
    pub line: u64,
    /// What else has to be remembered.
    state: State,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    #[default]
    None,
    Csv(Option<usize>),
    Zone(protocol::zone::Owners, Option<String>),
}

/// A list that is being read.
pub struct Source {
    kind: InputKind,
    octets: Octets,
    reader: Reader,
    length: Option<u64>,
    fingerprint: Fingerprint,
    /// Where it is, if it can be read once more.
    path: Option<PathBuf>,
}

/// A list that can be opened once more, at another place.
#[derive(Debug, Clone)]
pub(crate) struct List {
    path: PathBuf,
    kind: InputKind,
    fingerprint: Fingerprint,
}

impl List {
    /// Opens it to go on after `from`.
    pub(crate) fn open(&self, from: &Mark) -> Result<Source, ScanError> {
        let source = Source::open(&self.path, self.kind.clone(), from)?;
        match self.fingerprint.difference(source.fingerprint(), false) {
            Some(difference) => Err(ScanError::OtherList(difference)),
            None => Ok(source),
        }
    }
}

enum Reader {
    Lines(LineReader),
    Csv(Box<CsvReader>),
    Zone(ZoneReader),
}

impl Source {
    /// Opens a file, or standard input for `-`, and goes on after `from`.
    ///
    /// # Errors
    /// When it cannot be opened or read.
    pub fn open(path: &Path, kind: InputKind, from: &Mark) -> io::Result<Self> {
        if path == Path::new("-") {
            return Self::from_stream(Box::new(io::stdin()), kind, from);
        }
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Self::from_stream(Box::new(file), kind, from);
        }
        let fingerprint = Fingerprint::of_file(&mut file)?;
        file.seek(SeekFrom::Start(from.octets))?;
        Ok(Self {
            octets: Octets::new(Box::new(file), from.octets, from.line),
            reader: Reader::of(&kind, from),
            kind,
            length: Some(metadata.len()),
            fingerprint,
            path: Some(path.to_owned()),
        })
    }

    /// Reads what cannot be read twice; `from` is reached by reading over what comes before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn from_stream(mut stream: Box<dyn Read + Send>, kind: InputKind, from: &Mark) -> io::Result<Self> {
        let mut head = Vec::new();
        (&mut stream).take(COMPARED_OCTETS).read_to_end(&mut head)?;
        let fingerprint = Fingerprint::of_stream(&head);
        let mut whole = io::Cursor::new(head).chain(stream);
        io::copy(&mut (&mut whole).take(from.octets), &mut io::sink())?;
        Ok(Self {
            octets: Octets::new(Box::new(whole), from.octets, from.line),
            reader: Reader::of(&kind, from),
            kind,
            length: None,
            fingerprint,
            path: None,
        })
    }

    /// The next entry; `None` at the end.
    ///
    /// # Errors
    /// When it cannot be read any further: what stands in it is never an error.
    pub fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        match &mut self.reader {
            Reader::Lines(reader) => reader.next_entry(&mut self.octets),
            Reader::Csv(reader) => reader.next_entry(&mut self.octets),
            Reader::Zone(reader) => reader.next_entry(&mut self.octets),
        }
    }

    /// How far it was read; `None` in the midst of a piece that holds several entries.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        let state = match &self.reader {
            Reader::Lines(_) => State::None,
            Reader::Csv(reader) => State::Csv(reader.column()),
            Reader::Zone(reader) => {
                let (owners, last) = reader.between_pieces()?;
                State::Zone(owners.clone(), last.cloned())
            }
        };
        Some(Mark { octets: self.octets.read(), line: self.octets.lines(), state })
    }

    /// How names stand in it.
    #[must_use]
    pub const fn kind(&self) -> &InputKind {
        &self.kind
    }

    /// Octets in all, where that is known.
    #[must_use]
    pub const fn length(&self) -> Option<u64> {
        self.length
    }

    /// What tells this list from another.
    #[must_use]
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The list, to be opened once more; `None` for what can be read only once.
    pub(crate) fn list(&self) -> Option<List> {
        let (kind, fingerprint) = (self.kind.clone(), self.fingerprint.clone());
        self.path.clone().map(|path| List { path, kind, fingerprint })
    }
}

impl Reader {
    fn of(kind: &InputKind, from: &Mark) -> Self {
        match (kind, &from.state) {
            (InputKind::Lines, _) => Self::Lines(LineReader),
            (InputKind::Csv(column), state) => {
                let known = if let State::Csv(known) = state { *known } else { None };
                Self::Csv(Box::new(CsvReader::new(column.clone(), known)))
            }
            (InputKind::Zone { .. }, State::Zone(owners, last)) => {
                Self::Zone(ZoneReader::new(owners.clone(), last.clone()))
            }
            (InputKind::Zone { origin }, _) => {
                Self::Zone(ZoneReader::new(protocol::zone::Owners::new(origin), None))
            }
        }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("kind", &self.kind)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
