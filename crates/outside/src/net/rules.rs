//! Where a connection really goes (`--connect-to`).

use std::net::{IpAddr, SocketAddr};

use crate::ConnectRule;

/// The place that a connection really goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Destination {
    pub(super) address: SocketAddr,
    /// A rule names the address: the user's own word, whatever it is.
    pub(super) redirected: bool,
}

/// The first rule that fits decides, as in curl.
pub(super) fn destination(rules: &[ConnectRule], host: &str, address: IpAddr, port: u16) -> Destination {
    let fits = |rule: &&ConnectRule| {
        rule.port.is_none_or(|p| p == port)
            && rule.host.as_deref().is_none_or(|wanted| {
                wanted.trim_end_matches('.').eq_ignore_ascii_case(host)
                    || bare(wanted).parse::<IpAddr>().is_ok_and(|wanted| wanted == address)
            })
    };
    match rules.iter().find(fits) {
        None => Destination { address: SocketAddr::new(address, port), redirected: false },
        Some(rule) => Destination {
            address: SocketAddr::new(rule.to_address.unwrap_or(address), rule.to_port.unwrap_or(port)),
            redirected: rule.to_address.is_some(),
        },
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(host: Option<&str>, port: Option<u16>, to: Option<&str>, to_port: Option<u16>) -> ConnectRule {
        ConnectRule {
            host: host.map(str::to_owned),
            port,
            to_address: to.map(|to| to.parse().unwrap()),
            to_port,
        }
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rules = [
            rule(Some("mx.example.com"), Some(25), Some("127.0.0.1"), Some(2501)),
            rule(Some("192.0.2.9"), None, Some("127.0.0.9"), None),
            rule(Some("[2001:db8::9]"), Some(443), Some("127.0.0.1"), Some(4439)),
            rule(None, Some(25), None, Some(2525)),
        ];
        for (host, address, port, expected, redirected) in [
            ("MX.example.com", "192.0.2.1", 25, "127.0.0.1:2501", true),
            ("mx.example.com", "192.0.2.1", 443, "192.0.2.1:443", false),
            ("other", "192.0.2.9", 443, "127.0.0.9:443", true),
            ("other", "2001:db8::9", 443, "127.0.0.1:4439", true),
            ("other", "2001:db8::9", 25, "[2001:db8::9]:2525", false),
            ("other", "192.0.2.1", 25, "192.0.2.1:2525", false),
            ("other", "192.0.2.1", 80, "192.0.2.1:80", false),
        ] {
            let found = destination(&rules, host, address.parse().unwrap(), port);
            assert_eq!((found.address.to_string().as_str(), found.redirected), (expected, redirected));
        }
    }
}
