//! The text of a TXT record in a zone file, with the place of each octet.

use std::ops::Range;

use super::entry::{Entry, Word};
use super::generic::GenericText;

/// Longest character-string in octets. RFC 1035 §3.3.
const MAX_STRING: usize = 255;

/// A TXT record in the text of a zone file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxtEntry {
    /// The name, in lower case, without the final dot.
    pub owner: String,
    /// Its strings, joined.
    pub octets: Vec<u8>,
    /// From its first string to the end of its last, quotes included.
    pub span: Range<usize>,
    /// Unquoted text that a `;` has made a comment, from the `;` to the end of the line.
    pub cut_off: Option<Range<usize>>,
    strings: Vec<CharacterString>,
    /// Where each octet is written, and in how many octets.
    places: Vec<(u32, u8)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct CharacterString {
    quoted: bool,
    /// What is within the quotes.
    inside: Range<usize>,
    /// How many octets it has.
    len: usize,
}

impl TxtEntry {
    pub(super) fn read(text: &[u8], owner: String, words: &[Word], entry: &Entry) -> Self {
        let start = words.first().map_or(0, |word| word.span.start);
        let end = words.last().map_or(start, |word| word.span.end);
        let mut read = Self {
            owner,
            octets: Vec::new(),
            span: start..end,
            cut_off: entry.cut_off.clone().filter(|cut| cut.start == end),
            strings: Vec::new(),
            places: Vec::new(),
        };
        for word in words {
            let quote = usize::from(word.quoted);
            let inside = word.span.start + quote..word.span.end - quote;
            let before = read.octets.len();
            let mut at = inside.start;
            while at < inside.end {
                let Some((octet, width)) = unescaped(text.get(at..inside.end).unwrap_or_default()) else {
                    break;
                };
                read.octets.push(octet);
                read.places.push((u32::try_from(at).unwrap_or(u32::MAX), width));
                at += usize::from(width);
            }
            let len = read.octets.len() - before;
            read.strings.push(CharacterString { quoted: word.quoted, inside, len });
        }
        read
    }

    /// A record whose data is written in the generic form (RFC 3597 §5). Whatever is changed in it is written anew, as
    /// quoted strings.
    pub(super) fn generic(read: GenericText, owner: String, words: &[Word]) -> Self {
        let start = words.first().map_or(0, |word| word.span.start);
        let end = words.last().map_or(start, |word| word.span.end);
        let place = |at: usize| (u32::try_from(at).unwrap_or(u32::MAX), 2);
        Self {
            owner,
            octets: read.octets,
            span: start..end,
            cut_off: None,
            // No octet is in any of them as it stands, so that each is replaced as a whole.
            strings: words
                .iter()
                .map(|word| CharacterString { quoted: false, inside: word.span.clone(), len: 0 })
                .collect(),
            places: read.places.into_iter().map(place).collect(),
        }
    }

    /// Whether it looks like an MTA-STS record, wherever it stands.
    pub fn looks_like_sts(&self) -> bool {
        self.looks_like(b"v=stsv1")
    }

    /// Whether it looks like a TLSRPT record, wherever it stands.
    pub fn looks_like_tlsrpt(&self) -> bool {
        self.looks_like(b"v=tlsrptv1")
    }

    fn looks_like(&self, start: &[u8]) -> bool {
        let text = self.octets.trim_ascii_start();
        text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
    }

    /// The first string that is longer than a character-string can be.
    pub(super) fn long_string(&self) -> Option<Range<usize>> {
        self.strings.iter().find(|string| string.len > MAX_STRING).map(|string| string.inside.clone())
    }

    /// Where a range of [`Self::octets`] is in the file.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = match self.places.get(range.start) {
            Some((at, _)) => *at as usize,
            None => self.strings.last().map_or(self.span.end, |string| string.inside.end),
        };
        let last = range.end.min(self.places.len()).checked_sub(1).filter(|last| *last >= range.start);
        let end = last.and_then(|last| self.places.get(last));
        start..end.map_or(start, |(at, width)| *at as usize + usize::from(*width))
    }

    /// What to write where in the file, in order, so that the record says `new`: only what differs, within one string, where
    /// that can be; otherwise all of it in place of the first string, and nothing in place of the others. Parentheses and
    /// comments between the strings stay.
    pub fn rewritten(&self, new: &[u8]) -> Vec<(Range<usize>, String)> {
        let old = self.octets.as_slice();
        let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - prefix;
        let suffix = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        let changed = prefix..old.len() - suffix;
        let written = new.get(prefix..new.len() - suffix).unwrap_or_default();
        if self.room(&changed).is_some_and(|room| written.len() <= room) {
            return vec![(self.place(changed), escaped(written))];
        }
        let whole = |string: &CharacterString| {
            let quote = usize::from(string.quoted);
            string.inside.start - quote..string.inside.end + quote
        };
        let anew = std::iter::once(quoted(new)).chain(std::iter::repeat(String::new()));
        self.strings.iter().map(whole).zip(anew).collect()
    }

    /// How many octets can stand in place of a changed range that lies within one quoted string.
    fn room(&self, changed: &Range<usize>) -> Option<usize> {
        let mut at = 0;
        for (n, string) in self.strings.iter().enumerate() {
            let end = at + string.len;
            if changed.start < end || n + 1 == self.strings.len() {
                let is_inside = string.quoted && changed.end <= end;
                return is_inside.then(|| MAX_STRING.saturating_sub(string.len - changed.len()));
            }
            at = end;
        }
        None
    }
}

/// A text as quoted character-strings of at most 255 octets.
pub fn quoted(text: &[u8]) -> String {
    let pieces: Vec<String> =
        text.chunks(MAX_STRING).map(|piece| format!("\"{}\"", escaped(piece))).collect();
    if pieces.is_empty() { "\"\"".to_owned() } else { pieces.join(" ") }
}

/// A text as it is written between quotes.
fn escaped(text: &[u8]) -> String {
    let mut shown = String::new();
    for octet in text {
        match octet {
            b'"' | b'\\' => shown.extend(['\\', char::from(*octet)]),
            b' '..=b'~' => shown.push(char::from(*octet)),
            other => shown.push_str(&format!("\\{other:03}")),
        }
    }
    shown
}

/// The first octet of `text` and in how many it is written: `\DDD`, `\X`, or itself.
fn unescaped(text: &[u8]) -> Option<(u8, u8)> {
    match *text {
        [b'\\', a @ b'0'..=b'2', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            let value = [a, b, c].iter().fold(0_u16, |value, digit| value * 10 + u16::from(digit - b'0'));
            Some(u8::try_from(value).map_or((a, 2), |octet| (octet, 4)))
        }
        [b'\\', octet, ..] => Some((octet, 2)),
        [octet, ..] => Some((octet, 1)),
        [] => None,
    }
}

/// A name without escapes, in lower case and without the final dot, and whether it had that dot. Escaped dots stay escaped.
pub(super) fn name(written: &[u8]) -> (String, bool) {
    let mut name = Vec::new();
    let mut at = 0;
    let mut is_absolute = false;
    while let Some((octet, width)) = unescaped(written.get(at..).unwrap_or_default()) {
        at += usize::from(width);
        is_absolute = octet == b'.' && width == 1;
        if octet == b'.' && width > 1 {
            name.push(b'\\');
        }
        name.push(octet.to_ascii_lowercase());
    }
    if is_absolute {
        name.pop();
    }
    (String::from_utf8_lossy(&name).into_owned(), is_absolute)
}
