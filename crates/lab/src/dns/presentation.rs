//! Record lines as zone files write them: `NAME [TTL] TYPE DATA…` (RFC 1035 §5.1, a small part of it).

use std::net::IpAddr;

use hickory_proto::rr::rdata::{self, tlsa};
use hickory_proto::rr::{Name, RData, RecordType};

/// Default TTL of a record, in seconds.
pub(crate) const TTL: u32 = 3600;

/// One record line, read.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) name: Name,
    pub(crate) ttl: u32,
    pub(crate) data: RData,
}

/// Reads a line. Names are relative to `origin` unless they end with a dot; `@` is the origin. An address may be
/// written `@host/label`, which `address` resolves.
pub(crate) fn parse_line(
    line: &str,
    origin: &Name,
    address: &dyn Fn(&str) -> Option<IpAddr>,
) -> Result<Line, String> {
    let mut words = split(line)?.into_iter();
    let name = relative(&words.next().ok_or("no name")?.text()?, origin)?.to_lowercase();
    let mut kind = words.next().ok_or("no type")?.text()?;
    let mut ttl = TTL;
    if let Ok(own) = kind.parse() {
        ttl = own;
        kind = words.next().ok_or("no type")?.text()?;
    }
    let rest: Vec<Word> = words.collect();
    let word = |index: usize| rest.get(index).ok_or("too few words")?.text();
    let number = |index: usize| -> Result<u16, String> {
        word(index)?.parse().map_err(|_| format!("`{}` is not a number", word(index).unwrap_or_default()))
    };
    let ip = |index: usize| -> Result<IpAddr, String> {
        let text = word(index)?;
        match text.strip_prefix('@') {
            Some(reference) => address(reference).ok_or(format!("no host has the address `{text}`")),
            None => text.parse().map_err(|_| format!("`{text}` is not an IP address")),
        }
    };
    let data = match kind.as_str() {
        "A" | "AAAA" => match ip(0)? {
            IpAddr::V4(v4) if kind == "A" => RData::A(v4.into()),
            IpAddr::V6(v6) if kind == "AAAA" => RData::AAAA(v6.into()),
            other => return Err(format!("{other} does not fit {kind}")),
        },
        "CNAME" => RData::CNAME(rdata::CNAME(relative(&word(0)?, origin)?)),
        "NS" => RData::NS(rdata::NS(relative(&word(0)?, origin)?)),
        "MX" => RData::MX(rdata::MX::new(number(0)?, relative(&word(1)?, origin)?)),
        "TXT" => {
            let strings: Vec<&[u8]> = rest.iter().map(|word| word.0.as_slice()).collect();
            RData::TXT(rdata::TXT::from_bytes(strings))
        }
        "TLSA" => {
            let hex = rest.iter().skip(3).map(Word::text).collect::<Result<String, _>>()?;
            tlsa(number(0)? as u8, number(1)? as u8, number(2)? as u8, unhex(&hex)?)
        }
        // RFC 3597 §5: `TYPE52 \# LENGTH HEX` for data that no type would print.
        generic => {
            let code = generic.strip_prefix("TYPE").and_then(|code| code.parse::<u16>().ok());
            let code = code.ok_or_else(|| format!("unknown type `{generic}`"))?;
            let hex = rest.iter().skip(2).map(Word::text).collect::<Result<String, _>>()?;
            unknown(RecordType::from(code), unhex(&hex)?)
        }
    };
    Ok(Line { name, ttl, data })
}

/// TLSA record data from its numbers.
pub(crate) fn tlsa(usage: u8, selector: u8, matching: u8, data: Vec<u8>) -> RData {
    let (usage, selector, matching) =
        (tlsa::CertUsage::from(usage), tlsa::Selector::from(selector), tlsa::Matching::from(matching));
    RData::TLSA(rdata::TLSA::new(usage, selector, matching, data))
}

fn unknown(code: RecordType, octets: Vec<u8>) -> RData {
    RData::Unknown { code, rdata: rdata::NULL::with(octets) }
}

/// Cuts a text into character-strings of at most 255 octets (RFC 1035 §3.3.14), after `\DDD` escapes are read.
pub(crate) fn text_strings(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let octets = unescape(text)?;
    if octets.is_empty() {
        return Ok(vec![Vec::new()]);
    }
    Ok(octets.chunks(255).map(<[u8]>::to_vec).collect())
}

