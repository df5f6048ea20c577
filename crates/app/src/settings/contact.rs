//! How to reach whoever scans.

/// Longest contact, in octets.
const LONGEST: usize = 200;

/// Reads a contact: a mail address, `mailto:` or `https://`; what goes into a `User-Agent` (RFC 9110 §10.1.5).
pub(crate) fn parse_contact(text: &str) -> Result<String, String> {
    let text = text.trim();
    // RFC 9110 §5.6.5: parentheses and backslashes would end or change the comment that it stands in.
    let is_plain = text.len() <= LONGEST
        && text.bytes().all(|octet| octet.is_ascii_graphic() && !matches!(octet, b'(' | b')' | b'\\' | b'"'));
    let mailbox = text.strip_prefix("mailto:").unwrap_or(text);
    let is_mailbox = mailbox
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && protocol::Domain::parse(domain).is_ok());
    let is_page = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    if !is_plain || !(is_page || is_mailbox) {
        return Err("a mail address or an https:// page is needed, such as postmaster@example.com".to_owned());
    }
    Ok(if is_page { text.to_owned() } else { format!("mailto:{mailbox}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts() {
        for (text, read) in [
            ("me@example.com", Some("mailto:me@example.com")),
            ("mailto:me@example.com", Some("mailto:me@example.com")),
            ("https://example.com/scan", Some("https://example.com/scan")),
            ("example.com", None),
            ("@example.com", None),
            ("me@a b", None),
            ("me@example.com\r\nX: y", None),
            ("https://example.com/)", None),
            ("http://example.com", None),
        ] {
            assert_eq!(parse_contact(text).ok().as_deref(), read, "{text}");
        }
    }
}
