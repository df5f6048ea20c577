//! The port for whoever runs the service: is it well, and in numbers. Not for the world.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

/// Those who ask at the same time: a monitor or two, and a person.
const CONNECTIONS: usize = 32;
/// For the head of a request.
const PATIENCE: Duration = Duration::from_secs(5);
/// After the system had no connection to give.
const PAUSE: Duration = Duration::from_millis(100);

/// What is at a path; `None`: nothing.
pub type Pages = Arc<dyn Fn(&str) -> Option<Page> + Send + Sync>;

/// An answer in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Whether all is well: 200, else 503.
    pub well: bool,
    /// The text.
    pub text: String,
}

/// The open port; dropped, it closes.
#[derive(Debug)]
pub struct Management {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Management {
    /// Listens there and answers with these pages. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn open(address: SocketAddr, pages: Pages) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(listen(listener, pages)) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Management {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, pages: Pages) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut guests = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        while guests.try_join_next().is_some() {}
        let pages = Arc::clone(&pages);
        guests.spawn(async move {
            let _place = place;
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer(&request, &pages);
                async move { Ok::<_, Infallible>(answer) }
            });
            let conversation = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // Whoever asked and went away needs no answer.
            let _ = conversation.await;
        });
    }
}

fn answer(request: &Request<Incoming>, pages: &Pages) -> Response<Full<Bytes>> {
    let (status, text) = match (request.method(), pages(request.uri().path())) {
        (&Method::GET | &Method::HEAD, Some(page)) => {
            (if page.well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, page.text)
        }
        (_, Some(_)) => (StatusCode::METHOD_NOT_ALLOWED, "GET and HEAD are answered\n".to_owned()),
        (_, None) => (StatusCode::NOT_FOUND, "/healthz, /readyz and /metrics are here\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response
}
