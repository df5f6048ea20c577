//! The ways a server behaves once it is asked for TLS.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::wire::Wire;
use super::{hello, legacy};
use crate::LabError;
use crate::ca::{Authority, CertificateKind, Credential};

/// How long a silent server stays silent before it gives the connection up.
const SILENCE: Duration = Duration::from_secs(120);

/// What the server does with a ClientHello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TlsManner {
    /// TLS 1.2 and 1.3.
    #[default]
    Modern,
    /// TLS 1.2 and nothing else.
    OnlyTls12,
    /// TLS 1.0 to 1.3: the old ones with a first flight only.
    OldToo,
    /// TLS 1.0 and 1.1 only: tells newer clients that it does not speak their versions.
    OldOnly,
    /// TLS 1.0 and 1.1 only: does not know how newer clients ask, and finds no cipher suite in common with them.
    Ancient,
    /// Refuses every handshake with an alert.
    Refuse,
    /// Sends octets that are no TLS.
    Garbage,
    /// Sends garbage without end.
    EndlessGarbage,
    /// Answers in plain text, as if the port spoke HTTP without TLS.
    PlainText,
    /// Says nothing.
    Silent,
    /// Resets the connection.
    Reset,
    /// Refuses the handshake if the client names no host.
    NeedsSni,
    /// Shows another host's certificate if the client names no host.
    OtherWithoutSni,
    /// Shows another host's certificate unless the client names one that its own is for.
    OtherForOtherNames,
}

/// The TLS side of one server address.
pub(crate) struct Terms {
    manner: TlsManner,
    kind: CertificateKind,
    names: Vec<String>,
    authority: Arc<Authority>,
}

impl Terms {
    pub(crate) fn new(
        manner: TlsManner,
        kind: CertificateKind,
        names: Vec<String>,
        authority: Arc<Authority>,
    ) -> Self {
        Self { manner, kind, names, authority }
    }

    /// Does the handshake. `None`: the server misbehaved as it was told to, and the connection is over.
    pub(crate) async fn accept(&self, mut wire: Wire) -> Option<TlsStream<Wire>> {
        let flag = wire.handshake_flag();
        flag.store(true, Ordering::Relaxed);
        let (octets, hello) = hello::read(&mut wire).await.ok()?;
        match (self.manner, &hello) {
            (TlsManner::Silent, _) => {
                tokio::time::sleep(SILENCE).await;
                return None;
            }
            (TlsManner::Reset, _) => {
                wire.reset();
                return None;
            }
            (TlsManner::Garbage, _) => {
                wire.write_all(b"\x00\xff\x13\x37 this is no TLS \x1b[2J\r\n").await.ok()?;
                linger(&mut wire).await;
                return None;
            }
            (TlsManner::EndlessGarbage, _) => {
                while wire.write_all(&[0xa5; 4096]).await.is_ok() {}
                return None;
            }
            (TlsManner::PlainText, _) => {
                wire.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await.ok()?;
                linger(&mut wire).await;
                return None;
            }
            (TlsManner::Refuse, _) | (_, None) => {
                legacy::alert(&mut wire, legacy::HANDSHAKE_FAILURE).await.ok()?;
                linger(&mut wire).await;
                return None;
            }
            (TlsManner::NeedsSni, Some(hello)) if !hello.names_host => {
                legacy::alert(&mut wire, legacy::UNRECOGNIZED_NAME).await.ok()?;
                linger(&mut wire).await;
                return None;
            }
            (TlsManner::OldToo, Some(hello)) if hello.newest < hello::TLS12 => {
                let chain = self.credential().ok()?;
                legacy::answer(&mut wire, hello, &chain.cert).await.ok()?;
                return None;
            }
            (TlsManner::OldOnly, Some(hello)) if hello.newest >= hello::TLS12 => {
                legacy::alert(&mut wire, legacy::PROTOCOL_VERSION).await.ok()?;
                linger(&mut wire).await;
                return None;
            }
            (TlsManner::OldOnly | TlsManner::Ancient, Some(hello)) => {
                let chain = self.credential().ok()?;
                legacy::answer(&mut wire, hello, &chain.cert).await.ok()?;
                return None;
            }
            _ => {}
        }
        wire.unread(&octets);
        let config = self.config().ok()?;
        let accepted = TlsAcceptor::from(config).accept(wire).await;
        flag.store(false, Ordering::Relaxed);
        accepted.ok()
    }

    fn credential(&self) -> Result<Credential, LabError> {
        self.authority.credential(self.kind, &self.names)
    }

    fn config(&self) -> Result<Arc<ServerConfig>, LabError> {
        let versions: &[_] = if self.manner == TlsManner::OnlyTls12 { &[&TLS12] } else { &[&TLS13, &TLS12] };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions)?;
        let other = match self.manner {
            TlsManner::OtherWithoutSni | TlsManner::OtherForOtherNames => {
                Some(self.authority.credential(CertificateKind::WrongName, &self.names)?)
            }
            _ => None,
        };
        let only_for = match self.manner {
            TlsManner::OtherForOtherNames => Some(self.names.clone()),
            _ => None,
        };
        let shown = Arc::new(Shown { own: self.credential()?, other, only_for });
        let mut config = builder.with_no_client_auth().with_cert_resolver(shown);
        // Tickets would be one more flight after each handshake; nobody resumes here.
        config.send_tls13_tickets = 0;
        config.alpn_protocols = Vec::new();
        Ok(Arc::new(config))
    }
}

/// Waits until the client has read the last octets and closed, so that no reset overtakes them.
async fn linger(wire: &mut Wire) {
    let _ = wire.shutdown().await;
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), wire.take(65_536).read_to_end(&mut rest)).await;
}

#[derive(Debug)]
struct Shown {
    own: Credential,
    /// Shown in place of its own, if there is one, to clients that name no host or a wrong one.
    other: Option<Credential>,
    /// The names that are not wrong; `None` for all.
    only_for: Option<Vec<String>>,
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_meant = hello.server_name().is_some_and(|asked| {
            self.only_for.as_ref().is_none_or(|names| names.iter().any(|name| name == asked))
        });
        match &self.other {
            Some(other) if !is_meant => Some(other.clone()),
            _ => Some(self.own.clone()),
        }
    }
}
