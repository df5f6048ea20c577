//! One TLSA record. RFC 6698 §2.1, RFC 7671, RFC 7672 §3.1.

use std::fmt::{self, Write};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256, Sha512};

/// Usages that SMTP senders accept. RFC 7672 §3.1.
const DANE_TA: u8 = 2;
const DANE_EE: u8 = 3;

/// A TLSA record as the DNS gives it. RFC 6698 §2.1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tlsa {
    /// Certificate usage: 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
    pub usage: u8,
    /// Selector: 0 the whole certificate, 1 its public key (SubjectPublicKeyInfo).
    pub selector: u8,
    /// Matching type: 0 the octets themselves, 1 SHA2-256, 2 SHA2-512.
    pub matching: u8,
    /// Certificate association data, written as lower-case hexadecimal digits.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub data: Vec<u8>,
}

/// Record data that is too short to be a TLSA record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("TLSA record data needs at least 3 octets, there are {0}")]
pub struct TlsaError(pub usize);

/// Why SMTP senders ignore a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unusable {
    /// Usage 0 or 1: undefined for SMTP. RFC 7672 §3.1.3.
    PkixUsage,
    /// A usage that is not assigned.
    UnknownUsage,
    /// A selector that is not assigned.
    UnknownSelector,
    /// A matching type that is not assigned.
    UnknownMatching,
    /// A digest of the wrong length.
    DigestLength {
        /// What the matching type asks for, in octets.
        expected: usize,
        /// What is there, in octets.
        found: usize,
    },
    /// No data.
    Empty,
}

impl Tlsa {
    /// Reads the record data of the wire. RFC 6698 §2.1.
    ///
    /// # Errors
    /// [`TlsaError`] when there are fewer than three octets.
    pub fn from_rdata(rdata: &[u8]) -> Result<Self, TlsaError> {
        match rdata {
            [usage, selector, matching, data @ ..] => {
                Ok(Self { usage: *usage, selector: *selector, matching: *matching, data: data.to_vec() })
            }
            short => Err(TlsaError(short.len())),
        }
    }

    /// Can an SMTP sender use this record?
    ///
    /// # Errors
    /// [`Unusable`] says why not (rules 95 and 97).
    pub fn usable(&self) -> Result<(), Unusable> {
        // RFC 7672 §3.1.3: usages 0 and 1 have no meaning on port 25.
        match self.usage {
            DANE_TA | DANE_EE => {}
            0 | 1 => return Err(Unusable::PkixUsage),
            _ => return Err(Unusable::UnknownUsage),
        }
        // RFC 6698 §2.1.2, §2.1.3
        if self.selector > 1 {
            return Err(Unusable::UnknownSelector);
        }
        let expected = match self.matching {
            0 if self.data.is_empty() => return Err(Unusable::Empty),
            0 => return Ok(()),
            1 => 32,
            2 => 64,
            _ => return Err(Unusable::UnknownMatching),
        };
        match self.data.len() {
            found if found == expected => Ok(()),
            found => Err(Unusable::DigestLength { expected, found }),
        }
    }

    /// True for usage 3: the record names the host's own certificate or key.
    pub fn is_end_entity(&self) -> bool {
        self.usage == DANE_EE
    }

    /// True for usage 2: the record names a trust anchor.
    pub fn is_trust_anchor(&self) -> bool {
        self.usage == DANE_TA
    }

    /// Does the record name this certificate, by its DER form or by that of its public key? RFC 6698 §2.1.
    pub fn matches(&self, cert_der: &[u8], spki_der: &[u8]) -> bool {
        let selected = match self.selector {
            0 => cert_der,
            1 => spki_der,
            _ => return false,
        };
        match self.matching {
            0 => self.data == selected,
            1 => self.data == Sha256::digest(selected).as_slice(),
            2 => self.data == Sha512::digest(selected).as_slice(),
            _ => false,
        }
    }
}

/// The indexes of the records that a sender uses: the usable ones, and of several digests for one usage and selector only
/// the strongest (RFC 7671 §9, digest agility). Records with full data are always kept.
pub fn strongest(records: &[Tlsa]) -> Vec<usize> {
    let usable = || records.iter().enumerate().filter(|(_, record)| record.usable().is_ok());
    // Usage and selector have two usable values each: four groups.
    let mut best = [0u8; 4];
    let group = |record: &Tlsa| usize::from(record.usage & 1) * 2 + usize::from(record.selector & 1);
    for (_, record) in usable() {
        if let Some(strongest) = best.get_mut(group(record)) {
            *strongest = record.matching.max(*strongest);
        }
    }
    let kept = |record: &Tlsa| record.matching == 0 || best.get(group(record)) == Some(&record.matching);
    usable().filter(|(_, record)| kept(record)).map(|(index, _)| index).collect()
}

