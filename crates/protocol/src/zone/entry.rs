//! Entries and words of a zone file: lines, parentheses, quotes, comments. RFC 1035 §5.1.

use std::ops::Range;

use super::ZoneFault;

/// Most words of an entry that are kept. A TXT record of 65,535 octets in strings of 255 has 257; what is longer is stepped
/// over in any case.
const MAX_WORDS: usize = 4_096;

/// One word, by its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) quoted: bool,
    /// Quotes included.
    pub(super) span: Range<usize>,
}

/// One entry: a line, or several held together by parentheses.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// Whether it begins with a blank, and so has the owner of the entry before.
    pub(super) indented: bool,
    pub(super) words: Vec<Word>,
    /// From the first word to the end of the last.
    pub(super) span: Range<usize>,
    /// A comment whose `;` stands directly behind an unquoted word: most likely it was meant as text.
    pub(super) cut_off: Option<Range<usize>>,
}

/// The entries of a text. Linear in its length.
pub(super) struct Entries<'a> {
    text: &'a [u8],
    at: usize,
    /// A parenthesis was found that nothing closes: from here on a line that looks like an entry is one.
    is_wary: bool,
}

impl<'a> Entries<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        // A byte order mark is no part of the first name.
        let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { text, at, is_wary: false }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn entry(&mut self) -> Result<Entry, ZoneFault> {
        let indented = self.peek().is_some_and(|b| matches!(b, b' ' | b'\t'));
        let mut entry = Entry { indented, ..Entry::default() };
        let mut open: Vec<usize> = Vec::new();
        while let Some(octet) = self.peek() {
            match octet {
                b'\n' => {
                    self.at += 1;
                    if open.is_empty() {
                        break;
                    }
                    if self.is_wary && self.begins_entry() {
                        return Err(self.unclosed(&open));
                    }
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'(' => {
                    // No zone file nests them; what does so without end is kept to a bound.
                    if open.len() < MAX_WORDS {
                        open.push(self.at);
                    }
                    self.at += 1;
                }
                b')' => {
                    if open.pop().is_none() {
                        let span = self.at..self.at + 1;
                        self.recover();
                        return Err(ZoneFault::new(span, "This parenthesis closes none."));
                    }
                    self.at += 1;
                }
                b';' => {
                    let start = self.at;
                    self.skip_line();
                    let follows =
                        entry.words.last().is_some_and(|word| !word.quoted && word.span.end == start);
                    if follows && entry.cut_off.is_none() {
                        entry.cut_off = Some(start..self.at);
                    }
                }
                _ => {
                    let word = self.word()?;
                    if entry.words.is_empty() {
                        entry.span.start = word.span.start;
                    }
                    entry.span.end = word.span.end;
                    if entry.words.len() < MAX_WORDS {
                        entry.words.push(word);
                    }
                }
            }
        }
        if !open.is_empty() {
            let fault = self.unclosed(&open);
            if !self.is_wary {
                // What the parenthesis swallowed is read again, once.
                self.is_wary = true;
                self.at = fault.span.start;
                self.recover();
            }
            return Err(fault);
        }
        Ok(entry)
    }

    fn unclosed(&self, open: &[usize]) -> ZoneFault {
        let at = open.first().copied().unwrap_or(self.at);
        ZoneFault::new(at..at + 1, "Nothing closes this parenthesis.")
    }

    fn word(&mut self) -> Result<Word, ZoneFault> {
        let start = self.at;
        let quoted = self.peek() == Some(b'"');
        if quoted {
            self.at += 1;
        }
        while let Some(octet) = self.peek() {
            match octet {
                b'"' if quoted => {
                    self.at += 1;
                    return Ok(Word { quoted, span: start..self.at });
                }
                b'\n' => break,
                b' ' | b'\t' | b'\r' | b'(' | b')' | b';' if !quoted => break,
                b'\\' => {
                    let escapes_one = self.text.get(self.at + 1).is_some_and(|next| *next != b'\n');
                    self.at += 1 + usize::from(escapes_one);
                }
                _ => self.at += 1,
            }
        }
        if quoted {
            self.recover();
            return Err(ZoneFault::new(start..start + 1, "Nothing closes this quote on its line."));
        }
        Ok(Word { quoted, span: start..self.at })
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
    }

    /// Goes on at the next line that looks like the start of an entry.
    fn recover(&mut self) {
        loop {
            self.skip_line();
            if self.peek().is_none() {
                return;
            }
            self.at += 1;
            if self.begins_entry() {
                return;
            }
        }
    }

    /// Whether the line that begins here is one with a name of its own.
    fn begins_entry(&self) -> bool {
        self.peek().is_some_and(|b| !matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' | b'"' | b';'))
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, ZoneFault>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.text.len() {
            match self.entry() {
                Ok(entry) if entry.words.is_empty() => {}
                other => return Some(other),
            }
        }
        None
    }
}
