//! A column of a CSV (RFC 4180).

use std::io;

use csv_core::{ReadFieldResult, Reader};
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Junk};
use super::octets::{Line, Octets, excerpt};

/// The longest cell that may hold a name.
const LONGEST: usize = 4096;
/// After so many octets of one row a quotation mark counts as never closed, and reading goes on at the next line. So
/// much of the list is lost at most, and said to be.
const ROW: u64 = 64 << 10;

/// Which column holds the names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// By its number, from 1. The first row is a row like the others; a title in it counts as junk if it is no name.
    Number(usize),
    /// By its title in the first row, in any case.
    Title(String),
}

pub(super) struct CsvReader {
    column: Column,
    /// The column's place, once it is known.
    at: Option<usize>,
    core: Reader,
    cell: Vec<u8>,
}

/// One row.
struct Row {
    /// The wanted cell.
    cell: Option<Vec<u8>>,
    cut: bool,
    unclosed: bool,
    line: u64,
}

impl CsvReader {
    pub(super) fn new(column: Column, known: Option<usize>) -> Self {
        let at = match column {
            Column::Number(number) => Some(number.saturating_sub(1)),
            Column::Title(_) => known,
        };
        Self { column, at, core: Reader::new(), cell: vec![0; LONGEST] }
    }

    pub(super) const fn column(&self) -> Option<usize> {
        self.at
    }

    pub(super) fn next_entry(&mut self, octets: &mut Octets) -> io::Result<Option<Entry>> {
        let Some(at) = self.at else { return self.header(octets) };
        let Some(row) = self.row(octets, &mut |place, _| place == at)? else { return Ok(None) };
        let line = row.line;
        let Some(cell) = row.cell else {
            let why = if row.unclosed { Junk::Unclosed } else { Junk::NoColumn };
            return Ok(Some(Entry::Junk { line, why, excerpt: String::new() }));
        };
        let junk = |why| Entry::Junk { line, why, excerpt: excerpt(&cell) };
        let cell = cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&cell).to_vec();
        Ok(Some(match std::str::from_utf8(&cell) {
            _ if row.unclosed => junk(Junk::Unclosed),
            _ if row.cut => junk(Junk::TooLong),
            Err(_) => junk(Junk::NotText),
            Ok(text) if text.trim().is_empty() => Entry::Nothing,
            Ok(text) => Entry::Name { line, text: text.trim().to_owned() },
        }))
    }

    /// Finds the column by its title.
    fn header(&mut self, octets: &mut Octets) -> io::Result<Option<Entry>> {
        let Column::Title(title) = self.column.clone() else { return Ok(None) };
        let mut found = None;
        let row = self.row(octets, &mut |place, cell| {
            let text = String::from_utf8_lossy(cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell));
            if found.is_none() && text.trim().eq_ignore_ascii_case(title.trim()) {
                found = Some(place);
            }
            false
        })?;
        if row.is_none() {
            return Ok(None);
        }
        match found {
            Some(place) => {
                self.at = Some(place);
                Ok(Some(Entry::Nothing))
            }
            None => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("the first row has no column `{title}`; name one that it has, or give its number"),
            )),
        }
    }

    /// The next row that is not empty. `wanted` is asked for each cell whether it is the one to keep.
    fn row(
        &mut self,
        octets: &mut Octets,
        wanted: &mut dyn FnMut(usize, &[u8]) -> bool,
    ) -> io::Result<Option<Row>> {
        // Blank lines are no rows; skipped here, so that the row's line is known.
        loop {
            let there = octets.there()?;
            let blanks = there.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
            let lines = there.iter().take(blanks).filter(|octet| **octet == b'\n').count();
            if blanks == 0 {
                break;
            }
            octets.take(blanks, lines as u64);
        }
        let start = octets.read();
        let (mut place, mut filled, mut cut, mut any) = (0, 0, false, false);
        let mut row = Row { cell: None, cut: false, unclosed: false, line: octets.lines() + 1 };
        loop {
            let there = octets.there()?;
            let at_end = there.is_empty();
            let room = self.cell.get_mut(filled..).unwrap_or_default();
            let (result, read, written) = self.core.read_field(there, room);
            let lines = there.get(..read).unwrap_or_default().iter().filter(|octet| **octet == b'\n').count();
            any |= !at_end;
            octets.take(read, lines as u64);
            filled += written;
            match result {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => {
                    // What does not fit is read over.
                    (cut, filled) = (true, 0);
                }
                ReadFieldResult::Field { record_end } => {
                    let cell = self.cell.get(..filled).unwrap_or_default();
                    if wanted(place, cell) {
                        (row.cell, row.cut) = (Some(cell.to_vec()), cut);
                    }
                    (place, filled, cut) = (place + 1, 0, false);
                    if record_end {
                        return Ok(Some(row));
                    }
                }
                ReadFieldResult::End => return Ok(any.then_some(row).filter(|row| row.cell.is_some())),
            }
            if octets.read() - start > ROW {
                self.core = Reader::new();
                row.unclosed = true;
                // The rest of the line that we are in belongs to it.
                let ended = octets.line(&mut Vec::new(), 0)?;
                debug_assert!(ended != Line::Whole || octets.read() > start);
                return Ok(Some(row));
            }
        }
    }
}