impl fmt::Display for Tlsa {
    /// As in a zone file: `3 1 1 0123…`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.usage, self.selector, self.matching, hex(&self.data))
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PkixUsage => f.write_str("usages 0 and 1 have no meaning for mail"),
            Self::UnknownUsage => f.write_str("the usage is not 2 or 3"),
            Self::UnknownSelector => f.write_str("the selector is not 0 or 1"),
            Self::UnknownMatching => f.write_str("the matching type is not 0, 1 or 2"),
            Self::DigestLength { expected, found } => {
                write!(f, "the digest has {found} octets instead of {expected}")
            }
            Self::Empty => f.write_str("there is no data"),
        }
    }
}

fn hex(data: &[u8]) -> String {
    data.iter().fold(String::with_capacity(data.len() * 2), |mut out, b| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{b:02x}");
        out
    })
}

fn to_hex<S: Serializer>(data: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(data))
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let octet = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    };
    let data: Option<Vec<u8>> = text.as_bytes().chunks(2).map(octet).collect();
    data.ok_or_else(|| serde::de::Error::custom("not an even number of hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlsa(usage: u8, selector: u8, matching: u8, len: usize) -> Tlsa {
        Tlsa { usage, selector, matching, data: vec![7; len] }
    }

    #[test]
    fn usable_records() {
        for (record, expected) in [
            (tlsa(3, 1, 1, 32), Ok(())),
            (tlsa(2, 0, 2, 64), Ok(())),
            (tlsa(3, 0, 0, 9), Ok(())),
            (tlsa(0, 0, 1, 32), Err(Unusable::PkixUsage)),
            (tlsa(1, 0, 1, 32), Err(Unusable::PkixUsage)),
            (tlsa(4, 0, 1, 32), Err(Unusable::UnknownUsage)),
            (tlsa(3, 2, 1, 32), Err(Unusable::UnknownSelector)),
            (tlsa(3, 1, 3, 32), Err(Unusable::UnknownMatching)),
            (tlsa(3, 1, 1, 31), Err(Unusable::DigestLength { expected: 32, found: 31 })),
            (tlsa(3, 1, 0, 0), Err(Unusable::Empty)),
        ] {
            assert_eq!(record.usable(), expected, "{record}");
        }
    }

    #[test]
    fn selectors_and_digests() {
        let (cert, spki) = (b"certificate".as_slice(), b"key".as_slice());
        let of = |selector, matching, data: &[u8]| Tlsa { usage: 3, selector, matching, data: data.to_vec() };
        assert!(of(0, 0, cert).matches(cert, spki) && of(1, 0, spki).matches(cert, spki));
        assert!(of(0, 1, &Sha256::digest(cert)).matches(cert, spki));
        assert!(of(1, 2, &Sha512::digest(spki)).matches(cert, spki));
        assert!(!of(1, 1, &Sha256::digest(cert)).matches(cert, spki));
    }

    #[test]
    fn digest_agility_is_per_usage_and_selector() {
        let records = [
            tlsa(3, 1, 1, 32), // weaker than the next: dropped
            tlsa(3, 1, 2, 64),
            tlsa(3, 0, 1, 32), // other selector: kept
            tlsa(2, 1, 1, 32), // other usage: kept
            tlsa(3, 1, 0, 5),  // full data: kept
            tlsa(2, 1, 2, 63), // unusable: does not shadow
        ];
        assert_eq!(strongest(&records), [1, 2, 3, 4]);
    }

    #[test]
    fn serde_and_wire_forms() {
        let record = Tlsa::from_rdata(&[3, 1, 1, 0xab, 0x01]).expect("record");
        assert_eq!(record.to_string(), "3 1 1 ab01");
        let json = serde_json::to_string(&record).expect("json");
        assert!(json.contains("\"ab01\""));
        assert_eq!(serde_json::from_str::<Tlsa>(&json).expect("read back"), record);
        assert_eq!(Tlsa::from_rdata(&[3, 1]), Err(TlsaError(2)));
    }
}
