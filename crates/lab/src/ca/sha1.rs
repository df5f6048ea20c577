//! A certificate whose signature algorithm says SHA-1. No library signs one any more, so the DER is rewritten.
//!
//! Its signature was made over SHA-256: nobody who still checked ECDSA over SHA-1 would accept it. That costs
//! nothing here, because modern libraries refuse the algorithm before they look at the signature.

use rcgen::{KeyPair, SigningKey};
use rustls_pki_types::CertificateDer;

use crate::LabError;

/// AlgorithmIdentifier of ecdsa-with-SHA1, 1.2.840.10045.4.1 (RFC 3279 §2.2.3).
const ECDSA_WITH_SHA1: &[u8] = &[0x30, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// The same certificate, its algorithm replaced in both places (RFC 5280 §4.1.1.2, §4.1.2.3), signed anew.
pub(crate) fn downgrade(
    der: &CertificateDer<'_>,
    issuer: &KeyPair,
) -> Result<CertificateDer<'static>, LabError> {
    let odd = || LabError::Key("a certificate of ours has an unknown shape".to_owned());
    let certificate = contents(der.as_ref()).ok_or_else(odd)?;
    let (tbs, _) = element(certificate).ok_or_else(odd)?;
    let mut rest = contents(tbs).ok_or_else(odd)?;
    let mut fields = Vec::new();
    // version, serial number, signature algorithm, …: the third is the one to replace.
    for index in 0.. {
        let Some((field, after)) = element(rest) else { break };
        fields.extend_from_slice(if index == 2 { ECDSA_WITH_SHA1 } else { field });
        rest = after;
    }
    let tbs = wrap(SEQUENCE, &fields);
    let signature = issuer.sign(&tbs)?;
    let mut bits = vec![0];
    bits.extend(signature);
    let parts = [tbs.as_slice(), ECDSA_WITH_SHA1, &wrap(BIT_STRING, &bits)].concat();
    Ok(CertificateDer::from(wrap(SEQUENCE, &parts)))
}

/// The first element (header and all) and what follows it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, length) = header(der)?;
    der.split_at_checked(header + length)
}

/// What is inside the first element.
fn contents(der: &[u8]) -> Option<&[u8]> {
    let (header, length) = header(der)?;
    der.get(header..header + length)
}

/// Octets of tag and length, and the length they state (X.690 §8.1.3).
fn header(der: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*der.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let count = first & 0x7f;
    let length = der.get(2..2 + count)?.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet));
    Some((2 + count, length))
}

fn wrap(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut der = vec![tag];
    match length {
        0..=0x7f => der.push(length as u8),
        0x80..=0xff => der.extend([0x81, length as u8]),
        _ => der.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    der.extend_from_slice(contents);
    der
}
