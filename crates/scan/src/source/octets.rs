//! Octets of a list, line by line, each bounded.

use std::io::{self, BufRead as _, BufReader, Read};

/// Octets read from the file at a time.
const BUFFER: usize = 64 << 10;

/// A stream that counts what was taken from it.
pub(super) struct Octets {
    stream: BufReader<Box<dyn Read + Send>>,
    read: u64,
    lines: u64,
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It is all there.
    Whole,
    /// Only its beginning is there; the rest was read over.
    Cut,
    /// There is none: the end.
    End,
}

impl Octets {
    pub(super) fn new(stream: Box<dyn Read + Send>, read: u64, lines: u64) -> Self {
        Self { stream: BufReader::with_capacity(BUFFER, stream), read, lines }
    }

    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    pub(super) const fn lines(&self) -> u64 {
        self.lines
    }

    /// Appends the next line, its end included, as far as `into` may grow to `limit` octets.
    pub(super) fn line(&mut self, into: &mut Vec<u8>, limit: usize) -> io::Result<Line> {
        let mut result = Line::End;
        loop {
            let there = filled(&mut self.stream)?;
            if there.is_empty() {
                if result != Line::End {
                    self.lines += 1;
                }
                return Ok(result);
            }
            let end = there.iter().position(|octet| *octet == b'\n').map(|at| at + 1);
            let piece = there.get(..end.unwrap_or(there.len())).unwrap_or_default();
            let room = limit.saturating_sub(into.len());
            into.extend_from_slice(piece.get(..room).unwrap_or(piece));
            result = if result == Line::Cut || piece.len() > room { Line::Cut } else { Line::Whole };
            let taken = piece.len();
            self.stream.consume(taken);
            self.read += taken as u64;
            if end.is_some() {
                self.lines += 1;
                return Ok(result);
            }
        }
    }

    /// What was read and not taken yet; empty at the end.
    pub(super) fn there(&mut self) -> io::Result<&[u8]> {
        filled(&mut self.stream)
    }

    /// Takes the first `count` octets of what is there.
    pub(super) fn take(&mut self, count: usize, lines: u64) {
        self.stream.consume(count);
        self.read += count as u64;
        self.lines += lines;
    }
}

fn filled(stream: &mut BufReader<Box<dyn Read + Send>>) -> io::Result<&[u8]> {
    loop {
        match stream.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    // Nothing is read when something is there.
    stream.fill_buf()
}

/// A bounded piece of something hostile, for people.
pub(super) fn excerpt(octets: &[u8]) -> String {
    /// Characters kept: enough to find the line again.
    const LONGEST: usize = 80;
    let text = String::from_utf8_lossy(octets.get(..LONGEST * 4).unwrap_or(octets));
    text.trim().chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
