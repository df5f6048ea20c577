//! One certificate as it waits in memory: small, its key still sealed.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use super::issued::certified;
use super::{CertificateFault, Facts, SealFault, Sealer};

/// The certificates above one: most certificates of one authority share them.
pub(super) type Chain = Arc<[CertificateDer<'static>]>;

/// One certificate and its key, sealed as they are in the database: about a thousand octets in all. What a handshake
/// needs is made of it when the name is first asked for.
pub(super) struct Packed {
    /// The certificate, then the sealed key.
    octets: Box<[u8]>,
    leaf: u32,
    issuers: Chain,
}

/// Why a handshake cannot be served from what is there.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    /// The key cannot be opened.
    #[error(transparent)]
    Sealed(#[from] SealFault),
    /// The certificate or the key cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateFault),
}

impl Packed {
    /// Puts them together.
    pub(super) fn new(leaf: &[u8], sealed: &[u8], issuers: Chain) -> Result<Self, CertificateFault> {
        let length = u32::try_from(leaf.len()).map_err(|_| CertificateFault::TooMuch)?;
        Ok(Self { octets: [leaf, sealed].concat().into(), leaf: length, issuers })
    }

    /// What a TLS server shows. Opens and reads the key, which takes about 40 µs.
    pub(super) fn unpack(
        &self,
        name: &str,
        sealer: &Sealer,
        provider: &CryptoProvider,
    ) -> Result<CertifiedKey, Unusable> {
        let (leaf, sealed) =
            self.octets.split_at_checked(self.leaf as usize).ok_or(CertificateFault::Unreadable)?;
        let facts = Facts::read(leaf)?;
        let key = sealer.open(&purpose(name, &facts.serial), sealed)?;
        let mut chain = Vec::with_capacity(1 + self.issuers.len());
        chain.push(CertificateDer::from(leaf.to_vec()));
        chain.extend(self.issuers.iter().cloned());
        Ok(certified(chain, &key, provider)?)
    }
}

/// What a certificate's key is sealed for: this name, this certificate.
pub(super) fn purpose(name: &str, serial: &str) -> String {
    format!("certificate\0{name}\0{serial}")
}

/// Keeps equal chains once, by their hash.
#[derive(Default)]
pub(super) struct Chains(Mutex<HashMap<String, Weak<[CertificateDer<'static>]>>>);

impl Chains {
    /// The chain of that hash, if it is in use.
    pub(super) fn known(&self, sha256: &str) -> Option<Chain> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(sha256).and_then(Weak::upgrade)
    }

    /// Keeps one more, for as long as it is in use.
    pub(super) fn learn(&self, sha256: &str, chain: Vec<CertificateDer<'static>>) -> Chain {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Few are ever there at a time, so this looks at a handful, and only when a new one comes.
        kept.retain(|_, of| of.strong_count() > 0);
        let new = Chain::from(chain);
        kept.insert(sha256.to_owned(), Arc::downgrade(&new));
        new
    }
}

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Packed({} octets)", self.octets.len())
    }
}
