//! Does a presented chain satisfy the TLSA records of a host? RFC 7671 §5, RFC 7672 §3.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::tlsa::{Tlsa, Unusable, strongest};
use crate::identity::dns_id_matches;

/// One presented certificate, as far as DANE looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Certificate<'a> {
    /// The whole certificate in DER.
    pub der: &'a [u8],
    /// Its SubjectPublicKeyInfo in DER.
    pub spki: &'a [u8],
    /// The dNSName entries of its subjectAltName.
    pub dns_names: &'a [String],
    /// Not valid before.
    pub not_before: Timestamp,
    /// Not valid after.
    pub not_after: Timestamp,
}

/// What a host presented, leaf first.
#[derive(Debug, Clone, Default)]
pub struct Chain<'a> {
    /// The certificates in the order of the handshake.
    pub certificates: Vec<Certificate<'a>>,
    /// Indexes of the presented certificates that, taken as the only trust anchor, give a path of good signatures to the
    /// leaf, dates left aside. Whoever observed the chain found that out; no signature is checked here.
    pub anchors: Vec<usize>,
}

/// What the records say about a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No record is usable: TLS is demanded, the certificate is not checked (RFC 7672 §2.2).
    NoUsable {
        /// Why, for each record in order.
        why: Vec<Unusable>,
    },
    /// A record matches.
    Matched {
        /// Index of the record.
        record: usize,
        /// Index of the matched certificate; 0 is the leaf.
        depth: usize,
    },
    /// No used record matches: senders that honour DANE do not deliver to this host.
    Mismatch {
        /// For each record that was used, its index and why it does not match.
        why: Vec<(usize, Mismatch)>,
    },
}

/// Why a usable record does not match a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// No certificate was presented.
    NoCertificate,
    /// Usage 3: the leaf is another certificate or has another key.
    OtherLeaf,
    /// Usage 2: no presented certificate is the named anchor.
    AnchorNotPresented,
    /// Usage 2: the anchor was presented, but gives no valid path to the leaf.
    NoPath,
    /// Usage 2: the leaf names none of the expected hosts.
    Name,
    /// Usage 2: the leaf or a certificate between it and the anchor has expired.
    Expired,
    /// Usage 2: the leaf or a certificate between it and the anchor is not valid yet.
    NotYetValid,
}

/// Matches `chain` against `records` at `now`. `base_names` are the names that a leaf under a trust anchor may carry: the
/// TLSA base domain, and the next-hop domain where that differs (RFC 7672 §3.2.2).
pub fn judge(records: &[Tlsa], chain: &Chain<'_>, base_names: &[&str], now: Timestamp) -> Outcome {
    let used = strongest(records);
    if used.is_empty() {
        return Outcome::NoUsable {
            why: records.iter().filter_map(|record| record.usable().err()).collect(),
        };
    }
    let mut why = Vec::new();
    for index in used {
        let Some(record) = records.get(index) else { continue };
        let result = match record.is_end_entity() {
            true => end_entity(record, chain),
            false => trust_anchor(record, chain, base_names, now),
        };
        match result {
            Ok(depth) => return Outcome::Matched { record: index, depth },
            Err(mismatch) => why.push((index, mismatch)),
        }
    }
    Outcome::Mismatch { why }
}

// RFC 7672 §3.1.1, RFC 7671 §5.1: usage 3 looks at the leaf alone; names, dates and the chain do not matter (rule 96).
fn end_entity(record: &Tlsa, chain: &Chain<'_>) -> Result<usize, Mismatch> {
    let leaf = chain.certificates.first().ok_or(Mismatch::NoCertificate)?;
    if record.matches(leaf.der, leaf.spki) { Ok(0) } else { Err(Mismatch::OtherLeaf) }
}

