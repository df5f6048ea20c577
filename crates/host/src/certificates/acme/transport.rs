//! The way to an authority: HTTPS, bounded in time and size.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::{Request, StatusCode};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

/// For one request and its whole answer. Authorities answer within a second or two; one that is overloaded may take long,
/// but waiting longer than this helps nobody.
const LIMIT: Duration = Duration::from_secs(60);
/// Octets of an answer. The largest are chains of certificates, a few KB each.
const MAX_ANSWER: usize = 256 << 10;
/// The longest time to wait that is taken from an authority.
const MAX_RETRY_AFTER: u64 = 7 * 86_400;

/// One client for all orders of an account: its connections are used again.
#[derive(Clone)]
pub(super) struct Transport {
    client: Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>,
    said: Arc<Said>,
}

/// What the library does not hand on.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Seconds that the last refusal for too many requests asked us to wait; 0: it did not say.
    wait: AtomicU64,
}

impl Said {
    /// How long the authority last asked us to wait.
    pub(super) fn wait(&self) -> Option<Duration> {
        match self.wait.load(Ordering::Relaxed) {
            0 => None,
            seconds => Some(Duration::from_secs(seconds)),
        }
    }
}

impl Transport {
    /// A client that trusts what `tls` trusts.
    pub(super) fn new(tls: rustls::ClientConfig) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(LIMIT / 4));
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            // RFC 8555 §6.1: HTTPS alone.
            .https_only()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        Self { client: Client::builder(TokioExecutor::new()).build(connector), said: Arc::default() }
    }

    pub(super) fn said(&self) -> Arc<Said> {
        Arc::clone(&self.said)
    }

    /// Asks, and reads the whole answer.
    pub(super) async fn ask(&self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let exchange = async {
            let answer =
                self.client.request(request).await.map_err(|error| Error::Other(words(&error).into()))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(Error::Other)?.to_bytes();
            Ok::<_, Error>(BytesResponse { parts, body: Box::new(body) })
        };
        let late = || Error::Other(format!("no answer within {} s", LIMIT.as_secs()).into());
        let answer = tokio::time::timeout(LIMIT, exchange).await.map_err(|_| late())??;
        if matches!(answer.parts.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            let wait = answer.parts.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let seconds = wait.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
            self.said.wait.store(seconds.min(MAX_RETRY_AFTER), Ordering::Relaxed);
        }
        match answer.parts.status {
            // RFC 8555 §6.7: a refusal is a problem document. Anything else was not said by the authority but by what
            // stands before it, and says nothing about our request.
            status if (status.is_client_error() || status.is_server_error()) && !is_problem(&answer) => {
                Err(Error::Other(format!("HTTP status {status} without a reason").into()))
            }
            _ => Ok(answer),
        }
    }
}

impl HttpClient for Transport {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let this = self.clone();
        Box::pin(async move { this.ask(request).await })
    }
}

fn is_problem(answer: &BytesResponse) -> bool {
    let kind = answer.parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/problem+json"))
}

/// An error with its causes: the outermost says only that there was one.
fn words(error: &dyn std::error::Error) -> String {
    let mut all = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        all.push_str(": ");
        all.push_str(&inner.to_string());
        cause = inner.source();
    }
    all
}
