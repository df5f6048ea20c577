//! One name a line.

use std::io;

use super::entry::{Entry, Junk};
use super::octets::{Line, Octets, excerpt};

/// The longest line that may hold a name: 253 characters of four octets each, blanks and a comment.
const LONGEST: usize = 4096;

pub(super) struct LineReader;

impl LineReader {
    #[expect(clippy::unused_self, reason = "as the other readers")]
    pub(super) fn next_entry(&self, octets: &mut Octets) -> io::Result<Option<Entry>> {
        let mut line = Vec::new();
        let first = octets.read() == 0;
        let ended = octets.line(&mut line, LONGEST)?;
        if ended == Line::End {
            return Ok(None);
        }
        // A byte order mark is no part of the first name.
        let text = if first { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
        Ok(Some(name(text, octets.lines(), ended == Line::Cut)))
    }
}

fn name(line: &[u8], number: u64, cut: bool) -> Entry {
    let junk = |why| Entry::Junk { line: number, why, excerpt: excerpt(line) };
    // A comment may be of any length and in any encoding.
    if line.trim_ascii_start().first() == Some(&b'#') {
        return Entry::Nothing;
    }
    let meant = comment(line).and_then(|at| line.get(..at)).unwrap_or(line);
    if cut && meant.len() == line.len() {
        return junk(Junk::TooLong);
    }
    match std::str::from_utf8(meant) {
        Err(_) => junk(Junk::NotText),
        Ok(text) if text.trim().is_empty() => Entry::Nothing,
        Ok(text) => Entry::Name { line: number, text: text.trim().to_owned() },
    }
}

/// Where a comment begins: at a `#` behind a blank.
fn comment(line: &[u8]) -> Option<usize> {
    line.windows(2).position(|pair| matches!(pair, [b' ' | b'\t', b'#']))
}
