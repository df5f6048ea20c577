//! Certificates made here, for trying things out without an authority.

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::{CertificateFault, Issued};

/// Clocks that look at a new certificate may be behind ours.
const BACKDATED: SignedDuration = SignedDuration::from_hours(1);
/// How long the root lives: whoever tries things out longer makes a new one.
const ROOT_LIFE: SignedDuration = SignedDuration::from_hours(24 * 365 * 5);
/// How long a certificate lives. What an authority of the Internet gives lives no longer than this either.
const LEAF_LIFE: SignedDuration = SignedDuration::from_hours(24 * 45);

/// An authority of our own, which nobody trusts but those who are given its root.
#[derive(Debug)]
pub struct LocalAuthority {
    root: CertificateDer<'static>,
    key: Zeroizing<Vec<u8>>,
}

impl LocalAuthority {
    /// A new one.
    ///
    /// # Errors
    /// [`CertificateFault::Unmakeable`].
    pub fn generate(now: Timestamp) -> Result<Self, CertificateFault> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unmakeable)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named("mta-sts local authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        lasting(&mut params, now, ROOT_LIFE)?;
        let root = params.self_signed(&key).map_err(unmakeable)?;
        Ok(Self { root: root.der().clone(), key: Zeroizing::new(key.serialize_der()) })
    }

    /// One that was kept: its certificate, and its key as PKCS #8.
    #[must_use]
    pub const fn of(root: CertificateDer<'static>, key: Zeroizing<Vec<u8>>) -> Self {
        Self { root, key }
    }

    /// Its certificate: with it as only root, what it issues is valid.
    #[must_use]
    pub const fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    /// The same as PEM.
    #[must_use]
    pub fn root_pem(&self) -> String {
        pem(&self.root)
    }

    /// Its key, as PKCS #8.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// A certificate for a name, with a new key.
    ///
    /// # Errors
    /// [`CertificateFault`] when none can be made for this name.
    pub fn issue(
        &self,
        name: &str,
        now: Timestamp,
        provider: &CryptoProvider,
    ) -> Result<Issued, CertificateFault> {
        let own = PrivatePkcs8KeyDer::from(self.key.as_slice());
        let own = KeyPair::from_pkcs8_der_and_sign_algo(&own, &PKCS_ECDSA_P256_SHA256).map_err(unmakeable)?;
        let issuer = Issuer::from_ca_cert_der(&self.root, own).map_err(unmakeable)?;
        let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(unmakeable)?;
        params.distinguished_name = DistinguishedName::new();
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        lasting(&mut params, now, LEAF_LIFE)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unmakeable)?;
        let leaf = params.signed_by(&key, &issuer).map_err(unmakeable)?;
        Issued::new(vec![leaf.der().clone()], Zeroizing::new(key.serialize_der()), provider)
    }
}

/// A certificate as PEM (RFC 7468 §5).
pub(super) fn pem(certificate: &CertificateDer<'_>) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(certificate);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        // RFC 7468 §2: lines of 64 characters.
        let (line, after) = rest.split_at_checked(64).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

fn lasting(
    params: &mut CertificateParams,
    now: Timestamp,
    life: SignedDuration,
) -> Result<(), CertificateFault> {
    let at = |time: Timestamp| OffsetDateTime::from_unix_timestamp(time.as_second()).map_err(unmakeable);
    params.not_before = at(now.saturating_sub(BACKDATED).map_err(unmakeable)?)?;
    params.not_after = at(now.saturating_add(life).map_err(unmakeable)?)?;
    Ok(())
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn unmakeable(error: impl std::fmt::Display) -> CertificateFault {
    CertificateFault::Unmakeable(error.to_string())
}
