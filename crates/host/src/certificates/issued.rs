//! A certificate with its chain and its key, read and checked.

use std::fmt;

use jiff::Timestamp;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use zeroize::Zeroizing;

/// Certificates of one chain. Authorities send two or three.
const MAX_CHAIN: usize = 10;
/// Names of one certificate. Authorities put a hundred into one at most.
const MAX_NAMES: usize = 1_000;
/// Octets of one certificate.
const MAX_CERTIFICATE: usize = 16 << 10;

/// A certificate with its chain and its private key (PKCS #8).
pub struct Issued {
    chain: Vec<CertificateDer<'static>>,
    key: Zeroizing<Vec<u8>>,
    facts: Facts,
}

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The names that it is for, lower case; `*.example.com` for a wildcard.
    pub names: Vec<String>,
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// Who issued it.
    pub issuer: String,
    /// From when on it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

/// What is wrong with a certificate or its key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// There is no certificate.
    #[error("there is no certificate in PEM form (-----BEGIN CERTIFICATE-----)")]
    None,
    /// More than a chain can have, or larger than a certificate can be.
    #[error(
        "this is no chain of certificates: there are more than {MAX_CHAIN}, or one has more than {MAX_CERTIFICATE} octets"
    )]
    TooMuch,
    /// It cannot be read.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// There is no key, or one that cannot be used.
    #[error("the private key cannot be used: {0}")]
    Key(String),
    /// The key is another's.
    #[error("the private key belongs to another certificate")]
    OtherKey,
    /// It is for other names.
    #[error("the certificate is for {}, not for {wanted}", names.join(", "))]
    OtherName {
        /// The name that it should be for.
        wanted: String,
        /// The first few names that it is for.
        names: Vec<String>,
    },
    /// None could be made.
    #[error("no certificate can be made for this name: {0}")]
    Unmakeable(String),
}

impl Issued {
    /// A chain, the leaf first, and the leaf's key.
    ///
    /// # Errors
    /// [`CertificateFault`] when they cannot be read or do not belong together.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: Zeroizing<Vec<u8>>,
        provider: &CryptoProvider,
    ) -> Result<Self, CertificateFault> {
        let facts = check_chain(&chain)?;
        certified(chain.clone(), &key, provider)?;
        Ok(Self { chain, key, facts })
    }

    /// The same from an authority's PEM.
    ///
    /// # Errors
    /// As [`Issued::new`].
    pub fn of_pem(
        chain: &str,
        key: Zeroizing<Vec<u8>>,
        provider: &CryptoProvider,
    ) -> Result<Self, CertificateFault> {
        Self::new(read_chain(chain)?, key, provider)
    }

    /// What the certificate says of itself.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The certificate alone.
    #[must_use]
    pub fn leaf(&self) -> &CertificateDer<'static> {
        // `check_chain` has seen it.
        &self.chain[0]
    }

    /// The certificates above it.
    #[must_use]
    pub fn issuers(&self) -> &[CertificateDer<'static>] {
        self.chain.get(1..).unwrap_or_default()
    }

    /// The key, as PKCS #8.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }
}

impl Facts {
    /// What a certificate says of itself.
    ///
    /// # Errors
    /// [`CertificateFault::Unreadable`].
    pub fn read(der: &[u8]) -> Result<Self, CertificateFault> {
        let Ok(([], parsed)) = X509Certificate::from_der(der) else {
            return Err(CertificateFault::Unreadable);
        };
        let moment = |seconds: i64| Timestamp::from_second(seconds).map_err(|_| CertificateFault::Unreadable);
        Ok(Self {
            names: names(&parsed),
            serial: parsed.raw_serial().iter().map(|octet| format!("{octet:02x}")).collect(),
            issuer: parsed.issuer().to_string(),
            not_before: moment(parsed.validity().not_before.timestamp())?,
            not_after: moment(parsed.validity().not_after.timestamp())?,
        })
    }

    /// Whether it is for this name: one label stands for `*`, as senders read it (RFC 9525 §6.3).
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        let above = name.split_once('.').map(|(_, above)| above);
        self.names.iter().any(|of| of == name || of.strip_prefix("*.").is_some_and(|of| above == Some(of)))
    }

    /// Says so if it is not for this name.
    ///
    /// # Errors
    /// [`CertificateFault::OtherName`].
    pub fn must_cover(&self, name: &str) -> Result<(), CertificateFault> {
        match self.covers(name) {
            true => Ok(()),
            false => Err(CertificateFault::OtherName {
                wanted: name.to_owned(),
                names: self.names.iter().take(3).cloned().collect(),
            }),
        }
    }
}

/// The certificates of a PEM text.
pub(super) fn read_chain(pem: &str) -> Result<Vec<CertificateDer<'static>>, CertificateFault> {
    let mut chain = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        chain.push(certificate.map_err(|_| CertificateFault::Unreadable)?);
        if chain.len() > MAX_CHAIN {
            return Err(CertificateFault::TooMuch);
        }
    }
    Ok(chain)
}

/// Whether it may be a chain, and what its first certificate says.
pub(super) fn check_chain(chain: &[CertificateDer<'static>]) -> Result<Facts, CertificateFault> {
    let leaf = chain.first().ok_or(CertificateFault::None)?;
    if chain.len() > MAX_CHAIN || chain.iter().any(|certificate| certificate.len() > MAX_CERTIFICATE) {
        return Err(CertificateFault::TooMuch);
    }
    Facts::read(leaf)
}

/// Chain and key as a TLS server shows them.
pub(super) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: &[u8],
    provider: &CryptoProvider,
) -> Result<CertifiedKey, CertificateFault> {
    join(chain, PrivatePkcs8KeyDer::from(key).into(), provider)
}

/// The same with a key in any form.
pub(super) fn join(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'_>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, CertificateFault> {
    CertifiedKey::from_der(chain, key.clone_key(), provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => CertificateFault::OtherKey,
        other => CertificateFault::Key(other.to_string()),
    })
}

/// The dNSNames of the subject alternative name; the common name is never used (RFC 9525 §6.3).
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let all = certificate.extensions().iter().filter_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) => Some(names.general_names.iter()),
        _ => None,
    });
    all.flatten()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .take(MAX_NAMES)
        .collect()
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("facts", &self.facts).finish_non_exhaustive()
    }
}
