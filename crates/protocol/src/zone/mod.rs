//! The TXT records of MTA-STS and TLSRPT in the text of a zone file. RFC 1035 §5.1.
//!
//! Everything else in the file is stepped over without being understood, so that a type or a directive that is newer than
//! this program is no fault. What cannot be read is said at its own line, and reading goes on at the next entry.

use std::ops::Range;

mod entry;
mod generic;
mod owners;
mod text;

use entry::{Entries, Entry, Word};
pub use owners::{Owned, Owners};
pub use text::{TxtEntry, quoted};

/// Most faults that are kept; a hostile file has one on each line, a person reads few.
const MAX_FAULTS: usize = 1_000;

/// Longest name, in octets as written without escapes. RFC 1035 §2.3.4.
const MAX_NAME: usize = 255;

/// What a zone file says about MTA-STS and TLSRPT.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// The TXT records at `_mta-sts` and `_smtp._tls`, and those elsewhere that look as if they belonged there.
    pub texts: Vec<TxtEntry>,
    /// Aliases at those names: the records are elsewhere.
    pub aliases: Vec<ZoneAlias>,
    /// The `$INCLUDE` directives, whose files are not read; at most 1,000 of them.
    pub includes: Vec<Range<usize>>,
    /// What cannot be read, in the order of the file; at most 1,000 of them.
    pub faults: Vec<ZoneFault>,
    /// How many faults there are beyond those.
    pub more_faults: usize,
}

/// A CNAME at a name that concerns us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneAlias {
    /// The name, in lower case, without the final dot.
    pub owner: String,
    /// Where the entry is in the file.
    pub span: Range<usize>,
}

/// A piece of the file that is no entry of a zone file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFault {
    /// Where it is in the file.
    pub span: Range<usize>,
    /// What is wrong: a sentence, printable as it is.
    pub text: String,
}

