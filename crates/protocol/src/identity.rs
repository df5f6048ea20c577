//! Does a certificate name a host? DNS-IDs only: subjectAltName entries of type dNSName, never the common name.

use crate::ldh;

/// True when the certificate's dNSName `presented` identifies `host`.
///
/// RFC 9525 §6.3 (which replaced RFC 6125 §6.4): ASCII letters compare without case; `*` stands for exactly one label
/// and only as the complete left-most label; an address is never a DNS-ID. One final dot of `host` is dropped, since
/// that is how the DNS writes names.
pub fn dns_id_matches(presented: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    // RFC 9525 §6.1: a reference identifier holds no wildcard; an address is not matched as a name (rule 24).
    if host.is_empty() || host.contains('*') || host.contains(':') || ldh::ends_in_number(host) {
        return false;
    }
    match presented.strip_prefix("*.") {
        // RFC 9525 §6.3: the wildcard matches one label, and no other label holds one (rule 25).
        Some(base) => match host.split_once('.') {
            Some((label, rest)) => !label.is_empty() && !base.is_empty() && rest.eq_ignore_ascii_case(base),
            None => false,
        },
        None => presented.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::dns_id_matches;

    #[test]
    fn rule_24_and_25() {
        for (presented, host, expected) in [
            ("mta-sts.example.com", "mta-sts.example.com", true),
            ("MTA-STS.Example.COM", "mta-sts.example.com.", true),
            ("*.example.com", "mta-sts.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.com", "mta-sts.example.com", false),
            ("*", "com", false),
            ("*.", "com.", false),
            ("*-sts.example.com", "mta-sts.example.com", false),
            ("mta-*.example.com", "mta-sts.example.com", false),
            ("*.*.com", "mta-sts.example.com", false),
            ("*.example.com", "*.example.com", false),
            ("example.com", "mta-sts.example.com", false),
            ("192.0.2.1", "192.0.2.1", false),
            ("", "", false),
        ] {
            assert_eq!(dns_id_matches(presented, host), expected, "{presented} {host}");
        }
    }
}
