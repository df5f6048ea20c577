//! Layer 5: transport security of the MX hosts, DANE included.

use super::Entry;
use crate::Consequence::{DeliveryDegraded, DeliveryLost, None, ProtectionLost};
use crate::Layer::Transport as L;
use crate::Severity::{High, Info, Low, Medium};

const GRADED: &str = "in enforce delivery-lost when no MX host is left, else delivery-degraded";

/// A fault that makes senders which honour the policy skip the host.
const fn skipped(code: &'static str, clause: &'static str, title: &'static str, when: &'static str) -> Entry {
    Entry::new(L, code, High, DeliveryLost, clause, title, when).otherwise(Medium, None).graded(GRADED)
}

pub(super) const ROWS: &[Entry] = &[
    skipped(
        "mx_starttls_missing",
        "RFC 8461 §4.2",
        "an MX host does not offer STARTTLS",
        "EHLO is answered without STARTTLS",
    ),
    skipped(
        "mx_starttls_refused",
        "RFC 3207 §4",
        "an MX host offers STARTTLS and refuses it",
        "STARTTLS is answered with another code than 220, or not at all",
    ),
    skipped(
        "mx_tls_handshake",
        "RFC 3207 §4",
        "the TLS handshake with an MX host fails",
        "STARTTLS is accepted, and then the handshake fails",
    ),
    Entry::new(
        L,
        "mx_starttls_injection",
        Medium,
        ProtectionLost,
        "RFC 3207 §4",
        "octets in the clear after STARTTLS",
        "octets follow the answer to STARTTLS before the handshake: somebody injects, or the server buffers wrongly",
    ),
    skipped(
        "mx_cert_expired",
        "RFC 8461 §4.2",
        "an MX host's certificate has expired",
        "the leaf or another certificate of the chain is past its end",
    ),
    skipped(
        "mx_cert_not_yet_valid",
        "RFC 8461 §4.2",
        "an MX host's certificate is not valid yet",
        "the leaf or another certificate of the chain begins in the future",
    ),
    skipped(
        "mx_cert_name_mismatch",
        "RFC 8461 §4.2",
        "an MX host's certificate names another host",
        "no dNSName of the certificate matches the MX host's name",
    ),
    skipped(
        "mx_cert_untrusted",
        "RFC 8461 §4.2",
        "an MX host's certificate is not trusted",
        "the chain ends at an issuer that is not in the root set, or cannot be verified",
    ),
    skipped(
        "mx_cert_self_signed",
        "RFC 8461 §4.2",
        "an MX host's certificate is self-signed",
        "the certificate is signed by its own key",
    ),
    skipped(
        "mx_cert_incomplete_chain",
        "RFC 8446 §4.4.2",
        "an MX host does not send its intermediate certificate",
        "the chain as sent stops before a root, and the missing link is an intermediate certificate",
    ),
    Entry::new(
        L,
        "mx_cert_expiring",
        Medium,
        DeliveryDegraded,
        "RFC 8461 §4.2",
        "an MX host's certificate ends soon",
        "a certificate of the chain ends within 14 days",
    )
    .otherwise(Medium, None)
    .milder(Low, "MEDIUM under 7 days, LOW under 14"),
    Entry::new(
        L,
        "mx_cert_weak",
        Medium,
        ProtectionLost,
        "RFC 9325 §4.5",
        "weak key or signature",
        "an RSA key under 2048 bits, an EC key under 224, or a signature made with SHA-1 or MD5",
    ),
    skipped(
        "mx_tls_version",
        "RFC 8461 §7.2",
        "an MX host speaks no TLS 1.2",
        "nothing from TLS 1.2 up is offered",
    ),
    Entry::new(
        L,
        "mx_tls_old_versions",
        Low,
        None,
        "RFC 8996 §4",
        "outdated TLS at an MX host",
        "TLS 1.0 or 1.1 is still answered, or the session has no forward secrecy, a weak cipher or a weak key exchange",
    ),
    Entry::new(
        L,
        "mx_needs_sni",
        Medium,
        DeliveryDegraded,
        "RFC 8461 §7.1",
        "an MX host does not work without SNI",
        "without a server name the handshake fails or shows another certificate that does not fit",
    ),
    Entry::new(
        L,
        "mx_addresses_differ",
        Medium,
        DeliveryDegraded,
        "RFC 8461 §4.2",
        "the addresses of an MX host differ",
        "one address of the host works and another fails",
    ),
    Entry::new(
        L,
        "mx_unreachable",
        Medium,
        DeliveryDegraded,
        "RFC 5321 §5.1",
        "an MX host or address does not answer",
        "refused or silent while other hosts or addresses answer; otherwise it is not tested",
    ),
    Entry::new(
        L,
        "mx_only_dane_covers",
        High,
        DeliveryLost,
        "RFC 8461 §2",
        "only DANE vouches for the certificate",
        "the certificate fails the MTA-STS check, and secure TLSA records match it",
    )
    .otherwise(Info, None)
    .graded(GRADED),
    Entry::new(
        L,
        "dane_missing",
        Info,
        None,
        "RFC 7672 §2.2",
        "no DANE",
        "the MX host's zone is signed and has no TLSA records for port 25",
    ),
    Entry::new(
        L,
        "dnssec_missing",
        Info,
        None,
        "RFC 7672 §2.2.1",
        "no DNSSEC",
        "the domain's MX records or an MX host's addresses are not signed, so that DANE is not possible",
    ),
    Entry::new(
        L,
        "dane_insecure",
        Medium,
        ProtectionLost,
        "RFC 7672 §2.2",
        "TLSA records without DNSSEC",
        "there are TLSA records, and they, the addresses or the MX records are not signed: senders ignore them",
    ),
    Entry::new(
        L,
        "dane_unusable",
        Medium,
        ProtectionLost,
        "RFC 7672 §3.1.3",
        "TLSA records that senders cannot use",
        "every TLSA record has a usage (0, 1), selector or matching type that is not for mail",
    ),
    Entry::new(
        L,
        "dane_malformed",
        Medium,
        ProtectionLost,
        "RFC 6698 §2.1",
        "broken TLSA records",
        "a TLSA record cannot be read, or its data has the wrong length",
    ),
    Entry::new(
        L,
        "dane_mismatch",
        High,
        DeliveryLost,
        "RFC 7672 §2.2",
        "TLSA records match no certificate",
        "no usable TLSA record matches what the MX host shows, or the host shows no TLS",
    )
    .graded("delivery-lost for senders that use DANE when no MX host is left, else delivery-degraded"),
    Entry::new(
        L,
        "dane_bogus",
        High,
        DeliveryLost,
        "RFC 7672 §2.1.2",
        "the TLSA lookup fails",
        "DNSSEC validation of the TLSA answer fails, or the signed zone gives no answer: DANE senders wait",
    )
    .graded("delivery-lost for senders that use DANE when no MX host is left, else delivery-degraded"),
    Entry::new(
        L,
        "dane_no_rollover",
        Info,
        None,
        "RFC 7671 §8.1",
        "one TLSA record only",
        "one usable TLSA record that names one key: the next certificate with a new key breaks DANE unless a second record comes first",
    ),
];
