//! TLS as the door offers it.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};

/// RFC 8737 §6.2.
pub(super) const VALIDATION: &[u8] = b"acme-tls/1";
/// RFC 9113 §3.1.
pub(super) const HTTP2: &[u8] = b"h2";
/// RFC 7301 §6.
const HTTP1: &[u8] = b"http/1.1";

/// The terms for those who come for something, and for the certificate authority that looks who is here.
pub(super) struct Terms {
    pub(super) web: Arc<ServerConfig>,
    pub(super) validation: Arc<ServerConfig>,
}

impl Terms {
    pub(super) fn new(certificates: &Arc<dyn ResolvesServerCert>) -> Result<Self, rustls::Error> {
        let with = |protocols: &[&[u8]]| {
            // TLS 1.2 and 1.3: RFC 8461 §3.3 leaves the version to the sender, and some are old.
            let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_cert_resolver(Arc::clone(certificates));
            // No resumption. A sender comes once a day, when no ticket would be valid any more, and two tickets cost a
            // quarter of the handshake; nor can a stolen ticket key then open recorded sessions. No early data either.
            config.send_tls13_tickets = 0;
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            Ok::<_, rustls::Error>(Arc::new(config))
        };
        Ok(Self { web: with(&[HTTP2, HTTP1])?, validation: with(&[VALIDATION])? })
    }
}
