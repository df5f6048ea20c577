//! What one certificate says.

use jiff::Timestamp;
use protocol::observed::{Certificate, KeyFacts};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::name::words;

/// Names of one certificate kept. Authorities put at most a few hundred into one.
const MAX_NAMES: usize = 1_000;

/// Reads a certificate. One that cannot be read keeps its place in the chain, with nothing but its octets.
pub(crate) fn read(der: &[u8]) -> Certificate {
    let Some(parsed) = parse(der) else {
        return Certificate {
            subject: String::new(),
            issuer: String::new(),
            dns_names: Vec::new(),
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::MAX,
            key: KeyFacts { algorithm: "unreadable".to_owned(), bits: 0 },
            signature: String::new(),
            is_ca: false,
            der: der.to_vec(),
            spki: Vec::new(),
        };
    };
    Certificate {
        subject: words(parsed.subject()),
        issuer: words(parsed.issuer()),
        dns_names: dns_names(&parsed),
        // RFC 8461 §3.3, §4.2: the certificate must not have expired; RFC 5280 §4.1.2.5 says when it has (rule 28).
        not_before: moment(parsed.validity().not_before),
        not_after: moment(parsed.validity().not_after),
        key: key(parsed.public_key()),
        signature: algorithm_name(&parsed.signature_algorithm.algorithm),
        is_ca: parsed.is_ca(),
        der: der.to_vec(),
        spki: parsed.public_key().raw.to_vec(),
    }
}

/// Parses a certificate that ends where its octets end.
pub(super) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Some(certificate),
        _ => None,
    }
}

/// The dNSNames of the subject alternative name; the common name is never used (RFC 9525 §6.3; rule 24).
fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    certificate
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => Some(names.general_names.iter()),
            _ => None,
        })
        .flatten()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
        .take(MAX_NAMES)
        .collect()
}

fn moment(time: ASN1Time) -> Timestamp {
    Timestamp::from_second(time.timestamp()).unwrap_or(if time.timestamp() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn algorithm_name(oid: &Oid<'_>) -> String {
    oid2sn(oid, oid_registry()).map_or_else(|_| oid.to_id_string(), str::to_owned)
}

fn key(info: &SubjectPublicKeyInfo<'_>) -> KeyFacts {
    let named = |algorithm: &str, bits: u32| KeyFacts { algorithm: algorithm.to_owned(), bits };
    match (info.algorithm.algorithm.to_id_string().as_str(), info.parsed()) {
        (_, Ok(PublicKey::RSA(key))) => {
            named("RSA", u32::try_from(bit_length(key.modulus)).unwrap_or(u32::MAX))
        }
        (_, Ok(PublicKey::EC(point))) => {
            let curve = info.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
            let bits = match curve.map(|curve| curve.to_id_string()).as_deref() {
                Some("1.2.840.10045.3.1.7") => 256,
                Some("1.3.132.0.34") => 384,
                Some("1.3.132.0.35") => 521,
                _ => u32::try_from(point.key_size()).unwrap_or(0),
            };
            named("EC", bits)
        }
        (_, Ok(PublicKey::DSA(value))) => named("DSA", u32::try_from(value.len() * 8).unwrap_or(u32::MAX)),
        ("1.3.101.112", _) => named("Ed25519", 256),
        ("1.3.101.113", _) => named("Ed448", 456),
        (oid, _) => named(oid, 0),
    }
}

/// The bits of a big-endian number without its leading zeros.
fn bit_length(number: &[u8]) -> usize {
    match number.iter().position(|octet| *octet != 0).and_then(|at| number.get(at..)) {
        Some(rest @ [first, ..]) => {
            rest.len() * 8 - usize::try_from(first.leading_zeros()).unwrap_or_default()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bits_of_a_modulus() {
        assert_eq!(bit_length(&[0, 0x80, 0]), 16);
        assert_eq!(bit_length(&[0x01, 0xff]), 9);
        assert_eq!(bit_length(&[0, 0]), 0);
    }

    #[test]
    fn an_unreadable_certificate_keeps_its_place() {
        let facts = read(b"no certificate");
        assert_eq!(facts.der, b"no certificate");
        assert_eq!(facts.key.algorithm, "unreadable");
    }

    #[test]
    fn reads_names_key_and_dates() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["mx.example.com".to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "a, b");
        params.not_after = rcgen::date_time_ymd(2031, 1, 2);
        let facts = read(params.self_signed(&key).unwrap().der());
        assert_eq!(facts.dns_names, ["mx.example.com"]);
        assert_eq!(facts.subject, "CN=a\\, b");
        assert_eq!(facts.issuer, facts.subject);
        assert_eq!(facts.key, KeyFacts { algorithm: "EC".to_owned(), bits: 256 });
        assert_eq!(facts.signature, "ecdsa-with-SHA256");
        assert_eq!(facts.not_after.to_string(), "2031-01-02T00:00:00Z");
        assert!(!facts.is_ca && !facts.spki.is_empty());
    }
}
