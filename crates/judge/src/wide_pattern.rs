//! Patterns that strangers' hosts can match.

use protocol::MxPattern;

/// Domains under which strangers can have mail hosts, as of July 2026. A wildcard over one of them lets anybody's host
/// pass (RFC 8461 §10.4). `*.mail.protection.outlook.com` is not here: it is what Microsoft documents, and only
/// Microsoft's own servers answer below it.
const SHARED_HOSTS: &[&str] = &[
    "amazonaws.com",
    "compute.amazonaws.com",
    "azure.com",
    "cloudapp.azure.com",
    "cloudapp.net",
    "google.com",
    "googleusercontent.com",
    "bc.googleusercontent.com",
    "outlook.com",
    "protection.outlook.com",
    "microsoft.com",
    "mx.microsoft",
    "your-server.de",
    "clients.your-server.de",
    "linodeusercontent.com",
    "ip.linodeusercontent.com",
    "vultrusercontent.com",
    "dyndns.org",
];

/// Whether a pattern of a policy is a wildcard right below which anybody can have a host: a public suffix, or a domain that
/// many share (RFC 8461 §10.4, rule 56).
#[must_use]
pub fn is_too_wide(pattern: &MxPattern) -> bool {
    pattern.is_wildcard() && is_shared(pattern.base())
}

/// Whether anybody can have a host right below that name.
fn is_shared(base: &str) -> bool {
    let base = base.to_ascii_lowercase();
    let is_suffix = psl::suffix_str(&base) == Some(base.as_str());
    is_suffix || SHARED_HOSTS.contains(&base.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_patterns() {
        for (base, wide) in [
            ("com", true),
            ("co.uk", true),
            ("outlook.com", true),
            ("google.com", true),
            ("mx.microsoft", true),
            ("mail.protection.outlook.com", false),
            ("h-v1.mx.microsoft", false),
            ("aspmx.l.google.com", false),
            ("googlemail.com", false),
            ("example.com", false),
            ("protonmail.ch", false),
        ] {
            assert_eq!(is_shared(base), wide, "{base}");
        }
    }
}
