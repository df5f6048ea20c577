//! Characters that look like nothing, like a blank, or like another character, by name (rule 15).

/// One odd character in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OddOctet {
    /// Length in octets.
    pub(crate) len: usize,
    /// Stable code for an oddity.
    pub(crate) code: &'static str,
    /// What a person would call it, with its article.
    pub(crate) name: String,
    /// What was probably meant, where that is clear.
    pub(crate) mend: Option<String>,
}

/// The odd character at `at`: anything but visible ASCII, space and tab.
pub(crate) fn odd_octet(bytes: &[u8], at: usize) -> Option<OddOctet> {
    let first = *bytes.get(at)?;
    if matches!(first, b'\t' | b' '..=b'~') {
        return None;
    }
    let Some(c) = first_char(bytes, at) else {
        let name = format!("the octet {first:#04x}, which is not UTF-8");
        return Some(OddOctet { len: 1, code: "not_utf8", name, mend: None });
    };
    let (code, name, mend) = describe(c);
    let name = match c.is_ascii() {
        true => name.to_owned(),
        false => format!("{name} (U+{:04X})", u32::from(c)),
    };
    let mend = mend.map(str::to_owned).or_else(|| narrow(c).map(String::from));
    Some(OddOctet { len: c.len_utf8(), code, name, mend })
}

fn first_char(bytes: &[u8], at: usize) -> Option<char> {
    let end = bytes.len().min(at + 4); // the longest character has four octets
    bytes.get(at..end)?.utf8_chunks().next()?.valid().chars().next()
}

fn describe(c: char) -> (&'static str, &'static str, Option<&'static str>) {
    match c {
        '\0' => ("control", "a NUL", Some("")),
        '\r' => ("line_break", "a carriage return", Some("")),
        '\n' => ("line_break", "a line feed", Some("")),
        '\u{85}' | '\u{2028}' | '\u{2029}' => ("line_break", "a line separator", Some("")),
        '\u{1b}' => ("control", "an escape character", Some("")),
        c if c.is_control() => ("control", "a control character", Some("")),
        '\u{feff}' => ("byte_order_mark", "a byte order mark", Some("")),
        '\u{a0}' | '\u{2007}' | '\u{202f}' => ("no_break_space", "a no-break space", Some(" ")),
        '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => ("wide_space", "a typographic space", Some(" ")),
        '\u{200b}'..='\u{200d}' | '\u{2060}' => ("zero_width", "a zero-width character", Some("")),
        '\u{ad}' => ("zero_width", "a soft hyphen", Some("")),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            ("direction_mark", "a mark that changes the writing direction", Some(""))
        }
        '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => {
            ("smart_quote", "a typographic quotation mark", Some(""))
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => ("dash", "a typographic dash", Some("-")),
        '\u{ff01}'..='\u{ff5e}' => ("full_width", "a full-width character", None),
        _ => ("not_ascii", "a character outside ASCII", None),
    }
}

/// The ASCII character that a full-width one stands for.
fn narrow(c: char) -> Option<char> {
    let code = u32::from(c);
    (0xff01..=0xff5e).contains(&code).then(|| char::from_u32(code - 0xff01 + 0x21)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_named() {
        for (text, code, len, mend) in [
            ("\u{feff}", "byte_order_mark", 3, Some("")),
            ("\u{a0}", "no_break_space", 2, Some(" ")),
            ("\u{200b}", "zero_width", 3, Some("")),
            ("\u{201c}", "smart_quote", 3, Some("")),
            ("\u{2013}", "dash", 3, Some("-")),
            ("\u{ff4d}", "full_width", 3, Some("m")),
            ("\u{e9}", "not_ascii", 2, None),
            ("\n", "line_break", 1, Some("")),
            ("\u{7f}", "control", 1, Some("")),
        ] {
            let odd = odd_octet(text.as_bytes(), 0).expect(text);
            assert_eq!((odd.code, odd.len, odd.mend.as_deref()), (code, len, mend));
        }
        assert_eq!(odd_octet(b"a\t ", 1), None);
        assert_eq!(odd_octet(b"\xe9", 0).map(|odd| (odd.code, odd.len)), Some(("not_utf8", 1)));
        assert_eq!(odd_octet(b"", 0), None);
    }
}
