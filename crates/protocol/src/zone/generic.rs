//! The form of a record's data that every type has: `\#`, the number of octets, and these in hexadecimal. RFC 3597 §5.

use std::ops::Range;

use super::ZoneFault;
use super::entry::Word;

/// The text that a TXT record in this form carries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct GenericText {
    /// Its strings, joined.
    pub(super) octets: Vec<u8>,
    /// Where each octet begins in the file; it is written in two digits.
    pub(super) places: Vec<usize>,
}

/// Whether the data of a record is in this form.
pub(super) fn is_generic(text: &[u8], words: &[Word]) -> bool {
    words.first().is_some_and(|word| !word.quoted && text.get(word.span.clone()) == Some(b"\\#"))
}

/// Reads the words of a TXT record in this form, from the `\#` on.
pub(super) fn read(text: &[u8], words: &[Word]) -> Result<GenericText, ZoneFault> {
    let [token, count, digits @ ..] = words else {
        let span = words.first().map_or(0..0, |word| word.span.clone());
        return Err(ZoneFault::new(span, "`\\#` needs the number of octets, and these in hexadecimal."));
    };
    let claimed = written(text, count)
        .and_then(|word| str::from_utf8(word).ok())
        .filter(|word| word.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|word| word.parse::<u16>().ok())
        .ok_or_else(|| {
            ZoneFault::new(count.span.clone(), "The number of octets is expected here, at most 65535.")
        })?;
    let mut data: Vec<(u8, usize)> = Vec::new();
    for word in digits {
        data.extend(pairs(text, word)?);
    }
    if data.len() != usize::from(claimed) {
        let words = format!("This says {claimed} octets, and {} follow.", data.len());
        return Err(ZoneFault::new(count.span.clone(), words));
    }
    let end = digits.last().unwrap_or(token).span.end;
    strings(&data, token.span.start..end)
}

/// The octets of a word, each with its place. RFC 3597 §5: a word has an even number of digits.
fn pairs(text: &[u8], word: &Word) -> Result<Vec<(u8, usize)>, ZoneFault> {
    let digit = |octet: &u8| char::from(*octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let octet = |pair: &[u8]| match pair {
        [high, low] => Some(digit(high)? * 16 + digit(low)?),
        _ => None,
    };
    let written = written(text, word).unwrap_or_default();
    let places = (word.span.start..).step_by(2);
    let octets: Option<Vec<(u8, usize)>> =
        written.chunks(2).zip(places).map(|(pair, at)| Some((octet(pair)?, at))).collect();
    octets.ok_or_else(|| ZoneFault::new(word.span.clone(), "Hexadecimal digits are expected here, in pairs."))
}

/// Takes the character-strings out of the data of a TXT record: each is an octet of length and as many octets of text.
/// RFC 1035 §3.3, §3.3.14.
fn strings(data: &[(u8, usize)], span: Range<usize>) -> Result<GenericText, ZoneFault> {
    let mut read = GenericText::default();
    let mut rest = data;
    while let [(length, _), after @ ..] = rest {
        let Some((string, next)) = after.split_at_checked(usize::from(*length)) else {
            return Err(ZoneFault::new(
                span,
                "The last string of this text says that it is longer than it is.",
            ));
        };
        read.octets.extend(string.iter().map(|(octet, _)| octet));
        read.places.extend(string.iter().map(|(_, at)| at));
        rest = next;
    }
    if data.is_empty() {
        return Err(ZoneFault::new(span, "This TXT record has no text."));
    }
    Ok(read)
}

fn written<'a>(text: &'a [u8], word: &Word) -> Option<&'a [u8]> {
    (!word.quoted).then(|| text.get(word.span.clone())).flatten()
}
