//! A web server that speaks HTTP as it should; what it says may still be wrong.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::site::Site;
use crate::visits::VisitKind;

/// Octets of a report that are read before it is called too long.
const MAX_REPORT: usize = 10 * 1024 * 1024;

/// Serves requests until the client goes away.
pub(crate) async fn speak(site: Arc<Site>, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let service = service_fn(move |request| answer(site.clone(), request));
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(site: Arc<Site>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    site.visits.note(VisitKind::Http, &site.peer, format!("{} {}", request.method(), request.uri()));
    if !site.pause.is_zero() {
        tokio::time::sleep(site.pause).await;
    }
    if site.accepts_reports && request.method() == Method::POST {
        let read = Limited::new(request.into_body(), MAX_REPORT).collect().await;
        let status = if read.is_ok() { StatusCode::OK } else { StatusCode::PAYLOAD_TOO_LARGE };
        return Ok(plain(status, "thank you\n"));
    }
    if request.uri().path() != site.path {
        return Ok(plain(StatusCode::NOT_FOUND, "not found\n"));
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Ok(plain(StatusCode::METHOD_NOT_ALLOWED, "GET only\n"));
    }
    let mut response = Response::new(Full::new(Bytes::from(site.body.clone())));
    *response.status_mut() = StatusCode::from_u16(site.status).unwrap_or(StatusCode::IM_A_TEAPOT);
    for (name, value) in &site.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            // An empty value stands for "do not send this header".
            if !value.is_empty() {
                response.headers_mut().insert(name, value);
            }
        }
    }
    Ok(response)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
