//! Texts that are something else altogether.

use crate::oddity::{Oddities, Oddity, Weight};

/// What the whole text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// Lines of fields, more or less.
    LikeAPolicy,
    /// Something else, which has been named.
    Otherwise,
}

/// Names texts that are no policy as a whole, so that not every line of theirs is complained about.
pub(super) fn inspect(text: &[u8], oddities: &mut Oddities) -> Looks {
    let mut say = |code, words: &str, mend: Option<String>| {
        let mut oddity = Oddity::new(code, Weight::Breaks, 0..text.len(), words);
        oddity.mend = mend;
        oddities.push(oddity);
        Looks::Otherwise
    };
    let shown = text.trim_ascii_start();
    if let Some(decoded) = utf16(text) {
        return say("utf16", "The policy is in UTF-16; save it as UTF-8 without a byte order mark.", decoded);
    }
    match shown {
        [] => say("empty", "The policy is empty.", None),
        [b'<', ..] => say("html", "This is a web page, not a policy.", None),
        [b'{', ..] => {
            say("json", "This is JSON, as in early drafts; a policy is lines of `name: value`.", None)
        }
        _ if shown.starts_with(b"v=STSv1") => {
            say("dns_record", "This is the text of the DNS record, not the policy.", None)
        }
        _ => escaped_newlines(text, oddities),
    }
}

/// `Some` for UTF-16, with the text in it if it decodes.
fn utf16(text: &[u8]) -> Option<Option<String>> {
    let nuls = text.iter().take(64).filter(|b| **b == 0).count();
    let unit: fn([u8; 2]) -> u16 = match text {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        [0, _, ..] if nuls * 3 > text.len().min(64) => u16::from_be_bytes,
        [_, 0, ..] if nuls * 3 > text.len().min(64) => u16::from_le_bytes,
        _ => return None,
    };
    let (pairs, rest) = text.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    let decoded = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
    Some(decoded.map(|decoded| decoded.trim_start_matches('\u{feff}').to_owned()))
}

/// A generator has written backslash and `n` where line ends were meant.
fn escaped_newlines(text: &[u8], oddities: &mut Oddities) -> Looks {
    if text.contains(&b'\n') || text.contains(&b'\r') {
        return Looks::LikeAPolicy;
    }
    let mut found = Looks::LikeAPolicy;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let len =
            [br"\r\n".as_slice(), br"\n"].iter().find(|form| rest.starts_with(form)).map(|form| form.len());
        let Some(len) = len else {
            at += 1;
            continue;
        };
        let words = r"There is a backslash and an `n` where a line should end.";
        oddities.push(Oddity::new("literal_newline", Weight::Breaks, at..at + len, words).mended_by("\n"));
        found = Looks::Otherwise;
        at += len;
    }
    found
}
