//! What is wrong with a shown certificate chain; the same for policy hosts and MX hosts.

use jiff::{SignedDuration, Timestamp};
use protocol::observed::{Certificate, PathResult, TlsFacts};

use crate::draft::{listed, quoted};

/// Certificates that end within this many days are worth a word: CAs and renewal tools act 30 days ahead, so that
/// less than half of that means that renewal has failed.
const WARNING_DAYS: i64 = 14;
/// …and within this many it is urgent.
const URGENT_DAYS: i64 = 7;
/// The shortest RSA key that is not weak, in bits. RFC 9325 §4.5.
const MIN_RSA_BITS: u32 = 2048;
/// The shortest elliptic-curve key that is not weak, in bits. RFC 9325 §4.5.
const MIN_EC_BITS: u32 = 224;

/// One reason why senders do not accept a chain. In the order in which they are named when there are several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CertificateFault {
    /// Past its end.
    Expired { subject: String, at: Timestamp },
    /// Before its beginning.
    NotYetValid { subject: String, at: Timestamp },
    /// The leaf names other hosts.
    Name { names: Vec<String> },
    /// Signed by itself.
    SelfSigned,
    /// The intermediate certificate is not sent.
    Incomplete { missing: String },
    /// An issuer that is not in the root set.
    Untrusted { issuer: String },
    /// Anything else that keeps it from being verified.
    Invalid { why: String },
}

impl CertificateFault {
    /// The last part of its code: `expired`, `name_mismatch`…
    pub(crate) const fn mx_code(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "mx_cert_expired",
            Self::NotYetValid { .. } => "mx_cert_not_yet_valid",
            Self::Name { .. } => "mx_cert_name_mismatch",
            Self::SelfSigned => "mx_cert_self_signed",
            Self::Incomplete { .. } => "mx_cert_incomplete_chain",
            Self::Untrusted { .. } | Self::Invalid { .. } => "mx_cert_untrusted",
        }
    }

    /// The detail under `mta_sts_unreachable`.
    pub(crate) const fn policy_detail(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "policy_tls_expired",
            Self::NotYetValid { .. } => "policy_tls_not_yet_valid",
            Self::Name { .. } => "policy_tls_name_mismatch",
            Self::SelfSigned => "policy_tls_self_signed",
            Self::Incomplete { .. } => "policy_tls_incomplete_chain",
            Self::Untrusted { .. } | Self::Invalid { .. } => "policy_tls_untrusted",
        }
    }

    /// Whether it concerns trust alone, which TLSA records can stand in for.
    pub(crate) const fn is_of_trust(&self) -> bool {
        matches!(self, Self::SelfSigned | Self::Untrusted { .. })
    }

    /// What was seen, to follow the host's name: `shows a certificate that …`.
    pub(crate) fn fact(&self) -> String {
        match self {
            Self::Expired { subject, at } => {
                format!("shows a certificate that ended on {} ({subject})", date(*at))
            }
            Self::NotYetValid { subject, at } => {
                format!("shows a certificate that is valid only from {} ({subject})", date(*at))
            }
            Self::Name { names } if names.is_empty() => {
                "shows a certificate without any dNSName (the common name does not count)".to_owned()
            }
            Self::Name { names } => format!("shows a certificate for {} only", listed(names)),
            Self::SelfSigned => "shows a certificate that is signed by its own key".to_owned(),
            Self::Incomplete { missing } => {
                format!("does not send the intermediate certificate of {}", quoted(missing))
            }
            Self::Untrusted { issuer } => {
                format!("shows a chain that ends at {}, which no root vouches for", quoted(issuer))
            }
            Self::Invalid { why } => {
                format!("shows a certificate that cannot be verified ({})", quoted(why))
            }
        }
    }
}

/// A chain that ends soon.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    /// Whose end it is.
    pub(crate) subject: String,
    /// The end.
    pub(crate) at: Timestamp,
    /// Whole days left.
    pub(crate) days: i64,
}

impl Ending {
    /// Whether there is a week or more left.
    pub(crate) const fn is_mild(&self) -> bool {
        self.days >= URGENT_DAYS
    }
}

