//! DNS over HTTPS (RFC 8484): one POST for each question, over one shared HTTP/2 connection where the server has it.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use domain::base::Message;
use domain::net::client::request::ComposeRequest;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::{http1, http2};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, StatusCode, Uri, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::transport::{Exchange, ExchangeFailure, Request};
use crate::SetupError;

/// RFC 8484 §6.
const MEDIA_TYPE: &str = "application/dns-message";
/// The largest DNS message (RFC 1035 §4.2.2).
const MAX_MESSAGE: usize = 65_535;

/// A resolver behind HTTPS.
#[derive(Debug, Clone)]
pub(super) struct HttpsClient {
    uri: Uri,
    host: String,
    name: ServerName<'static>,
    address: SocketAddr,
    config: Arc<rustls::ClientConfig>,
    shared: Arc<Mutex<Option<http2::SendRequest<Full<Bytes>>>>>,
}

impl HttpsClient {
    /// A client for `url`, whose host is reached at `address`.
    pub(super) fn new(
        url: &str,
        address: SocketAddr,
        mut config: rustls::ClientConfig,
    ) -> Result<Self, SetupError> {
        let refuse = |why: &str| SetupError::ResolverUrl { url: url.to_owned(), why: why.to_owned() };
        let uri: Uri = url.parse().map_err(|e: hyper::http::uri::InvalidUri| refuse(&e.to_string()))?;
        if uri.scheme_str() != Some("https") {
            return Err(refuse("it does not begin with https://"));
        }
        let authority = uri.authority().ok_or_else(|| refuse("it names no host"))?;
        let bare = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| refuse("its host is no host name"))?;
        let host = authority.as_str().to_owned();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { uri, host, name, address, config: Arc::new(config), shared: Arc::default() })
    }

    /// Asks one question. The caller bounds the time.
    pub(super) async fn exchange(&self, mut question: Request) -> Exchange {
        // RFC 8484 §4.1: id 0.
        question.header_mut().set_id(0);
        let octets = question.to_vec().map_err(|e| ExchangeFailure::Other(e.to_string()))?;
        let response = match self.open().await? {
            Opened::Shared(mut sender) => sender.send_request(self.request(octets, Version::HTTP_2)?).await,
            Opened::Single(mut sender) => sender.send_request(self.request(octets, Version::HTTP_11)?).await,
        };
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                *self.shared.lock().await = None;
                return Err(other(error));
            }
        };
        if response.status() != StatusCode::OK {
            return Err(ExchangeFailure::Other(format!(
                "the resolver answered HTTP status {}",
                response.status()
            )));
        }
        let body = Limited::new(response.into_body(), MAX_MESSAGE).collect().await;
        let body = body.map_err(|e| ExchangeFailure::Other(e.to_string()))?.to_bytes();
        let message = Message::from_octets(body).map_err(other)?;
        if question.is_answer(message.for_slice()) {
            Ok(message)
        } else {
            Err(ExchangeFailure::Other("the resolver answered another question".to_owned()))
        }
    }

    fn request(
        &self,
        octets: Vec<u8>,
        version: Version,
    ) -> Result<hyper::Request<Full<Bytes>>, ExchangeFailure> {
        let request = hyper::Request::builder().method(Method::POST).version(version);
        let request = if version == Version::HTTP_2 {
            request.uri(self.uri.clone())
        } else {
            let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
            request.uri(path).header(HOST, &self.host)
        };
        request
            .header(CONTENT_TYPE, MEDIA_TYPE)
            .header(ACCEPT, MEDIA_TYPE)
            .body(Full::new(Bytes::from(octets)))
            .map_err(other)
    }

    async fn open(&self) -> Result<Opened, ExchangeFailure> {
        // The lock is held while connecting, so that questions asked together share one connection.
        let mut shared = self.shared.lock().await;
        if let Some(sender) = shared.as_ref().filter(|sender| !sender.is_closed()) {
            return Ok(Opened::Shared(sender.clone()));
        }
        let stream = self.connect().await.map_err(|e| match e.kind() {
            std::io::ErrorKind::ConnectionRefused => ExchangeFailure::Refused,
            _ => other(e),
        })?;
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            let io = TokioIo::new(stream);
            let (sender, connection) =
                http2::Builder::new(TokioExecutor::new()).handshake(io).await.map_err(other)?;
            tokio::spawn(connection);
            *shared = Some(sender.clone());
            return Ok(Opened::Shared(sender));
        }
        drop(shared);
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(other)?;
        tokio::spawn(connection);
        Ok(Opened::Single(sender))
    }

    async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let tcp = TcpStream::connect(self.address).await?;
        tcp.set_nodelay(true)?;
        TlsConnector::from(Arc::clone(&self.config)).connect(self.name.clone(), tcp).await
    }
}

enum Opened {
    Shared(http2::SendRequest<Full<Bytes>>),
    Single(http1::SendRequest<Full<Bytes>>),
}

fn other(error: impl std::fmt::Display) -> ExchangeFailure {
    ExchangeFailure::Other(error.to_string())
}
