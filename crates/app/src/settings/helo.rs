//! The name given in EHLO.

use std::net::{Ipv4Addr, Ipv6Addr};

use protocol::Domain;

/// Reads the argument of EHLO: a host name, or an address literal (RFC 5321 §4.1.1.1, §4.1.3). Nothing else may reach
/// a mail server in this place: a line end in it would begin another command.
pub(crate) fn parse_helo(text: &str) -> Result<String, String> {
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        // RFC 5321 §4.1.3: the tag IPv6 stands before the address; for IPv4 there is none.
        let literal = match inner.split_once(':') {
            Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6") => {
                address.parse::<Ipv6Addr>().ok().map(|address| format!("[IPv6:{address}]"))
            }
            _ => inner.parse::<Ipv4Addr>().ok().map(|address| format!("[{address}]")),
        };
        return literal
            .ok_or_else(|| "an address literal looks like [192.0.2.1] or [IPv6:2001:db8::1]".to_owned());
    }
    match Domain::parse(text) {
        Ok(domain) => Ok(domain.as_str().to_owned()),
        Err(error) => {
            Err(format!("a host name or an address literal such as [192.0.2.1] is needed; {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_literals() {
        for (text, read) in [
            ("mail.example", "mail.example"),
            ("Mail.Example.", "mail.example"),
            ("localhost", "localhost"),
            ("[192.0.2.1]", "[192.0.2.1]"),
            ("[ipv6:2001:DB8::1]", "[IPv6:2001:db8::1]"),
        ] {
            assert_eq!(parse_helo(text).as_deref(), Ok(read), "{text:?}");
        }
    }

    #[test]
    fn nothing_else() {
        for text in [
            "",
            "a b",
            "a.example\r\nMAIL FROM:<>",
            "a.example\n",
            "a.example\r",
            " a.example",
            "a.example\0",
            "192.0.2.1",
            "[192.0.2.1]\r\nRSET",
            "[192.0.2.1\r\n]",
            "[2001:db8::1]",
            "[IPv6:192.0.2.1]",
            "[]",
            "a@b.example",
        ] {
            assert!(parse_helo(text).is_err(), "{text:?}");
        }
    }
}
