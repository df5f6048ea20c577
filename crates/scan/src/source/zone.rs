//! Owners of the NS and MX records of a zone file.

use std::collections::VecDeque;
use std::io;

use protocol::zone::Owners;

use super::entry::{Entry, Junk};
use super::octets::{Line, Octets, excerpt};

/// The longest entry: what is held together by parentheses over more octets is read as single lines.
const LONGEST: usize = 64 << 10;

pub(super) struct ZoneReader {
    owners: Owners,
    /// Entries of the piece that was read last.
    waiting: VecDeque<Entry>,
    /// The owner before: the several name servers of a domain are one entry, not a duplicate.
    last: Option<String>,
}

impl ZoneReader {
    pub(super) const fn new(owners: Owners, last: Option<String>) -> Self {
        Self { owners, waiting: VecDeque::new(), last }
    }

    /// What has to be remembered, if nothing of the last piece is left.
    pub(super) fn between_pieces(&self) -> Option<(&Owners, Option<&String>)> {
        self.waiting.is_empty().then_some((&self.owners, self.last.as_ref()))
    }

    pub(super) fn next_entry(&mut self, octets: &mut Octets) -> io::Result<Option<Entry>> {
        if let Some(entry) = self.waiting.pop_front() {
            return Ok(Some(entry));
        }
        let line = octets.lines() + 1;
        let mut piece = Vec::new();
        let mut depth = Depth::default();
        loop {
            let before = piece.len();
            let ended = octets.line(&mut piece, LONGEST)?;
            depth.read(piece.get(before..).unwrap_or_default());
            match ended {
                Line::End if piece.is_empty() => return Ok(None),
                Line::Cut => {
                    let junk = Entry::Junk { line, why: Junk::TooLong, excerpt: excerpt(&piece) };
                    self.waiting.push_back(junk);
                    break;
                }
                Line::Whole if depth.open > 0 && piece.len() < LONGEST => {}
                Line::Whole | Line::End => break,
            }
        }
        for found in self.owners.read(&piece) {
            match found {
                Ok(owned) if is_wanted(&owned.kind) => {
                    if self.last.as_ref() != Some(&owned.owner) {
                        self.last = Some(owned.owner.clone());
                        self.waiting.push_back(Entry::Name { line, text: owned.owner });
                    }
                }
                Ok(_) => {}
                Err(fault) => {
                    let excerpt = excerpt(piece.get(fault.span.start..).unwrap_or_default());
                    self.waiting.push_back(Entry::Junk { line, why: Junk::NoZoneEntry, excerpt });
                }
            }
        }
        Ok(Some(self.waiting.pop_front().unwrap_or(Entry::Nothing)))
    }
}

/// Delegations (of the zone of a registry) and mail domains (of anybody's zone).
fn is_wanted(kind: &str) -> bool {
    matches!(kind, "NS" | "MX" | "TYPE2" | "TYPE15")
}

/// How many parentheses are open at the end of a line.
#[derive(Default)]
struct Depth {
    open: u32,
}

impl Depth {
    fn read(&mut self, line: &[u8]) {
        let (mut quoted, mut escaped) = (false, false);
        for octet in line {
            match octet {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => quoted = !quoted,
                b';' if !quoted => return,
                b'(' if !quoted => self.open = self.open.saturating_add(1),
                b')' if !quoted => self.open = self.open.saturating_sub(1),
                _ => {}
            }
        }
    }
}
