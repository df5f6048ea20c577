//! Short, printable pieces of hostile text for error values.

/// Longest excerpt in characters before escaping: enough to recognise the place, too short to flood a log.
pub(crate) const MAX_EXCERPT: usize = 48;

/// At most [`MAX_EXCERPT`] characters of `bytes` from `at`, up to the end of the line, with control, blank-like and
/// direction-changing characters escaped, so that it can be printed as it is.
pub(crate) fn excerpt(bytes: &[u8], at: usize) -> String {
    let rest = bytes.get(at..).unwrap_or_default();
    let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
    // Four octets a character at most; cutting first keeps this cheap on megabytes.
    let cut = line.get(..MAX_EXCERPT * 4).unwrap_or(line);
    printable(&String::from_utf8_lossy(cut), MAX_EXCERPT)
}

/// The first `limit` characters of `text`, escaped as in [`excerpt`].
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(limit) {
        if is_deceptive(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    if text.chars().nth(limit).is_some() {
        out.push('…');
    }
    out
}

/// Characters that move the cursor, change direction, or look like nothing at all.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_short_and_harmless() {
        assert_eq!(excerpt(b"one\ntwo", 0), "one");
        assert_eq!(excerpt(b"abc", 9), "");
        assert_eq!(excerpt("a\u{1b}[2J\u{202e}b".as_bytes(), 0), "a\\u{1b}[2J\\u{202e}b");
        let long = excerpt(&[b'x'; 1000], 0);
        assert_eq!(long.chars().count(), MAX_EXCERPT + 1);
    }
}
