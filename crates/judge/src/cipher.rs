//! Cipher suites and key exchanges that senders should not have to use. RFC 9325 §4.

use protocol::observed::TlsFacts;

use crate::draft::quoted;

/// Words in the names of suites that are broken or never were secure (RFC 9325 §4.1).
const BROKEN: [&str; 7] = ["NULL", "EXPORT", "RC4", "_DES", "3DES", "ANON", "MD5"];
/// Groups for Diffie-Hellman below the sizes of RFC 9325 §4.5: 2048 bits, or 224 on curves.
const SMALL_GROUPS: [&str; 8] =
    ["ffdhe512", "ffdhe768", "ffdhe1024", "ffdhe1536", "secp160", "secp192", "sect163", "sect193"];

/// What is weak about the cipher suite and the key exchange of a session, as words.
pub(crate) fn weaknesses(tls: &TlsFacts) -> Vec<String> {
    let suite = tls.cipher.to_ascii_uppercase();
    let mut found = Vec::new();
    if BROKEN.iter().any(|word| suite.contains(word)) {
        // RFC 9325 §4.1: must not be negotiated, or should not.
        found.push(format!("a broken cipher ({})", quoted(&tls.cipher)));
    } else if suite.contains("_CBC_") {
        // RFC 9325 §4.2: the recommended suites encrypt and authenticate in one.
        found.push(format!("a cipher without authenticated encryption ({})", quoted(&tls.cipher)));
    }
    // RFC 9325 §4.1: neither the RSA key transport nor static (EC)DH, which give no forward secrecy. TLS 1.3 has neither.
    let is_static =
        ["TLS_RSA_", "TLS_DH_", "TLS_ECDH_", "TLS_PSK_"].iter().any(|start| suite.starts_with(start));
    if is_static {
        found.push(format!("no forward secrecy ({})", quoted(&tls.cipher)));
    }
    // RFC 9325 §4.5
    let group = tls.group.as_deref().unwrap_or_default().to_ascii_lowercase();
    if SMALL_GROUPS.iter().any(|small| group.starts_with(small)) {
        found.push(format!("a weak key exchange ({})", quoted(&group)));
    }
    found
}

#[cfg(test)]
mod tests {
    use protocol::observed::{PathFacts, PathResult};

    use super::*;

    #[test]
    fn suites_and_groups() {
        for (version, cipher, group, expected) in [
            ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", ""),
            ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", "X25519MLKEM768", ""),
            ("TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "secp256r1", ""),
            ("TLSv1.2", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "ffdhe2048", ""),
            ("TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "", "no forward secrecy"),
            ("TLSv1.2", "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "secp256r1", "no forward secrecy"),
            (
                "TLSv1.2",
                "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                "X25519",
                "a cipher without authenticated encryption",
            ),
            ("TLSv1.2", "TLS_ECDHE_RSA_WITH_RC4_128_SHA", "X25519", "a broken cipher"),
            ("TLSv1.2", "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "X25519", "a broken cipher"),
            ("TLSv1.2", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "ffdhe1024", "a weak key exchange"),
            ("TLSv1.2", "TLS_RSA_WITH_NULL_SHA256", "", "a broken cipher; no forward secrecy"),
        ] {
            let tls = TlsFacts {
                version: version.to_owned(),
                cipher: cipher.to_owned(),
                group: (!group.is_empty()).then(|| group.to_owned()),
                sni: None,
                alpn: None,
                certificates: Vec::new(),
                signature_valid: true,
                name_matches: true,
                path: PathFacts { result: PathResult::Trusted, anchors: Vec::new() },
            };
            let found: Vec<String> = weaknesses(&tls)
                .iter()
                .map(|words| words.split(" (").next().unwrap_or_default().to_owned())
                .collect();
            assert_eq!(found.join("; "), expected, "{cipher} {group}");
        }
    }
}
