//! What an authority asks of us to see that a name is ours (RFC 8555 §8).

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::{CertificateParams, CustomExtension, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::sign::CertifiedKey;

use super::CertificateFault;
use crate::Directory;

/// The protocol in which an authority asks over TLS (RFC 8737 §4).
pub const ACME_TLS: &[u8] = b"acme-tls/1";

/// What is answered to authorities that are asking now, by name. Every node knows all of them, whichever node ordered.
#[derive(Debug, Default)]
pub struct Challenges(Directory<Arc<Challenge>>);

/// What one name answers.
#[derive(Debug)]
enum Challenge {
    /// RFC 8555 §8.3: this at this path.
    Http { token: Box<str>, answer: Arc<str> },
    /// RFC 8737 §3: this certificate, to whoever speaks `acme-tls/1`.
    Tls(Arc<CertifiedKey>),
}

/// How an authority is to see that a name is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// By a certificate on port 443 (RFC 8737).
    TlsAlpn01,
    /// By a text on port 80 (RFC 8555 §8.3).
    Http01,
    /// By a TXT record (RFC 8555 §8.4).
    Dns01,
}

impl Method {
    /// As it is called on the wire and in CAA records (RFC 8657 §4).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TlsAlpn01 => "tls-alpn-01",
            Self::Http01 => "http-01",
            Self::Dns01 => "dns-01",
        }
    }

    /// The method of that name.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        [Self::TlsAlpn01, Self::Http01, Self::Dns01].into_iter().find(|method| method.as_str() == text)
    }
}

impl Challenges {
    /// The answer at `/.well-known/acme-challenge/TOKEN` of `host`, which is in lower case (RFC 8555 §8.3).
    #[must_use]
    pub fn http01(&self, host: &str, token: &str) -> Option<Arc<str>> {
        match self.0.get(host)?.as_ref() {
            Challenge::Http { token: wanted, answer } if wanted.as_ref() == token => Some(Arc::clone(answer)),
            _ => None,
        }
    }

    /// The certificate for whoever speaks nothing but `acme-tls/1` (RFC 8737 §3).
    #[must_use]
    pub fn tls_alpn01(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        match self.0.get(name)?.as_ref() {
            Challenge::Tls(certified) => Some(Arc::clone(certified)),
            Challenge::Http { .. } => None,
        }
    }

    /// Answers from now on. A name answers one challenge at a time, since it has one order at a time. What DNS answers
    /// is not kept here.
    ///
    /// # Errors
    /// [`CertificateFault`] when no certificate can be made for this name.
    pub fn put(
        &self,
        name: &str,
        method: Method,
        token: &str,
        key_authorization: &str,
        provider: &CryptoProvider,
    ) -> Result<(), CertificateFault> {
        let challenge = match method {
            Method::Http01 => Challenge::Http { token: token.into(), answer: key_authorization.into() },
            Method::TlsAlpn01 => Challenge::Tls(Arc::new(identifier(name, key_authorization, provider)?)),
            Method::Dns01 => return Ok(()),
        };
        self.0.put(name, Arc::new(challenge));
        Ok(())
    }

    /// Answers no longer.
    pub fn remove(&self, name: &str) {
        self.0.remove(name);
    }
}

/// RFC 8737 §3: self-signed, for this name alone, with the digest of the key authorization in a critical extension.
fn identifier(
    name: &str,
    key_authorization: &str,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, CertificateFault> {
    let unmakeable = |error: rcgen::Error| CertificateFault::Unmakeable(error.to_string());
    let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(unmakeable)?;
    let digest = digest(&SHA256, key_authorization.as_bytes());
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest.as_ref())];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unmakeable)?;
    let certificate = params.self_signed(&key).map_err(unmakeable)?;
    // Not compared with the key: the critical extension keeps the certificate from being read as an ordinary one.
    let private = PrivatePkcs8KeyDer::from(key.serialize_der());
    let private = provider.key_provider.load_private_key(private.into());
    let private = private.map_err(|error| CertificateFault::Key(error.to_string()))?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], private))
}
