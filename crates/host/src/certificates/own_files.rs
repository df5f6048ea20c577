//! Certificates that the operator brings along as files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::issued::{check_chain, join, read_chain};
use super::{CertificateFault, Facts};

/// Octets of a file. A chain of ten certificates in PEM has a tenth of it.
const MAX_FILE: u64 = 1 << 20;

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyFiles {
    /// The chain in PEM form, the leaf first.
    pub chain: PathBuf,
    /// The private key in PEM form.
    pub key: PathBuf,
}

/// Certificates of the operator, by name. A name that is written out goes before a wildcard.
#[derive(Debug, Default)]
pub struct OwnFiles {
    exact: HashMap<String, Arc<CertifiedKey>>,
    /// By what follows `*.`.
    wildcards: HashMap<String, Arc<CertifiedKey>>,
    facts: Vec<(PathBuf, Facts)>,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OwnFileFault {
    /// It cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// What is in it is of no use.
    #[error("{}: {fault}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: CertificateFault,
    },
}

impl OwnFiles {
    /// Reads all of them, or none.
    ///
    /// # Errors
    /// [`OwnFileFault`] for the first that cannot be used.
    pub fn read(files: &[KeyFiles], provider: &CryptoProvider) -> Result<Self, OwnFileFault> {
        let mut own = Self::default();
        for KeyFiles { chain, key } in files {
            let text = text(chain)?;
            let wrong = |fault| OwnFileFault::Certificate { path: chain.clone(), fault };
            let certificates = read_chain(&text).map_err(wrong)?;
            let facts = check_chain(&certificates).map_err(wrong)?;
            let private = read_key(key)?;
            let certified = join(certificates, private, provider)
                .map_err(|fault| OwnFileFault::Certificate { path: key.clone(), fault })?;
            own.add(Arc::new(certified), &facts);
            own.facts.push((chain.clone(), facts));
        }
        Ok(own)
    }

    /// The certificate for a name in lower case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<CertifiedKey>> {
        self.exact.get(name).or_else(|| {
            // RFC 9525 §6.3: the wildcard stands for the whole leftmost label, and for one only.
            let (_, above) = name.split_once('.')?;
            self.wildcards.get(above)
        })
    }

    /// What the certificates say of themselves, by file: for watching when they expire.
    #[must_use]
    pub fn facts(&self) -> &[(PathBuf, Facts)] {
        &self.facts
    }

    fn add(&mut self, certified: Arc<CertifiedKey>, facts: &Facts) {
        for name in &facts.names {
            match name.strip_prefix("*.") {
                Some(above) => self.wildcards.insert(above.to_owned(), Arc::clone(&certified)),
                None => self.exact.insert(name.clone(), Arc::clone(&certified)),
            };
        }
    }
}

fn text(path: &Path) -> Result<Zeroizing<String>, OwnFileFault> {
    let io = |error| OwnFileFault::Io { path: path.to_owned(), error };
    if fs::metadata(path).map_err(io)?.len() > MAX_FILE {
        return Err(OwnFileFault::Certificate { path: path.to_owned(), fault: CertificateFault::TooMuch });
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(io)
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, OwnFileFault> {
    let text = text(path)?;
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| OwnFileFault::Certificate {
        path: path.to_owned(),
        fault: CertificateFault::Key("there is no private key in PEM form in this file".to_owned()),
    })
}
