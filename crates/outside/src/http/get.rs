//! A GET over an open stream (RFC 8461 §3.3).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use protocol::observed::{HttpFailure, HttpResponse, Octets};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::deadline::{Deadline, Late};

/// Octets of a body kept. RFC 8461 §3.3 suggests that senders take at most 64 KiB; the one octet more shows that a
/// policy is larger (rule 34).
const MAX_BODY: usize = 64 * 1024 + 1;
/// Octets of status line and header together. Servers in use refuse more than 8 to 32 KiB themselves.
const MAX_HEAD: usize = 64 * 1024;
/// Header fields taken; a response with more is refused.
const MAX_FIELDS: usize = 128;
/// Octets of one header field kept.
const MAX_FIELD: usize = 4096;

/// What to get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Get<'a> {
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) user_agent: &'a str,
}

/// Sends one request and reads the response. `Ok(Err(_))` is the other side's failure, `Err(_)` the end of the look.
pub(crate) async fn get<S>(
    stream: S,
    what: Get<'_>,
    deadline: &Deadline,
    limit: Duration,
) -> Result<Result<HttpResponse, HttpFailure>, Late>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let received = Arc::new(AtomicU64::new(0));
    match deadline.within(limit, exchange(stream, what, &received)).await {
        Ok(result) => Ok(result),
        Err(Late::Limit) => Ok(Err(HttpFailure::Timeout { received: received.load(Ordering::Relaxed) })),
        Err(Late::Deadline) => Err(Late::Deadline),
    }
}

async fn exchange<S>(stream: S, what: Get<'_>, received: &AtomicU64) -> Result<HttpResponse, HttpFailure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // RFC 8461 §3.3: nothing conditional is sent, since senders do not use HTTP caching (rule 31). The one response
    // is taken as it comes: only status 200 counts (rule 29), and no redirect is followed (rule 30).
    let request = Request::builder()
        .method(Method::GET)
        .uri(what.path)
        .header(HOST, what.host)
        .header(USER_AGENT, what.user_agent)
        .header(ACCEPT, "*/*")
        .body(Empty::<Bytes>::new())
        .map_err(|e| HttpFailure::Malformed(e.to_string()))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_FIELDS)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|e| failure(&e))?;
    let talk = async {
        let response = sender.send_request(request).await.map_err(|e| failure(&e))?;
        read(response, received).await
    };
    tokio::pin!(talk);
    // The connection is driven here and ends with the exchange; what it says is said by the response too.
    tokio::select! {
        biased;
        result = &mut talk => result,
        _ = connection => talk.await,
    }
}

async fn read(
    response: Response<hyper::body::Incoming>,
    received: &AtomicU64,
) -> Result<HttpResponse, HttpFailure> {
    let (head, mut rest) = response.into_parts();
    let mut body = Vec::new();
    while let Some(frame) = rest.frame().await {
        let Ok(data) = frame.map_err(|e| failure(&e))?.into_data() else { continue };
        let room = MAX_BODY - body.len();
        body.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
        received.store(u64::try_from(body.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if body.len() >= MAX_BODY {
            break;
        }
    }
    Ok(HttpResponse {
        status: head.status.as_u16(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                let value = value.as_bytes();
                let kept = value.get(..value.len().min(MAX_FIELD)).unwrap_or_default();
                (name.as_str().to_owned(), Octets::from(kept))
            })
            .collect(),
        too_large: body.len() >= MAX_BODY,
        body: Octets(body),
    })
}

fn failure(error: &hyper::Error) -> HttpFailure {
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return HttpFailure::Closed;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return match io.kind() {
                std::io::ErrorKind::UnexpectedEof
                | std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::ConnectionAborted
                | std::io::ErrorKind::BrokenPipe => HttpFailure::Closed,
                _ => HttpFailure::Malformed(io.to_string()),
            };
        }
        cause = inner.source();
    }
    HttpFailure::Malformed(error.to_string())
}