impl ZoneFault {
    fn new(span: Range<usize>, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// Whether a name, in lower case and without the final dot, is one where senders look for an MTA-STS record.
/// RFC 8461 §3.1.
pub fn is_sts_name(owner: &str) -> bool {
    owner.strip_prefix("_mta-sts").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a name, in lower case and without the final dot, is one where senders look for a TLSRPT record. RFC 8460 §3.
pub fn is_tlsrpt_name(owner: &str) -> bool {
    owner.strip_prefix("_smtp._tls").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Reads the text of a zone file. `origin` is where its relative names start, unless it says so itself.
pub fn read_zone(text: &[u8], origin: &str) -> Zone {
    let mut reader = Reader {
        text,
        origin: origin.trim_end_matches('.').to_ascii_lowercase(),
        owner: None,
        zone: Zone::default(),
    };
    for entry in Entries::new(text) {
        if let Err(fault) = entry.and_then(|entry| reader.entry(&entry)) {
            if reader.zone.faults.len() < MAX_FAULTS {
                reader.zone.faults.push(fault);
            } else {
                reader.zone.more_faults += 1;
            }
        }
    }
    reader.zone
}

/// What an entry begins with.
struct Head {
    owner: String,
    /// The type, in capitals.
    kind: Vec<u8>,
    /// The type's place among the words.
    at: usize,
}

struct Reader<'a> {
    text: &'a [u8],
    origin: String,
    /// The owner that an indented line goes on with.
    owner: Option<String>,
    zone: Zone,
}

impl Reader<'_> {
    fn entry(&mut self, entry: &Entry) -> Result<(), ZoneFault> {
        let Some(head) = self.head(entry)? else { return Ok(()) };
        let (Some(kind), Some(strings)) = (entry.words.get(head.at), entry.words.get(head.at + 1..)) else {
            return Ok(());
        };
        match head.kind.as_slice() {
            b"TXT" | b"TYPE16" => self.text(head.owner, kind, strings, entry),
            b"CNAME" if is_sts_name(&head.owner) || is_tlsrpt_name(&head.owner) => {
                self.zone.aliases.push(ZoneAlias { owner: head.owner, span: entry.span.clone() });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Owner and type of an entry of class IN; `None` for directives and other classes.
    fn head(&mut self, entry: &Entry) -> Result<Option<Head>, ZoneFault> {
        let Some(first) = entry.words.first() else { return Ok(None) };
        let written = self.written(first);
        if !first.quoted && written.starts_with(b"$") {
            return self.directive(&written.to_ascii_uppercase(), entry).map(|()| None);
        }
        let mut words = entry.words.iter().enumerate();
        if !entry.indented {
            words.next();
            self.owner = Some(self.name(first)?);
        }
        // RFC 1035 §5.1: [<TTL>] [<class>] <type> <RDATA>, the first two in either order
        let (mut has_ttl, mut class) = (false, None);
        let (at, kind) = loop {
            let Some((at, word)) = words.next() else {
                return Err(ZoneFault::new(first.span.clone(), "This line has no record type."));
            };
            let written = self.written(word);
            if !has_ttl && is_ttl(written) {
                has_ttl = true;
            } else if class.is_none() && is_class(written) {
                class = Some(written.to_ascii_uppercase());
            } else {
                break (at, word);
            }
        };
        let written = self.written(kind).to_ascii_uppercase();
        if !is_type(&written) {
            let words = "A record type is expected here, for example `TXT`.";
            return Err(ZoneFault::new(kind.span.clone(), words));
        }
        if class.is_some_and(|class| class != b"IN" && class != b"CLASS1") {
            return Ok(None);
        }
        let Some(owner) = self.owner.clone() else {
            let words = "An indented line goes on with the name above it, and there is none.";
            return Err(ZoneFault::new(first.span.clone(), words));
        };
        Ok(Some(Head { owner, kind: written, at }))
    }

    fn directive(&mut self, word: &[u8], entry: &Entry) -> Result<(), ZoneFault> {
        let argument = entry.words.get(1);
        match word {
            b"$ORIGIN" => {
                let Some(name) = argument else {
                    return Err(ZoneFault::new(entry.span.clone(), "`$ORIGIN` needs a name."));
                };
                self.origin = self.name(name)?;
            }
            b"$TTL" if argument.is_none_or(|word| !is_ttl(self.written(word))) => {
                let words = "`$TTL` needs a time: seconds, or for example `1h` or `1d`.";
                return Err(ZoneFault::new(entry.span.clone(), words));
            }
            // RFC 2308 §4
            b"$TTL" | b"$GENERATE" => {}
            b"$INCLUDE" => {
                if self.zone.includes.len() < MAX_FAULTS {
                    self.zone.includes.push(entry.span.clone());
                }
            }
            _ => {
                let words =
                    "Zone files know `$ORIGIN`, `$TTL`, `$INCLUDE` and `$GENERATE`, not this directive.";
                let span = entry.words.first().map_or_else(|| entry.span.clone(), |word| word.span.clone());
                return Err(ZoneFault::new(span, words));
            }
        }
        Ok(())
    }

    fn text(&mut self, owner: String, kind: &Word, strings: &[Word], entry: &Entry) -> Result<(), ZoneFault> {
        if strings.is_empty() {
            return Err(ZoneFault::new(kind.span.clone(), "This TXT record has no text."));
        }
        let txt = match generic::is_generic(self.text, strings) {
            true => TxtEntry::generic(generic::read(self.text, strings)?, owner, strings),
            false => TxtEntry::read(self.text, owner, strings, entry),
        };
        let ours = is_sts_name(&txt.owner) || is_tlsrpt_name(&txt.owner);
        if !ours && !txt.looks_like_sts() && !txt.looks_like_tlsrpt() {
            return Ok(());
        }
        match txt.long_string() {
            Some(span) => {
                let words = "This string has more than 255 octets; cut it into several quoted strings.";
                Err(ZoneFault::new(span, words))
            }
            None => {
                self.zone.texts.push(txt);
                Ok(())
            }
        }
    }

    fn written(&self, word: &Word) -> &[u8] {
        self.text.get(word.span.clone()).unwrap_or_default()
    }

    /// A name, made absolute. RFC 1035 §5.1: `@` is the origin; what has no dot at its end is within the origin.
    fn name(&self, word: &Word) -> Result<String, ZoneFault> {
        let written = self.written(word);
        if written == b"@" && !word.quoted {
            return Ok(self.origin.clone());
        }
        let (name, is_absolute) = text::name(written);
        let whole = match (is_absolute, self.origin.as_str()) {
            (true, _) | (false, "") => name,
            (false, origin) => format!("{name}.{origin}"),
        };
        if whole.len() > MAX_NAME {
            return Err(ZoneFault::new(word.span.clone(), "This name has more than 255 octets."));
        }
        Ok(whole)
    }
}

/// Digits, each group with a unit or none: `3600`, `1h`, `1w2d`.
fn is_ttl(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_digit)
        && word
            .iter()
            .all(|b| b.is_ascii_digit() || matches!(b.to_ascii_lowercase(), b's' | b'm' | b'h' | b'd' | b'w'))
}

/// RFC 1035 §3.2.4 and RFC 3597 §5.
fn is_class(word: &[u8]) -> bool {
    let upper = word.to_ascii_uppercase();
    matches!(upper.as_slice(), b"IN" | b"CH" | b"HS" | b"CS")
        || upper
            .strip_prefix(b"CLASS")
            .is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit))
}

/// Anything that could be the name of a type: there are always newer ones.
fn is_type(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_uppercase)
        && word.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
}

#[cfg(test)]
mod tests;
