//! Lines as a person sees them, with every kind of line end.

use std::ops::Range;

use crate::oddity::{Oddities, Oddity, Weight};

/// One line, by its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The line without its end.
    pub(super) content: Range<usize>,
    /// After the line end.
    pub(super) next: usize,
}

/// Cuts `text` at line ends of any kind; those that senders do not know are noted.
pub(super) fn split(text: &[u8], oddities: &mut Oddities) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < text.len() {
        let Some(end) = line_end(text, at) else {
            at += 1;
            continue;
        };
        let next = at + end.len;
        note(&end, at..next, text.len(), oddities);
        lines.push(Line { content: start..at, next });
        (start, at) = (next, next);
    }
    if start < text.len() {
        lines.push(Line { content: start..text.len(), next: text.len() });
    }
    lines
}

struct LineEnd {
    len: usize,
    name: &'static str,
    is_known: bool,
}

const CR: &str = "a carriage return alone";

// RFC 8461 §3.2: sts-policy-term = LF / CRLF (rules 42 and 43)
fn line_end(text: &[u8], at: usize) -> Option<LineEnd> {
    let rest = text.get(at..)?;
    let end = |len, name, is_known| Some(LineEnd { len, name, is_known });
    match rest {
        [b'\n', ..] => end(1, "LF", true),
        [b'\r', b'\n', ..] => end(2, "CR LF", true),
        [b'\r', b'\r', b'\n', ..] => end(3, "CR CR LF", false),
        [b'\r', ..] => end(1, CR, false),
        [0x0b, after @ ..] if begins_field(after) => end(1, "a vertical tab", false),
        [0x0c, after @ ..] if begins_field(after) => end(1, "a form feed", false),
        [0xc2, 0x85, after @ ..] if begins_field(after) => end(2, "the control character NEL", false),
        [0xe2, 0x80, 0xa8 | 0xa9, after @ ..] if begins_field(after) => {
            end(3, "a Unicode line separator", false)
        }
        _ => None,
    }
}

/// Only before one of the fields that we know do these characters look like line ends; elsewhere they are text. At the
/// end of the text they look like the last one.
fn begins_field(text: &[u8]) -> bool {
    text.is_empty()
        || super::name::KNOWN
            .iter()
            .any(|name| text.strip_prefix(name.as_bytes()).is_some_and(|after| after.first() == Some(&b':')))
}

fn note(end: &LineEnd, span: Range<usize>, len: usize, oddities: &mut Oddities) {
    if end.is_known {
        return;
    }
    let words = format!("A line ends with {}; lines end with LF or CR LF.", end.name);
    let oddity = if span.end == len && end.name == CR {
        // Some senders take off a carriage return at the very end.
        Oddity::new("line_ending", Weight::Disputed, span, words).mended_by("")
    } else {
        Oddity::new("line_ending", Weight::Breaks, span, words).mended_by("\n")
    };
    oddities.push(oddity);
}
