//! The CA itself: a root, an intermediate, and leaves made when a server first needs them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData,
};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use super::kind::CertificateKind;
use super::{sha1, weak};
use crate::LabError;

/// A chain and its key, as a TLS server shows them.
pub(crate) type Credential = Arc<CertifiedKey>;

/// A CA: its certificate and what signs with it.
struct Branch {
    root: CertificateDer<'static>,
    root_pem: String,
    intermediate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// The lab's CA, a second CA that nobody trusts, and the keys of the servers.
pub(crate) struct Authority {
    trusted: Branch,
    private: Branch,
    leaf_key: KeyPair,
    other_key: KeyPair,
    now: OffsetDateTime,
    made: Mutex<HashMap<(CertificateKind, Vec<String>), Credential>>,
}

impl Authority {
    /// Makes both CAs. `now` is in seconds since 1970.
    pub(crate) fn generate(now: u64) -> Result<Self, LabError> {
        let now = i64::try_from(now).ok().and_then(|now| OffsetDateTime::from_unix_timestamp(now).ok());
        let now = now.ok_or_else(|| LabError::Key("the clock is out of range".to_owned()))?;
        Ok(Self {
            trusted: Branch::generate("Lab", now)?,
            private: Branch::generate("Private", now)?,
            leaf_key: KeyPair::generate()?,
            other_key: KeyPair::generate()?,
            now,
            made: Mutex::default(),
        })
    }

    /// The root that a checker in the lab trusts, as PEM.
    pub(crate) fn root_pem(&self) -> String {
        self.trusted.root_pem.clone()
    }

    /// SHA-256 of the public key that a server with this kind of certificate uses (TLSA `3 1 1`).
    pub(crate) fn leaf_digest(&self, kind: CertificateKind) -> Vec<u8> {
        let key = match kind {
            CertificateKind::RsaUnder2048 => weak::public_key().subject_public_key_info(),
            CertificateKind::NewKey => self.other_key.subject_public_key_info(),
            _ => self.leaf_key.subject_public_key_info(),
        };
        Sha256::digest(key).to_vec()
    }

    /// SHA-256 of the public key of the CA certificate that is sent along (TLSA `2 1 1`).
    pub(crate) fn issuer_digest(&self, kind: CertificateKind) -> Vec<u8> {
        let branch = match kind {
            CertificateKind::PrivateCa | CertificateKind::Untrusted => &self.private,
            _ => &self.trusted,
        };
        Sha256::digest(branch.issuer.key().subject_public_key_info()).to_vec()
    }

    /// SHA-256 of a key that no server uses.
    pub(crate) fn stranger_digest() -> Vec<u8> {
        Sha256::digest(b"a key that no server of the lab uses").to_vec()
    }

    /// The certificate of this kind for these host names; made once, then kept.
    pub(crate) fn credential(&self, kind: CertificateKind, names: &[String]) -> Result<Credential, LabError> {
        let slot = (kind, names.to_vec());
        if let Some(made) = self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&slot) {
            return Ok(made.clone());
        }
        let credential = Arc::new(self.make(kind, names)?);
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(slot, credential.clone());
        Ok(credential)
    }

    fn make(&self, kind: CertificateKind, names: &[String]) -> Result<CertifiedKey, LabError> {
        let mut params = self.leaf_params(kind, names)?;
        let branch = match kind {
            CertificateKind::Untrusted | CertificateKind::PrivateCa => &self.private,
            _ => &self.trusted,
        };
        let mut chain = vec![branch.intermediate.clone()];
        let (leaf, key) = match kind {
            CertificateKind::SelfSigned => {
                chain.clear();
                params.use_authority_key_identifier_extension = false;
                (params.self_signed(&self.leaf_key)?.der().clone(), signing_key(&self.leaf_key)?)
            }
            CertificateKind::RsaUnder2048 => {
                let key: Arc<dyn rustls::sign::SigningKey> = Arc::new(weak::WeakKey);
                (params.signed_by(&weak::public_key(), &branch.issuer)?.der().clone(), key)
            }
            CertificateKind::Sha1 => {
                let leaf = params.signed_by(&self.leaf_key, &branch.issuer)?;
                let leaf = sha1::downgrade(leaf.der(), branch.issuer.key())?;
                (leaf, signing_key(&self.leaf_key)?)
            }
            CertificateKind::NewKey => (
                params.signed_by(&self.other_key, &branch.issuer)?.der().clone(),
                signing_key(&self.other_key)?,
            ),
            _ => (
                params.signed_by(&self.leaf_key, &branch.issuer)?.der().clone(),
                signing_key(&self.leaf_key)?,
            ),
        };
        if kind == CertificateKind::IncompleteChain {
            chain.clear();
        }
        if kind == CertificateKind::PrivateCa {
            chain.push(branch.root.clone());
        }
        chain.insert(0, leaf);
        Ok(CertifiedKey::new(chain, key))
    }

    fn leaf_params(&self, kind: CertificateKind, names: &[String]) -> Result<CertificateParams, LabError> {
        let shown = match kind {
            CertificateKind::WrongName | CertificateKind::CommonNameOnly => vec!["elsewhere.test".to_owned()],
            _ => names.to_vec(),
        };
        let mut params = CertificateParams::new(shown)?;
        let subject = match kind {
            CertificateKind::WrongName => "elsewhere.test".to_owned(),
            _ => names.first().cloned().unwrap_or_default(),
        };
        params.distinguished_name.push(DnType::CommonName, subject);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let (from, until) = match kind {
            CertificateKind::Expired => (-100, -10),
            CertificateKind::NotYetValid => (10, 100),
            // Half a day more, so that a check a moment later still counts three (ten) whole days.
            CertificateKind::ThreeDaysLeft => (-80, 3),
            CertificateKind::TenDaysLeft => (-80, 10),
            _ => (-5, 85),
        };
        params.not_before = self.now + Duration::days(from);
        params.not_after = self.now + Duration::days(until) + Duration::hours(12);
        Ok(params)
    }
}

impl Branch {
    fn generate(word: &str, now: OffsetDateTime) -> Result<Self, LabError> {
        let root_key = KeyPair::generate()?;
        let root_params = authority_params(word, "Root", now)?;
        let root = root_params.self_signed(&root_key)?;
        let root_issuer = Issuer::new(root_params, root_key);
        let key = KeyPair::generate()?;
        let mut params = authority_params(word, "Intermediate", now)?;
        params.use_authority_key_identifier_extension = true;
        let intermediate = params.signed_by(&key, &root_issuer)?;
        Ok(Self {
            root: root.der().clone(),
            root_pem: root.pem(),
            intermediate: intermediate.der().clone(),
            issuer: Issuer::new(params, key),
        })
    }
}

fn authority_params(word: &str, rank: &str, now: OffsetDateTime) -> Result<CertificateParams, LabError> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name.push(DnType::CommonName, format!("{word} {rank}"));
    params.distinguished_name.push(DnType::OrganizationName, format!("{word} CA"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    params.not_before = now - Duration::days(365);
    params.not_after = now + Duration::days(3650);
    Ok(params)
}

fn signing_key(key: &KeyPair) -> Result<Arc<dyn rustls::sign::SigningKey>, LabError> {
    let der =
        PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| LabError::Key(error.to_owned()))?;
    any_supported_type(&der).map_err(|error| LabError::Key(error.to_string()))
}
