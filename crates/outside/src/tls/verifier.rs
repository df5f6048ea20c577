//! A verifier that records instead of refusing. It proves nothing about whom we speak with: that is judged later,
//! from what was recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// Accepts every certificate; remembers whether the server signed the handshake with the leaf's key.
#[derive(Debug)]
pub(super) struct Recorder {
    algorithms: WebPkiSupportedAlgorithms,
    signed: Arc<AtomicBool>,
}

impl Recorder {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms, signed: Arc<AtomicBool>) -> Self {
        Self { algorithms, signed }
    }

    fn record(&self, verdict: &Result<HandshakeSignatureValid, Error>) {
        self.signed.store(verdict.is_ok(), Ordering::Relaxed);
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.record(&verify_tls12_signature(message, leaf, signature, &self.algorithms));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.record(&verify_tls13_signature(message, leaf, signature, &self.algorithms));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
