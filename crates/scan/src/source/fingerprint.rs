//! What tells a list from another, and from itself after it was changed.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// How much of the beginning and of the end of a list is compared: a list may be many gigabytes.
pub(super) const COMPARED_OCTETS: u64 = 64 << 10;

/// What tells a list from another: its first octets and, of a file, also its last ones, its length and when it was last
/// written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    head: String,
    file: Option<OfFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OfFile {
    octets: u64,
    tail: String,
    /// Milliseconds since 1970, where the file system knows.
    written: Option<i64>,
}

/// In what a list differs from what it was, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Other octets.
    Content,
    /// Another length, in octets.
    Length {
        /// When the scan began.
        was: u64,
        /// Now.
        is: u64,
    },
    /// Written to since, in milliseconds since 1970.
    Written {
        /// When the scan began.
        was: i64,
        /// Now.
        is: i64,
    },
}

impl Fingerprint {
    /// Of what cannot be read twice.
    pub(super) fn of_stream(head: &[u8]) -> Self {
        Self { head: hash(head), file: None }
    }

    /// Of a file, which is then at any place.
    pub(super) fn of_file(file: &mut File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let octets = metadata.len();
        let mut part = |from: u64| -> io::Result<String> {
            let mut read = Vec::new();
            file.seek(SeekFrom::Start(from))?;
            (&mut *file).take(COMPARED_OCTETS).read_to_end(&mut read)?;
            Ok(hash(&read))
        };
        let (head, tail) = (part(0)?, part(octets.saturating_sub(COMPARED_OCTETS))?);
        let written = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        let written = written.map(Timestamp::as_millisecond);
        Ok(Self { head, file: Some(OfFile { octets, tail, written }) })
    }

    /// In what `now` differs from this, as far as both are known. A copy on another machine has another time: with
    /// `is_copy` that is no difference.
    #[must_use]
    pub fn difference(&self, now: &Self, is_copy: bool) -> Option<Difference> {
        let files = self.file.as_ref().zip(now.file.as_ref());
        if let Some((was, is)) = files.filter(|(was, is)| was.octets != is.octets) {
            return Some(Difference::Length { was: was.octets, is: is.octets });
        }
        if self.head != now.head || files.is_some_and(|(was, is)| was.tail != is.tail) {
            return Some(Difference::Content);
        }
        let (was, is) = files.and_then(|(was, is)| was.written.zip(is.written)).filter(|_| !is_copy)?;
        (was != is).then_some(Difference::Written { was, is })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content => f.write_str("its content is another"),
            Self::Length { was, is } => write!(f, "it had {was} octets and has {is} now"),
            Self::Written { was, is } => {
                write!(f, "it was last written {} and is now of {}", time(*was), time(*is))
            }
        }
    }
}

fn time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| "at some time".to_owned(), |time| time.to_string())
}

fn hash(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn what_was_changed_is_told() {
        let long = vec![b'a'; 200 << 10];
        let put = |octets: &[u8], seconds: u64| {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(octets).expect("written");
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).expect("set");
            Fingerprint::of_file(&mut file).expect("read")
        };
        let (mut head, mut tail) = (long.clone(), long.clone());
        head[5] = b'b';
        tail[(200 << 10) - 5] = b'b';
        let was = put(&long, 1);
        for (is, copy, expected) in [
            (put(&long, 1), false, None),
            (put(&long, 2), true, None),
            (put(&long, 2), false, Some(Difference::Written { was: 1_000, is: 2_000 })),
            (put(&head, 1), true, Some(Difference::Content)),
            (put(&tail, 1), true, Some(Difference::Content)),
            (put(&long[1..], 1), true, Some(Difference::Length { was: 200 << 10, is: (200 << 10) - 1 })),
            (Fingerprint::of_stream(&long[..64 << 10]), false, None),
            (Fingerprint::of_stream(b"other"), false, Some(Difference::Content)),
        ] {
            assert_eq!(was.difference(&is, copy), expected, "{is:?}");
        }
    }
}
