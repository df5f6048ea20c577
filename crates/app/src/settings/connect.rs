//! Rules that send connections elsewhere.

use std::net::{IpAddr, SocketAddr};

use outside::ConnectRule;

/// Reads a rule: `HOST:PORT:TO-HOST:TO-PORT` (as curl, the target an address) or `HOST:PORT=ADDRESS:PORT`, with `*` or
/// nothing for any on the left and nothing for the same on the right; IPv6 addresses in brackets.
pub(crate) fn parse_connect_rule(text: &str) -> Result<ConnectRule, String> {
    let (from, to) = match text.split_once('=') {
        Some(sides) => (sides.0.to_owned(), sides.1.to_owned()),
        None => split_curl(text)?,
    };
    let (host, port) = split_port(&from)?;
    let (to_host, to_port) = split_port(&to)?;
    Ok(ConnectRule {
        host: match host {
            "" | "*" => None,
            host => Some(host.to_ascii_lowercase()),
        },
        port: parse_port(port)?,
        to_address: match to_host {
            "" => None,
            address => Some(address.parse::<IpAddr>().map_err(|_| {
                format!(
                    "`{address}` is no address: the right side takes an address, such as 127.0.0.1 or [::1]"
                )
            })?),
        },
        to_port: parse_port(to_port)?,
    })
}

/// A rule for one address and port.
pub(crate) fn rule_between(from: SocketAddr, to: SocketAddr) -> ConnectRule {
    ConnectRule {
        host: Some(from.ip().to_string()),
        port: Some(from.port()),
        to_address: Some(to.ip()),
        to_port: Some(to.port()),
    }
}

/// How a rule is written on the command line.
pub(crate) fn show_rule(rule: &ConnectRule) -> String {
    let bracket = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let port = |port: Option<u16>| port.map(|p| p.to_string()).unwrap_or_default();
    format!(
        "{}:{}={}:{}",
        rule.host.as_deref().map_or_else(|| "*".to_owned(), bracket),
        port(rule.port),
        rule.to_address.map(|a| bracket(&a.to_string())).unwrap_or_default(),
        port(rule.to_port)
    )
}

/// Splits curl's form in the middle: at the second colon outside brackets.
fn split_curl(text: &str) -> Result<(String, String), String> {
    let mut depth = 0_u32;
    let colons: Vec<usize> = text
        .char_indices()
        .filter_map(|(at, c)| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            (c == ':' && depth == 0).then_some(at)
        })
        .collect();
    match colons.as_slice() {
        [_, middle, _] => {
            let (from, to) = text.split_at(*middle);
            Ok((from.to_owned(), to.get(1..).unwrap_or_default().to_owned()))
        }
        _ => Err(
            "a rule looks like HOST:PORT:ADDRESS:PORT or HOST:PORT=ADDRESS:PORT, IPv6 addresses in brackets"
                .to_owned(),
        ),
    }
}

fn split_port(text: &str) -> Result<(&str, &str), String> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) =
            rest.split_once(']').ok_or_else(|| format!("`{text}` lacks the closing bracket"))?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, port)),
            None if rest.is_empty() => Ok((host, "")),
            None => Err(format!("`{text}`: after the bracket only :PORT can follow")),
        };
    }
    Ok(text.rsplit_once(':').unwrap_or((text, "")))
}

fn parse_port(text: &str) -> Result<Option<u16>, String> {
    match text {
        "" | "*" => Ok(None),
        port => port.parse().map(Some).map_err(|_| format!("`{port}` is no port: 0 to 65535")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, shown) in [
            ("mx.example.com:25:127.0.0.1:2525", "mx.example.com:25=127.0.0.1:2525"),
            ("MX.example.com:25::2525", "mx.example.com:25=:2525"),
            ("::127.0.0.1:", "*:=127.0.0.1:"),
            ("*:25=:2525", "*:25=:2525"),
            ("192.0.2.1:443=127.0.0.1:8443", "192.0.2.1:443=127.0.0.1:8443"),
            ("[2001:db8::1]:25:[::1]:2525", "[2001:db8::1]:25=[::1]:2525"),
            ("[2001:db8::1]:25=127.0.0.1:2525", "[2001:db8::1]:25=127.0.0.1:2525"),
        ] {
            let rule = parse_connect_rule(text).expect(text);
            assert_eq!(show_rule(&rule), shown, "{text}");
            assert_eq!(parse_connect_rule(shown).as_ref(), Ok(&rule));
        }
    }

    #[test]
    fn wrong_forms() {
        for text in ["", "a", "a:b", "a:25:b:25", "a:99999=:1", "[::1:25=:1", "a:1:2:3:4", "x:1=name:2"] {
            assert!(parse_connect_rule(text).is_err(), "{text}");
        }
    }
}
