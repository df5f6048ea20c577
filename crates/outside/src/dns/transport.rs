//! Ways to one resolver: UDP with TCP fallback, TLS, HTTPS.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::base::Message;
use domain::net::client::protocol::{AsyncConnect, TcpConnect};
use domain::net::client::request::{Error, RequestMessage, SendRequest};
use domain::net::client::{dgram, dgram_stream, multi_stream, stream};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::datagram::Datagrams;
use super::https::HttpsClient;

/// A question on its way.
pub(super) type Request = RequestMessage<Vec<u8>>;

/// UDP payload size told to the resolver: fits every path (DNS flag day 2020).
const UDP_PAYLOAD: u16 = 1232;
/// Octets of an answer that there is room for: what servers send that go by a size of their own, and no more, since
/// each question takes that much memory while it is open.
const UDP_ROOM: usize = 4096;
/// UDP questions open at the same time; each has a socket of its own.
const MAX_UDP_PARALLEL: usize = 200;
/// How often a UDP question is asked before it counts as unanswered.
const UDP_TRIES: u8 = 4;

/// Where the resolver is and how to speak with it.
#[derive(Debug, Clone)]
pub(super) enum Route {
    /// UDP, TCP when an answer is truncated.
    Plain(SocketAddr),
    /// TLS with this name in the certificate.
    Tls(SocketAddr, ServerName<'static>, Arc<rustls::ClientConfig>),
    /// HTTPS.
    Https(HttpsClient),
}

/// An open route.
pub(super) enum Transport {
    Plain(dgram_stream::Connection<Datagrams, Request>),
    Tls(multi_stream::Connection<Request>),
    Https(HttpsClient),
}

/// Why a question brought no message at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExchangeFailure {
    /// Nobody listens at the resolver's address.
    Refused,
    /// No answer in time.
    Timeout,
    /// Anything else, in words.
    Other(String),
}

/// The result of one exchange.
pub(super) type Exchange = Result<Message<Bytes>, ExchangeFailure>;

impl Transport {
    /// Opens a route; must be called within a runtime, since it starts the task that keeps the connection.
    pub(super) fn open(route: &Route, limit: Duration) -> Self {
        let mut streams = stream::Config::new();
        streams.set_response_timeout(limit);
        let mut streams = multi_stream::Config::from(streams);
        streams.stream_mut().set_response_timeout(limit);
        match route {
            Route::Plain(address) => {
                let mut datagrams = dgram::Config::new();
                datagrams.set_max_parallel(MAX_UDP_PARALLEL);
                datagrams.set_read_timeout(limit / u32::from(UDP_TRIES));
                datagrams.set_max_retries(UDP_TRIES - 1);
                datagrams.set_udp_payload_size(Some(UDP_PAYLOAD));
                datagrams.set_recv_size(UDP_ROOM);
                let (connection, task) = dgram_stream::Connection::with_config(
                    Datagrams(*address),
                    TcpConnect::new(*address),
                    dgram_stream::Config::from_parts(datagrams, streams),
                );
                tokio::spawn(task.run());
                Self::Plain(connection)
            }
            Route::Tls(address, name, config) => {
                let connect =
                    TlsConnect { address: *address, name: name.clone(), config: Arc::clone(config) };
                let (connection, task) = multi_stream::Connection::with_config(connect, streams);
                tokio::spawn(task.run());
                Self::Tls(connection)
            }
            Route::Https(client) => Self::Https(client.clone()),
        }
    }

    /// Asks and waits for the answer, at most `limit`.
    pub(super) async fn exchange(&self, request: Request, limit: Duration) -> Exchange {
        let answer = async {
            match self {
                Self::Plain(connection) => {
                    connection.send_request(request).get_response().await.map_err(failure)
                }
                Self::Tls(connection) => {
                    connection.send_request(request).get_response().await.map_err(failure)
                }
                Self::Https(client) => client.exchange(request).await,
            }
        };
        let message = tokio::time::timeout(limit, answer).await.unwrap_or(Err(ExchangeFailure::Timeout))?;
        // As large as it is: the library's buffer has room for the largest message, and some answers are kept.
        let octets = Bytes::copy_from_slice(message.as_slice());
        Message::from_octets(octets).map_err(|error| ExchangeFailure::Other(error.to_string()))
    }
}

fn failure(error: Error) -> ExchangeFailure {
    let text = error.to_string();
    let io = match error {
        Error::Dgram(inner) => match inner.kind() {
            dgram::QueryErrorKind::Timeout => return ExchangeFailure::Timeout,
            _ => Arc::try_unwrap(inner).ok().map(|inner| inner.io_error().kind()),
        },
        Error::StreamReadError(inner) | Error::StreamWriteError(inner) => Some(inner.kind()),
        Error::StreamReadTimeout | Error::StreamIdleTimeout => return ExchangeFailure::Timeout,
        _ => None,
    };
    match io {
        Some(io::ErrorKind::ConnectionRefused) => ExchangeFailure::Refused,
        Some(io::ErrorKind::TimedOut) => ExchangeFailure::Timeout,
        _ => ExchangeFailure::Other(text),
    }
}

#[derive(Debug, Clone)]
struct TlsConnect {
    address: SocketAddr,
    name: ServerName<'static>,
    config: Arc<rustls::ClientConfig>,
}

impl AsyncConnect for TlsConnect {
    type Connection = TlsStream<TcpStream>;
    type Fut = Pin<Box<dyn Future<Output = io::Result<Self::Connection>> + Send + Sync>>;

    fn connect(&self) -> Self::Fut {
        let this = self.clone();
        Box::pin(async move {
            let tcp = TcpStream::connect(this.address).await?;
            tcp.set_nodelay(true)?;
            TlsConnector::from(this.config).connect(this.name, tcp).await
        })
    }
}
