//! The media type of a fetched policy. RFC 8461 §3.2.

use crate::excerpt::printable;

/// Longest piece of a header value that is kept, in characters.
const MAX_KEPT: usize = 100;

/// What the `Content-Type` of a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaType {
    /// `text/plain`, with its charset parameter in lower case if there is one.
    TextPlain {
        /// The charset; senders ignore it, but one that honours it may misread a policy.
        charset: Option<String>,
    },
    /// Anything else, bounded and printable. The strict reader refuses it.
    Other(String),
    /// No header.
    Missing,
}

impl MediaType {
    /// True for `text/plain`, whatever the parameters.
    pub fn is_text_plain(&self) -> bool {
        matches!(self, Self::TextPlain { .. })
    }

    /// True when the charset parameter says something other than UTF-8 or US-ASCII (rule 33).
    pub fn has_odd_charset(&self) -> bool {
        match self {
            Self::TextPlain { charset: Some(charset) } => {
                !matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii")
            }
            _ => false,
        }
    }
}

/// Reads the value of the `Content-Type` header; `None` when there was none.
///
/// RFC 8461 §3.2 (rule 32): type and subtype compare without case, parameters are ignored.
pub fn media_type(header: Option<&[u8]>) -> MediaType {
    let Some(bytes) = header else { return MediaType::Missing };
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim_matches([' ', '\t']);
    // RFC 9110 §8.3: one media type; a list such as `text/html, text/plain` is none.
    if !essence.eq_ignore_ascii_case("text/plain") {
        return MediaType::Other(printable(&text, MAX_KEPT));
    }
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim_matches([' ', '\t']).eq_ignore_ascii_case("charset").then(|| charset(value))
    });
    MediaType::TextPlain { charset }
}

fn charset(value: &str) -> String {
    let value = value.trim_matches([' ', '\t']);
    let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    printable(&unquoted.to_ascii_lowercase(), MAX_KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_32_and_33() {
        let plain = |charset: Option<&str>| MediaType::TextPlain { charset: charset.map(str::to_owned) };
        for (header, expected) in [
            ("text/plain", plain(None)),
            ("Text/PLAIN", plain(None)),
            ("text/plain;charset=utf-8", plain(Some("utf-8"))),
            ("text/plain ; charset=\"UTF-8\"", plain(Some("utf-8"))),
            ("text/plain; format=flowed; Charset=latin1", plain(Some("latin1"))),
            ("text/plain;", plain(None)),
            ("text/html, text/plain", MediaType::Other("text/html, text/plain".to_owned())),
            ("text/plainx", MediaType::Other("text/plainx".to_owned())),
            ("", MediaType::Other(String::new())),
        ] {
            assert_eq!(media_type(Some(header.as_bytes())), expected, "{header}");
        }
        assert_eq!(media_type(None), MediaType::Missing);
        assert!(media_type(Some(b"text/plain; charset=iso-8859-1")).has_odd_charset());
        assert!(!media_type(Some(b"text/plain; charset=us-ascii")).has_odd_charset());
    }
}
