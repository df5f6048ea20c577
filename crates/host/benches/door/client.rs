//! A client that loads servers: it checks no certificate and no signature, so that the server is what is measured.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CipherSuite, ClientConfig, DigitallySignedStruct, Error, NamedGroup, SignatureScheme, version::TLS13,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Outcome;

/// Addresses of loopback that connections come from, so that none runs out of ports.
const SOURCES: usize = 64;
/// Octets of an answer.
const ANSWER: usize = 4096;

#[derive(Clone)]
pub(super) struct Client {
    server: SocketAddr,
    connector: TlsConnector,
}

impl Client {
    /// One that offers all servers the same: TLS 1.3, X25519, AES-128-GCM, no resumption.
    pub(super) fn new(server: SocketAddr) -> Outcome<Self> {
        let mut provider = aws_lc_rs::default_provider();
        provider.kx_groups.retain(|group| group.name() == NamedGroup::X25519);
        provider.cipher_suites.retain(|suite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256);
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anything))
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { server, connector: TlsConnector::from(Arc::new(config)) })
    }

    /// A connection; `number` tells which of the own addresses it comes from.
    pub(super) async fn tcp(&self, number: usize) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        // Ends with a reset, so that no port is kept waiting.
        socket.set_zero_linger()?;
        socket.set_nodelay(true)?;
        let last = u8::try_from(2 + number % SOURCES).unwrap_or(2);
        socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))?;
        socket.connect(self.server).await
    }

    pub(super) async fn connect(&self, number: usize, name: &str) -> io::Result<TlsStream<TcpStream>> {
        let stream = self.tcp(number).await?;
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        self.connector.connect(name, stream).await
    }
}

/// One request for the policy of a name; the octets of the answer. It must be 200.
pub(super) async fn get(stream: &mut TlsStream<TcpStream>, name: &str, last: bool) -> io::Result<usize> {
    let close = if last { "Connection: close\r\n" } else { "" };
    let request = format!("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {name}\r\n{close}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = [0; ANSWER];
    let mut filled = 0;
    loop {
        let count = stream.read(answer.get_mut(filled..).unwrap_or_default()).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        filled += count;
        let octets = answer.get(..filled).unwrap_or_default();
        if let Some(needed) = length(octets)?
            && filled >= needed
        {
            return Ok(filled);
        }
    }
}

/// The length of the whole answer, once its head is there.
fn length(answer: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(answer.get(..end).unwrap_or_default()).to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        return Err(io::Error::other(head));
    }
    let field = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let body: usize = field.and_then(|field| field.trim().parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some(end + 4 + body))
}

/// Takes any certificate.
#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
