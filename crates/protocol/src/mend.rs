//! Mending a text by the replacements that its oddities offer.

use crate::{Oddity, Weight};

/// Most rounds of mending: one mend may lay bare the next fault, a few times.
const MAX_ROUNDS: usize = 8;

/// Largest text that is mended, in octets: no record (RFC 1035 §3.2.1) and no policy (RFC 8461 §3.3) is larger.
const MAX_TEXT: usize = 65_536;

/// What an inspecting reader finds in a text, and whether the strict reader accepts it.
pub(crate) struct Inspection {
    pub(crate) accepted: bool,
    pub(crate) oddities: Vec<Oddity>,
}

impl Inspection {
    /// What an inspecting reader makes of any text.
    pub(crate) fn by<T>(reader: impl Fn(&[u8]) -> (Option<T>, Vec<Oddity>)) -> impl Fn(&[u8]) -> Self {
        move |text| {
            let (value, oddities) = reader(text);
            Self { accepted: value.is_some(), oddities }
        }
    }
}

/// Applies the mends that `inspect` offers, again and again, until the strict reader accepts the text and no mend is left
/// for anything that senders may refuse. `None` when that is never reached.
pub(crate) fn mend(text: &[u8], inspect: impl Fn(&[u8]) -> Inspection) -> Option<String> {
    let (text, accepted) = patch(text, inspect)?;
    if accepted { String::from_utf8(text).ok() } else { None }
}

/// Applies the mends that `inspect` offers as far as they go, and tells whether the strict reader then accepts the text.
/// `None` for a text that is too long.
fn patch(text: &[u8], inspect: impl Fn(&[u8]) -> Inspection) -> Option<(Vec<u8>, bool)> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut text = text.to_vec();
    for _ in 0..MAX_ROUNDS {
        let Inspection { accepted, oddities } = inspect(&text);
        let mended = apply(&text, &oddities);
        if mended == text {
            return Some((text, accepted));
        }
        text = mended;
    }
    let accepted = inspect(&text).accepted;
    Some((text, accepted))
}

/// The text after [`patch`]; unchanged where that does nothing.
pub(crate) fn patched(text: &[u8], inspect: impl Fn(&[u8]) -> Inspection) -> Vec<u8> {
    patch(text, inspect).map_or_else(|| text.to_vec(), |(patched, _)| patched)
}

/// The text with all mends applied that do not touch each other.
fn apply(text: &[u8], oddities: &[Oddity]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    let mut inserted_at = None;
    for oddity in oddities.iter().filter(|oddity| oddity.weight != Weight::Noted) {
        let Some(mend) = &oddity.mend else { continue };
        let insertion = oddity.start == oddity.end;
        if oddity.start < done || (insertion && inserted_at == Some(oddity.start)) {
            continue;
        }
        out.extend_from_slice(text.get(done..oddity.start).unwrap_or_default());
        out.extend_from_slice(mend.as_bytes());
        done = oddity.end.max(oddity.start);
        inserted_at = insertion.then_some(oddity.start);
    }
    out.extend_from_slice(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_that_overlap_wait_for_the_next_round() {
        let cut = |start, end, mend: &str| Oddity::new("x", Weight::Breaks, start..end, "").mended_by(mend);
        let oddities = [cut(0, 0, ">"), cut(0, 0, "!"), cut(1, 3, "B"), cut(2, 4, "C"), cut(4, 5, "")];
        assert_eq!(apply(b"abcde", &oddities), b">aBd");
    }

    #[test]
    fn mending_ends() {
        let forever = |_: &[u8]| Inspection {
            accepted: false,
            oddities: vec![Oddity::new("x", Weight::Breaks, 0..0, "").mended_by("y")],
        };
        assert_eq!(mend(b"a", forever), None);
        let noted = |_: &[u8]| Inspection {
            accepted: true,
            oddities: vec![Oddity::new("x", Weight::Noted, 0..1, "").mended_by("")],
        };
        assert_eq!(mend(b"a", noted).as_deref(), Some("a"));
        assert_eq!(mend(&[b'a'; MAX_TEXT + 1], noted), None);
    }
}