/// A name in the case as written, relative to the origin unless it ends with a dot; `\DDD` stands for any octet.
pub(crate) fn relative(text: &str, origin: &Name) -> Result<Name, String> {
    if text == "@" {
        return Ok(origin.clone());
    }
    let name = if text.contains('\\') {
        let octets = unescape(text)?;
        let mut name =
            Name::from_labels(octets.split(|octet| *octet == b'.').filter(|label| !label.is_empty()))
                .map_err(|error| format!("`{text}`: {error}"))?;
        name.set_fqdn(octets.ends_with(b"."));
        name
    } else {
        Name::from_ascii(text).map_err(|error| format!("`{text}`: {error}"))?
    };
    if name.is_fqdn() {
        return Ok(name);
    }
    name.append_domain(origin).map_err(|error| format!("`{text}`: {error}"))
}

struct Word(Vec<u8>);

impl Word {
    fn text(&self) -> Result<String, String> {
        String::from_utf8(self.0.clone()).map_err(|_| "a word is not UTF-8".to_owned())
    }
}

/// Splits at blanks; `"…"` holds blanks, `\DDD` and `\X` stand for octets inside quotes only.
fn split(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(inner) => {
                let end = closing_quote(inner).ok_or("a quote is not closed")?;
                let (word, after) = inner.split_at(end);
                (unescape(word)?, after.get(1..).unwrap_or_default())
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                (word.as_bytes().to_vec(), after)
            }
        };
        words.push(Word(word));
        rest = after.trim_start();
    }
    Ok(words)
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, letter)| {
        let found = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        found.then_some(at)
    })
}

fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            octets.push(*first);
            continue;
        }
        match rest {
            [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', tail @ ..] => {
                let digits: String = [*a, *b, *c].into_iter().map(char::from).collect();
                octets.push(digits.parse().map_err(|_| format!("\\{digits} is over 255"))?);
                rest = tail;
            }
            [one, tail @ ..] => {
                octets.push(*one);
                rest = tail;
            }
            [] => return Err("a backslash ends the text".to_owned()),
        }
    }
    Ok(octets)
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits =
        digits.filter(|digits| digits.len() % 2 == 0).ok_or_else(|| format!("`{text}` is not hex"))?;
    Ok(digits.chunks(2).map(|pair| pair.iter().fold(0, |sum, digit| (sum << 4) | *digit) as u8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Line, String> {
        let origin = Name::from_ascii("odd.test.").unwrap();
        parse_line(line, &origin, &|reference| (reference == "mx1/v4").then(|| [192, 0, 2, 1].into()))
    }

    #[test]
    fn lines_are_read_as_zone_files_have_them() {
        for (line, name, ttl, data) in [
            ("mx1 A 192.0.2.1", "mx1.odd.test.", TTL, "192.0.2.1"),
            ("mx1 300 A @mx1/v4", "mx1.odd.test.", 300, "192.0.2.1"),
            ("@ MX 10 mx1", "odd.test.", TTL, "10 mx1.odd.test."),
            ("@ MX 0 .", "odd.test.", TTL, "0 ."),
            ("a.other.test. CNAME @", "a.other.test.", TTL, "odd.test."),
            ("_mta-sts 60 TXT \"v=STSv1; \" \"id=1\"", "_mta-sts.odd.test.", 60, "v=STSv1; id=1"),
            ("t TXT \"\\034quoted\\034\"", "t.odd.test.", TTL, "\"quoted\""),
        ] {
            let read = read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            let found = (read.name.to_ascii(), read.ttl, read.data.to_string());
            assert_eq!(found, (name.to_owned(), ttl, data.to_owned()), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for line in [
            "",
            "a",
            "a BEER 1",
            "a A",
            "a A 2001:db8::1",
            "a A @mx9/v4",
            "a MX mx1",
            "a TXT \"open",
            "a TLSA 3 1 1 xyz",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn names_may_hold_any_octet() {
        let line = read("@ MX 20 e\\027vil").unwrap();
        let RData::MX(mx) = line.data else { panic!("{line:?}") };
        assert_eq!(mx.exchange.iter().next(), Some(b"e\x1bvil".as_slice()));
        assert_eq!(mx.exchange.num_labels(), 3);
    }
}
