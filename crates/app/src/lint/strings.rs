//! Where the octets of a TXT record are in the text of a zone file.

/// The character-strings of one zone file entry, joined, with the place of each octet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Strings {
    /// The octets.
    pub(super) octets: Vec<u8>,
    /// The offset in the file of each octet, and one more: the end.
    places: Vec<usize>,
    /// From the first string to the end of the last, quotes included.
    pub(super) span: std::ops::Range<usize>,
}

impl Strings {
    /// Reads the strings of the entry at `entry` that come after the word `TXT` (RFC 1035 §5.1). Nothing when there
    /// is no such word.
    pub(super) fn read(text: &[u8], entry: std::ops::Range<usize>) -> Option<Self> {
        let mut reader = Reader { text, at: entry.start, end: entry.end };
        while let Some(word) = reader.word() {
            if word.quoted || !word.octets.eq_ignore_ascii_case(b"TXT") {
                continue;
            }
            let mut strings = Self::default();
            let mut first = None;
            while let Some(word) = reader.word() {
                first.get_or_insert(word.span.start);
                strings.span = first.unwrap_or_default()..word.span.end;
                strings.octets.extend(word.octets);
                strings.places.extend(word.places);
            }
            let end = strings.places.last().map_or(strings.span.end, |last| last + 1);
            strings.places.push(end);
            return (!strings.octets.is_empty()).then_some(strings);
        }
        None
    }

    /// The offset in the file of an octet of the joined strings.
    pub(super) fn place(&self, at: usize) -> usize {
        self.places.get(at).or(self.places.last()).copied().unwrap_or(self.span.start)
    }
}

struct Word {
    quoted: bool,
    octets: Vec<u8>,
    places: Vec<usize>,
    span: std::ops::Range<usize>,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        if self.at < self.end { self.text.get(self.at).copied() } else { None }
    }

    /// The next word: bare or quoted; comments and parentheses are passed over.
    fn word(&mut self) -> Option<Word> {
        loop {
            match self.peek()? {
                b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' => self.at += 1,
                b';' => {
                    while self.peek().is_some_and(|octet| octet != b'\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        let start = self.at;
        let quoted = self.peek() == Some(b'"');
        if quoted {
            self.at += 1;
        }
        let mut word = Word { quoted, octets: Vec::new(), places: Vec::new(), span: start..start };
        while let Some(octet) = self.peek() {
            let place = self.at;
            match octet {
                b'"' if quoted => {
                    self.at += 1;
                    break;
                }
                b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' | b';' if !quoted => break,
                b'\\' => {
                    let octet = self.escaped();
                    word.octets.push(octet);
                }
                octet => {
                    self.at += 1;
                    word.octets.push(octet);
                }
            }
            word.places.push(place);
        }
        word.span.end = self.at;
        Some(word)
    }

    /// `\DDD` or `\X`.
    fn escaped(&mut self) -> u8 {
        self.at += 1;
        let digits = self.text.get(self.at..(self.at + 3).min(self.end)).unwrap_or_default();
        if digits.len() == 3 && digits.iter().all(u8::is_ascii_digit) {
            let value = digits.iter().fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'));
            if let Ok(octet) = u8::try_from(value) {
                self.at += 3;
                return octet;
            }
        }
        let octet = self.peek().unwrap_or(b'\\');
        self.at += 1;
        octet
    }
}

/// A text as quoted character-strings of at most 255 octets.
pub(super) fn quoted(text: &str) -> String {
    let pieces: Vec<String> = text
        .as_bytes()
        .chunks(255)
        .map(|piece| {
            let mut shown = String::from("\"");
            for octet in piece {
                match octet {
                    b'"' | b'\\' => shown.extend(['\\', char::from(*octet)]),
                    b' '..=b'~' => shown.push(char::from(*octet)),
                    other => shown.push_str(&format!("\\{other:03}")),
                }
            }
            shown + "\""
        })
        .collect();
    pieces.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_know_their_places() {
        let text = br#"a 300 IN TXT ( "v=STSv1; " ; a comment
                       "id=\"1\052" ) "#;
        let strings = Strings::read(text, 0..text.len()).expect("strings");
        assert_eq!(strings.octets, b"v=STSv1; id=\"1\x34");
        for (at, octet) in strings.octets.iter().enumerate().take(9) {
            assert_eq!(text[strings.place(at)], *octet);
        }
        assert_eq!(&text[strings.place(12)..strings.place(12) + 2], br#"\""#);
        assert_eq!(text[strings.span.clone()].first(), Some(&b'"'));
        assert_eq!(text[strings.span.clone()].last(), Some(&b'"'));
    }

    #[test]
    fn odd_entries() {
        for text in ["", "a IN A 192.0.2.1", "\"TXT", "TXT", "TXT \\", "TXT \"", "TXT \\9", "TXT \\999"] {
            if let Some(strings) = Strings::read(text.as_bytes(), 0..text.len()) {
                assert!(strings.place(usize::MAX) <= text.len() + 1, "{text}");
            }
        }
    }

    #[test]
    fn quoting() {
        assert_eq!(quoted("a\"b\\ü"), "\"a\\\"b\\\\\\195\\188\"");
        assert_eq!(quoted(&"x".repeat(300)).matches("\" \"").count(), 1);
    }
}
