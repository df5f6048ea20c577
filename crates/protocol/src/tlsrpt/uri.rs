//! The generic grammar of URIs, without relative references. RFC 3986 §3.

use std::net::Ipv6Addr;

/// A URI cut into its parts; none of them is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uri<'a> {
    pub(super) scheme: &'a str,
    /// What follows `//`, if that is there.
    pub(super) authority: Option<Authority<'a>>,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

/// Host and port of a URI; user information is checked and left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    /// A name, an IPv4 address, an IP literal in brackets, or nothing.
    pub(super) host: &'a str,
    /// Digits, perhaps none.
    pub(super) port: Option<&'a str>,
}

/// Where a text stops being a URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UriFault {
    /// No `scheme:` in front.
    Scheme,
    /// An octet that must be percent-encoded, or a percent sign without two hexadecimal digits.
    Octet,
    /// What follows `//` is no `[userinfo@]host[:port]`.
    Authority,
}

/// Cuts `text` by RFC 3986 §3; the error holds the byte offset of the fault.
pub(super) fn split(text: &str) -> Result<Uri<'_>, (UriFault, usize)> {
    // RFC 3986 §3.1: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
    let scheme = text.split(':').next().unwrap_or_default();
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let Some(rest) = text.get(scheme.len() + 1..).filter(|_| named) else {
        return Err((UriFault::Scheme, 0));
    };
    check_octets(text)?;
    let (rest, fragment) = cut(rest, '#');
    let (hierarchy, query) = cut(rest, '?');
    let (authority, path) = match hierarchy.strip_prefix("//") {
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            let authority = split_authority(authority).ok_or((UriFault::Authority, scheme.len() + 1))?;
            (Some(authority), path)
        }
        None => (None, hierarchy),
    };
    // RFC 3986 §3.2.2: brackets only around an IP literal, in the authority.
    let bracket = |c: char| matches!(c, '[' | ']');
    let outside_authority = path.contains(bracket) || query.is_some_and(|query| query.contains(bracket));
    if outside_authority || fragment.is_some_and(|fragment| fragment.contains(bracket)) {
        return Err((UriFault::Octet, text.rfind(bracket).unwrap_or(0)));
    }
    Ok(Uri { scheme, authority, path, query })
}

// RFC 3986 §3.2: authority = [ userinfo "@" ] host [ ":" port ]; the octets have been checked.
fn split_authority(text: &str) -> Option<Authority<'_>> {
    let (userinfo, host_port) = text.split_once('@').unwrap_or(("", text));
    let (host, port) = match host_port.strip_prefix('[') {
        Some(rest) => {
            let (literal, after) = rest.split_once(']')?;
            // RFC 3986 §3.2.2: IP-literal; of the kinds to come ("v1.…") we know none.
            literal.parse::<Ipv6Addr>().ok()?;
            let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
            (host_port.get(..literal.len() + 2)?, port)
        }
        None => {
            let (host, port) = cut(host_port, ':');
            if host.contains(['[', ']', '@']) {
                return None;
            }
            (host, port)
        }
    };
    let digits = port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()));
    (digits && !userinfo.contains(['[', ']'])).then_some(Authority { host, port })
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

// RFC 3986 §2: unreserved, reserved, and percent-encoded octets. RFC 8460 §3: `,`, `!` and `;` must be encoded here
// (rule 104); `#` may stand once.
fn check_octets(text: &str) -> Result<(), (UriFault, usize)> {
    let bytes = text.as_bytes();
    let mut fragments = 0;
    for (at, b) in bytes.iter().enumerate() {
        let fine = match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => true,
            b':' | b'/' | b'?' | b'[' | b']' | b'@' => true,
            b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b'=' => true,
            b'#' => {
                fragments += 1;
                fragments == 1
            }
            // RFC 3986 §2.1: pct-encoded = "%" HEXDIG HEXDIG
            b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
            _ => false,
        };
        if !fine {
            return Err((UriFault::Octet, at));
        }
    }
    Ok(())
}

/// Undoes percent-encoding; octets that are then not UTF-8 are replaced. RFC 3986 §2.1.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b != b'%' {
            out.push(b);
            continue;
        }
        let digits = (bytes.next().and_then(hex_digit), bytes.next().and_then(hex_digit));
        if let (Some(high), Some(low)) = digits {
            out.push(high * 16 + low);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex_digit(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let uri = split("https://u@h:1/p?q=1#f").expect("a URI");
        assert_eq!(
            (uri.scheme, uri.authority, uri.path, uri.query),
            ("https", Some(Authority { host: "h", port: Some("1") }), "/p", Some("q=1"))
        );
        let uri = split("mailto:a@b?subject=x").expect("a URI");
        assert_eq!((uri.authority, uri.path, uri.query), (None, "a@b", Some("subject=x")));
    }

    #[test]
    fn faults() {
        for (text, fault) in [
            ("tls@example.com", (UriFault::Scheme, 0)),
            ("", (UriFault::Scheme, 0)),
            (":x", (UriFault::Scheme, 0)),
            ("1a:x", (UriFault::Scheme, 0)),
            ("a b:x", (UriFault::Scheme, 0)),
            ("mailto:a b", (UriFault::Octet, 8)),
            ("mailto:a%2", (UriFault::Octet, 8)),
            ("mailto:a%zz", (UriFault::Octet, 8)),
            ("mailto:a!10m", (UriFault::Octet, 8)),
            ("mailto:<a>", (UriFault::Octet, 7)),
            ("https://h/a^b", (UriFault::Octet, 11)),
            ("https://h/{id}", (UriFault::Octet, 10)),
            ("https://h/[x]", (UriFault::Octet, 12)),
            ("https://h/#a#b", (UriFault::Octet, 12)),
            ("mailto:\u{fc}", (UriFault::Octet, 7)),
            ("x://@@", (UriFault::Authority, 2)),
            ("x://[::1", (UriFault::Authority, 2)),
            ("x://h:p", (UriFault::Authority, 2)),
            ("x://[::1]2", (UriFault::Authority, 2)),
        ] {
            assert_eq!(split(text).map(|_| ()), Err(fault), "{text}");
        }
        assert_eq!(percent_decoded("%22a%20b%22@x%"), "\"a b\"@x");
    }
}
