//! The roots that certificate paths must end at.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};

use crate::{Roots, SetupError};

/// A set of roots and the name shown for it.
#[derive(Clone)]
pub(crate) struct RootSet {
    pub(crate) name: String,
    anchors: Arc<[TrustAnchor<'static>]>,
}

impl RootSet {
    pub(crate) fn load(choice: &Roots) -> Result<Self, SetupError> {
        let (name, anchors) = match choice {
            Roots::Webpki => ("webpki".to_owned(), webpki_roots::TLS_SERVER_ROOTS.to_vec()),
            Roots::System => {
                let found = rustls_native_certs::load_native_certs();
                let anchors = anchors(found.certs.iter());
                if anchors.is_empty() {
                    let why =
                        found.errors.first().map_or_else(|| "there are none".to_owned(), ToString::to_string);
                    return Err(SetupError::Roots { name: "this system".to_owned(), why });
                }
                ("system".to_owned(), anchors)
            }
            Roots::Pem { name, text } => {
                let refuse = |why: String| SetupError::Roots { name: name.clone(), why };
                let certificates = CertificateDer::pem_slice_iter(text.as_bytes())
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|e| refuse(e.to_string()))?;
                let anchors = anchors(certificates.iter());
                if anchors.is_empty() {
                    return Err(refuse("there is no certificate in it".to_owned()));
                }
                (name.clone(), anchors)
            }
        };
        Ok(Self { name, anchors: anchors.into() })
    }

    pub(crate) fn anchors(&self) -> &[TrustAnchor<'static>] {
        &self.anchors
    }

    /// A TLS client that refuses what does not lead to these roots: for what we use ourselves, never for a target.
    pub(crate) fn verifying_client(&self) -> Result<ClientConfig, SetupError> {
        let mut store = RootCertStore::empty();
        store.roots.extend(self.anchors.iter().cloned());
        Ok(ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth())
    }
}

impl Roots {
    /// A TLS client that refuses what does not lead to these roots: for servers that we use, such as a certificate
    /// authority's. Looks at domains go through [`Outside`](crate::Outside) instead.
    ///
    /// # Errors
    /// [`SetupError`] when the roots cannot be read.
    pub fn verifying_client(&self) -> Result<ClientConfig, SetupError> {
        RootSet::load(self)?.verifying_client()
    }
}

fn anchors<'a>(certificates: impl Iterator<Item = &'a CertificateDer<'static>>) -> Vec<TrustAnchor<'static>> {
    certificates
        .filter_map(|certificate| {
            webpki::anchor_from_trusted_cert(certificate).ok().map(|anchor| anchor.to_owned())
        })
        .collect()
}