/// Every reason why a sender would not accept the chain at `now`, most telling first.
pub(crate) fn faults(tls: &TlsFacts, now: Timestamp) -> Vec<CertificateFault> {
    let Some(leaf) = tls.certificates.first() else {
        return vec![CertificateFault::Invalid { why: "none was shown".to_owned() }];
    };
    let mut faults = Vec::new();
    for certificate in dated(tls) {
        // RFC 5280 §4.1.2.5: both ends of the period belong to it.
        if now > certificate.not_after {
            faults.push(CertificateFault::Expired {
                subject: quoted(&certificate.subject),
                at: certificate.not_after,
            });
        } else if now < certificate.not_before {
            faults.push(CertificateFault::NotYetValid {
                subject: quoted(&certificate.subject),
                at: certificate.not_before,
            });
        }
    }
    // RFC 8461 §4.2, RFC 9525 §6.3: a dNSName must match; the common name never counts (rule 69).
    if !tls.name_matches {
        faults.push(CertificateFault::Name { names: leaf.dns_names.clone() });
    }
    match &tls.path.result {
        PathResult::Trusted => {}
        PathResult::SelfSigned => faults.push(CertificateFault::SelfSigned),
        PathResult::Incomplete { missing } => {
            faults.push(CertificateFault::Incomplete { missing: missing.clone() });
        }
        PathResult::UnknownIssuer { issuer } => {
            faults.push(CertificateFault::Untrusted { issuer: issuer.clone() });
        }
        PathResult::Invalid(why) => faults.push(CertificateFault::Invalid { why: why.clone() }),
    }
    if !tls.signature_valid {
        faults.push(CertificateFault::Invalid {
            why: "the host does not prove that it holds the key".to_owned(),
        });
    }
    faults.sort();
    faults
}

/// The nearest end of the chain, if it is less than two weeks off and not past.
pub(crate) fn ending_soon(tls: &TlsFacts, now: Timestamp) -> Option<Ending> {
    let next = dated(tls).min_by_key(|certificate| certificate.not_after)?;
    let left = next.not_after.duration_since(now);
    let soon = !left.is_negative() && left < SignedDuration::from_hours(WARNING_DAYS * 24);
    soon.then(|| Ending { subject: quoted(&next.subject), at: next.not_after, days: left.as_hours() / 24 })
}

/// Weak keys and signatures, as words.
pub(crate) fn weaknesses(tls: &TlsFacts) -> Vec<String> {
    let mut found = Vec::new();
    for certificate in dated(tls) {
        let (kind, bits) = (certificate.key.algorithm.to_ascii_uppercase(), certificate.key.bits);
        let short = match kind.as_str() {
            "RSA" => bits < MIN_RSA_BITS,
            "EC" | "ECDSA" => bits < MIN_EC_BITS,
            "DSA" => true,
            _ => false,
        };
        if short {
            found.push(format!("a {kind} key of {bits} bits"));
        }
        // A root's own signature is never checked, so that its algorithm does not matter.
        if certificate.subject != certificate.issuer && is_outdated(&certificate.signature) {
            found.push(format!("a signature by {}", algorithm(&certificate.signature)));
        }
    }
    found.dedup();
    found
}

/// The name of an outdated signature algorithm, for its object identifier.
fn algorithm(signature: &str) -> String {
    match signature {
        "1.2.840.113549.1.1.4" => "RSA with MD5".to_owned(),
        "1.2.840.113549.1.1.5" => "RSA with SHA-1".to_owned(),
        "1.2.840.10045.4.1" => "ECDSA with SHA-1".to_owned(),
        name => quoted(name),
    }
}

/// SHA-1 and MD5, by name or by object identifier. RFC 9155 §2.
fn is_outdated(signature: &str) -> bool {
    let name = signature.to_ascii_lowercase().replace('-', "");
    ["sha1with", "withsha1", "md5with"].iter().any(|part| name.contains(part))
        || ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"].contains(&signature)
}

/// The certificates whose dates count: the leaf and its issuer as sent. What is sent beyond that is often an old
/// cross-signature that verifiers pass by, and a root's dates do not matter.
fn dated(tls: &TlsFacts) -> impl Iterator<Item = &Certificate> {
    let leaf = tls.certificates.first();
    let issuer = tls.certificates.get(1).filter(|next| {
        leaf.is_some_and(|leaf| leaf.issuer == next.subject && leaf.subject != leaf.issuer)
            && next.subject != next.issuer
    });
    leaf.into_iter().chain(issuer)
}

/// A date as `2026-04-29`.
pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
