//! One handshake and what it showed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::observed::{TlsFailure, TlsFailureKind};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{ClientConfig, ProtocolVersion};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::failure::classify;
use super::verifier::Recorder;
use crate::deadline::{Deadline, Late};

/// Makes handshakes.
#[derive(Clone)]
pub(crate) struct Handshake {
    provider: Arc<CryptoProvider>,
}

/// What is offered to the server beside all versions from TLS 1.2 up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offer<'a> {
    /// The server name sent.
    pub(crate) sni: Option<&'a str>,
    /// Protocols for ALPN, none for none.
    pub(crate) alpn: Option<&'a [u8]>,
}

/// What a completed handshake showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) version: String,
    pub(crate) cipher: String,
    pub(crate) group: Option<String>,
    pub(crate) sni: Option<String>,
    pub(crate) alpn: Option<String>,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) signature_valid: bool,
}

impl Handshake {
    pub(crate) fn new() -> Self {
        Self { provider: Arc::new(aws_lc_rs::default_provider()) }
    }

    /// Shakes hands over `stream`, within the time allowed. `Ok(Err(_))` is a failed handshake, `Err(_)` the end of
    /// the look.
    pub(crate) async fn run<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        offer: Offer<'_>,
        deadline: &Deadline,
        limit: std::time::Duration,
    ) -> Result<Result<(TlsStream<S>, Session), TlsFailure>, Late> {
        let signed = Arc::new(AtomicBool::new(false));
        let config = match self.config(offer, Arc::clone(&signed)) {
            Ok(config) => config,
            Err(error) => {
                return Ok(Err(TlsFailure { kind: TlsFailureKind::Other, text: error.to_string() }));
            }
        };
        // A name that no certificate could carry cannot be sent (RFC 6066 §3); an address makes the library send
        // none.
        let name = offer.sni.and_then(|sni| ServerName::try_from(sni.to_owned()).ok());
        let sent = name.as_ref().filter(|name| matches!(name, ServerName::DnsName(_))).map(|_| offer.sni);
        let name = name.unwrap_or(ServerName::IpAddress(rustls_pki_types::IpAddr::V4([0, 0, 0, 0].into())));
        match deadline.within(limit, TlsConnector::from(Arc::new(config)).connect(name, stream)).await {
            Ok(Ok(stream)) => {
                let session = read(stream.get_ref().1, sent.flatten(), signed.load(Ordering::Relaxed));
                Ok(Ok((stream, session)))
            }
            Ok(Err(error)) => Ok(Err(classify(&error))),
            Err(Late::Limit) => {
                Ok(Err(TlsFailure { kind: TlsFailureKind::Timeout, text: "nothing came in time".to_owned() }))
            }
            Err(Late::Deadline) => Err(Late::Deadline),
        }
    }

    fn config(&self, offer: Offer<'_>, signed: Arc<AtomicBool>) -> Result<ClientConfig, rustls::Error> {
        let recorder = Recorder::new(self.provider.signature_verification_algorithms, signed);
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(recorder))
            .with_no_client_auth();
        // Every look sees the whole handshake.
        config.resumption = Resumption::disabled();
        config.enable_sni = offer.sni.is_some();
        config.alpn_protocols = offer.alpn.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(config)
    }
}

fn read(connection: &rustls::ClientConnection, sni: Option<&str>, signature_valid: bool) -> Session {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    };
    let suite = connection.negotiated_cipher_suite().map(|suite| suite.suite());
    // The library's names of TLS 1.3 suites differ from IANA's by their prefix.
    let cipher = suite.and_then(|suite| suite.as_str()).unwrap_or_default().replacen("TLS13_", "TLS_", 1);
    Session {
        version,
        cipher,
        group: connection.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name())),
        sni: sni.map(str::to_owned),
        alpn: connection.alpn_protocol().map(|p| String::from_utf8_lossy(p).into_owned()),
        chain: connection
            .peer_certificates()
            .unwrap_or_default()
            .iter()
            .take(MAX_CERTIFICATES)
            .map(|certificate| certificate.clone().into_owned())
            .collect(),
        signature_valid,
    }
}

/// Certificates kept of one chain. Senders' libraries follow about ten.
const MAX_CERTIFICATES: usize = 16;
