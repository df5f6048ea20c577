//! One entry of a `rua` list, read for a person: above all the habits that come from DMARC (rules 104 to 107).

use std::fmt::Write;

use super::{Rua, RuaError, RuaTarget};
use crate::Domain;
use crate::oddity::{Oddities, Oddity, Weight, sentence};
use crate::record_grammar::Defect;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Reporters can use it, or it is broken in a way that has been noted.
    Something,
    /// A scheme that no reporter uses.
    NoReporterUses,
}

/// Notes what is odd about `uri`, which begins at `start`.
pub(super) fn inspect(uri: &[u8], start: usize, oddities: &mut Oddities) -> Found {
    let text = String::from_utf8_lossy(uri);
    let span = start..start + uri.len();
    match Rua::parse(&text) {
        Ok(rua) => usable(&rua, span, oddities),
        Err(_) if uri.is_empty() => Found::Something, // `value_empty` has been noted
        Err(error) => {
            let (code, words, mend) = broken(&text, error);
            let mut oddity = Oddity::new(code, Weight::Breaks, span, words);
            oddity.mend = mend.filter(|mend| mend.split(',').all(|uri| Rua::parse(uri).is_ok()));
            oddities.push(oddity);
            Found::Something
        }
    }
}

fn usable(rua: &Rua, span: std::ops::Range<usize>, oddities: &mut Oddities) -> Found {
    match rua.target() {
        RuaTarget::Mailto { domain, has_headers, .. } => {
            if *has_headers {
                let text = "The `mailto:` URI holds header fields, which senders may ignore or refuse.";
                oddities.push(Oddity::new("rua_headers", Weight::Noted, span.clone(), text));
            }
            if let Err(error) = domain {
                let text = format!("Senders cannot mail to this address: {error}.");
                oddities.push(Oddity::new("rua_domain", Weight::Disputed, span, text));
            }
        }
        RuaTarget::Https { .. } => {}
        RuaTarget::Other { scheme } if scheme == "http" => {
            let text = "Senders report to `mailto:` and `https:` only, never to `http:`.";
            oddities.push(Oddity::new("rua_http", Weight::Noted, span, text));
            return Found::NoReporterUses;
        }
        RuaTarget::Other { .. } => {
            let text = "Senders report to `mailto:` and `https:` only.";
            oddities.push(Oddity::new("rua_scheme_unknown", Weight::Noted, span, text));
            return Found::NoReporterUses;
        }
    }
    Found::Something
}

/// Code, sentence and mend of an entry that is no usable URI.
fn broken(text: &str, error: RuaError) -> (&'static str, String, Option<String>) {
    let said = |code, words: &str, mend: Option<String>| (code, words.to_owned(), mend);
    let unbracketed = || text.chars().filter(|c| !matches!(c, '<' | '>')).collect::<String>();
    if text.contains(['<', '>']) {
        let text = unbracketed();
        let mend = if text.contains(':') { text } else { format!("mailto:{text}") };
        return said("rua_angle_brackets", "An address here has no angle brackets.", Some(mend));
    }
    if let Some((front, suffix)) = text.rsplit_once('!').filter(|(_, suffix)| is_size(suffix)) {
        let words = format!(
            "`!{suffix}` is a size limit of DMARC; TLSRPT has none, and it makes the address invalid."
        );
        return ("rua_size_suffix", words, Some(front.to_owned()));
    }
    if text.contains([' ', '\t']) {
        let words = "There is a blank; addresses are separated by commas and hold no blanks.";
        return said("rua_blank", words, Some(without_blanks(text)));
    }
    match error.kind {
        Defect::RuaScheme => {
            let mend = (text.contains('@') && !text.contains(':')).then(|| format!("mailto:{text}"));
            said("rua_scheme", "An address needs its scheme in front: `mailto:` or `https://`.", mend)
        }
        Defect::RuaMailto if text.get(7..).is_some_and(|rest| rest.starts_with("//")) => {
            let mend = format!("mailto:{}", text.get(9..).unwrap_or_default());
            said(
                "mailto_slashes",
                "A `mailto:` URI has no slashes: write `mailto:user@example.com`.",
                Some(mend),
            )
        }
        Defect::RuaHttps => {
            let mend =
                text.get(6..).filter(|rest| !rest.starts_with("//")).map(|rest| rest.trim_start_matches('/'));
            let words = format!("{}.", sentence(&Defect::RuaHttps.to_string()));
            ("rua_https", words, mend.map(|rest| format!("https://{rest}")))
        }
        Defect::RuaUri => {
            let words = "A character in this URI must be percent-encoded.";
            said("rua_uri", words, encoded(text))
        }
        kind => (kind.code(), format!("{}.", sentence(&kind.to_string())), None),
    }
}

// As in DMARC: digits and k, m, g or t.
fn is_size(suffix: &str) -> bool {
    let digits = suffix.trim_end_matches(['k', 'm', 'g', 't', 'K', 'M', 'G', 'T']);
    suffix.len() - digits.len() <= 1 && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Blanks between two URIs become commas, others go.
fn without_blanks(text: &str) -> String {
    let mut out = String::new();
    for word in text.split([' ', '\t']).filter(|word| !word.is_empty()) {
        if !out.is_empty() && Rua::parse(word).is_ok() {
            out.push(',');
        }
        out.push_str(word);
    }
    out
}

/// The URI with what is not allowed percent-encoded, and a mail domain as A-labels. `None` when a percent sign is at
/// fault: it cannot be told what was meant.
fn encoded(text: &str) -> Option<String> {
    let text = match text.rsplit_once('@') {
        Some((front, domain)) if !domain.is_ascii() => format!("{front}@{}", Domain::parse(domain).ok()?),
        _ => text.to_owned(),
    };
    let mut out = String::new();
    for b in text.bytes() {
        match b {
            b'!' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x80.. => {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{b:02X}");
            }
            b => out.push(char::from(b)),
        }
    }
    Some(out)
}