// RFC 7672 §3.1.2, RFC 7671 §5.2: usage 2 needs the anchor among the presented certificates, a valid path from it, and
// the leaf's name and dates (rule 96).
fn trust_anchor(
    record: &Tlsa,
    chain: &Chain<'_>,
    base_names: &[&str],
    now: Timestamp,
) -> Result<usize, Mismatch> {
    let leaf = chain.certificates.first().ok_or(Mismatch::NoCertificate)?;
    let named = |depth: &usize| {
        chain
            .certificates
            .get(*depth)
            .is_some_and(|certificate| record.matches(certificate.der, certificate.spki))
    };
    let Some(depth) = chain.anchors.iter().copied().find(|depth| named(depth)) else {
        let presented = (0..chain.certificates.len()).any(|depth| named(&depth));
        return Err(if presented { Mismatch::NoPath } else { Mismatch::AnchorNotPresented });
    };
    // RFC 5280 §6.1.3: every certificate of the path but its anchor must be valid now. Whatever can itself serve as anchor
    // and was presented below this one lies on the path.
    let path = chain.anchors.iter().filter(|below| **below > 0 && **below < depth);
    for certificate in std::iter::once(leaf).chain(path.filter_map(|index| chain.certificates.get(*index))) {
        if now < certificate.not_before {
            return Err(Mismatch::NotYetValid);
        }
        if now > certificate.not_after {
            return Err(Mismatch::Expired);
        }
    }
    // RFC 7672 §3.2.2, §3.2.3
    let names = |name: &String| base_names.iter().any(|host| dns_id_matches(name, host));
    if leaf.dns_names.iter().any(names) { Ok(depth) } else { Err(Mismatch::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn tlsa(usage: u8, data: &[u8]) -> Tlsa {
        Tlsa { usage, selector: 0, matching: 0, data: data.to_vec() }
    }

    fn certificate<'a>(der: &'a [u8], dns_names: &'a [String]) -> Certificate<'a> {
        let (not_before, not_after) = (at("2026-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        Certificate { der, spki: b"key", dns_names, not_before, not_after }
    }

    #[test]
    fn usage_3_ignores_name_and_date_and_usage_2_does_not() {
        let names = ["*.example.com".to_owned()];
        let chain = |anchors: &[usize]| Chain {
            certificates: vec![certificate(b"leaf", &names), certificate(b"ca", &[])],
            anchors: anchors.to_vec(),
        };
        let (good, late, early) =
            (at("2026-02-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), at("2025-01-01T00:00:00Z"));
        let (host, other) = ("mx.example.com", "mx.example.net");
        let mismatch = |why| Outcome::Mismatch { why: vec![(0, why)] };
        for (record, anchors, host, now, expected) in [
            (tlsa(3, b"leaf"), vec![], other, late, Outcome::Matched { record: 0, depth: 0 }),
            (tlsa(3, b"ca"), vec![1], host, good, mismatch(Mismatch::OtherLeaf)),
            (tlsa(2, b"ca"), vec![1], host, good, Outcome::Matched { record: 0, depth: 1 }),
            (tlsa(2, b"ca"), vec![1], other, good, mismatch(Mismatch::Name)),
            (tlsa(2, b"ca"), vec![1], host, late, mismatch(Mismatch::Expired)),
            (tlsa(2, b"ca"), vec![1], host, early, mismatch(Mismatch::NotYetValid)),
            (tlsa(2, b"ca"), vec![], host, good, mismatch(Mismatch::NoPath)),
            (tlsa(2, b"root"), vec![1], host, good, mismatch(Mismatch::AnchorNotPresented)),
        ] {
            assert_eq!(judge(&[record], &chain(&anchors), &[host], now), expected);
        }
    }

    #[test]
    fn unusable_records_and_empty_chains() {
        let now = at("2026-02-01T00:00:00Z");
        let none = Chain::default();
        assert_eq!(
            judge(&[tlsa(1, b"x")], &none, &[], now),
            Outcome::NoUsable { why: vec![Unusable::PkixUsage] }
        );
        assert_eq!(
            judge(&[tlsa(1, b"x"), tlsa(3, b"x")], &none, &[], now),
            Outcome::Mismatch { why: vec![(1, Mismatch::NoCertificate)] }
        );
        assert_eq!(judge(&[], &none, &[], now), Outcome::NoUsable { why: vec![] });
    }
}
