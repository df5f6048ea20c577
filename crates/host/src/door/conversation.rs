//! One connection after the handshake: requests and answers until it is over.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

use super::answer::{self, Reply};
use super::greeting::Greeted;
use super::service::Service;
use super::tally::Count;
use super::worker::Shared;

/// Octets of a request's head. Senders send about 100; this leaves room for what a browser sends.
const HEAD: usize = 8 * 1024;
/// Fields of a request's head.
const FIELDS: usize = 64;
/// Requests at the same time over one connection of HTTP/2.
const STREAMS: u32 = 16;
/// Octets of requests' bodies over HTTP/2 that a client may send ahead of being read.
const WINDOW: u32 = 64 * 1024;
/// What a request that is being answered may still take after the connection has had its time.
const FAREWELL: Duration = Duration::from_secs(5);

/// How HTTP is spoken here.
pub(super) struct Manners {
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Manners {
    /// With so much time for the head of a request.
    pub(super) fn new(request: Duration) -> Self {
        let mut http1 = http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(request);
        http1.max_buf_size(HEAD).max_headers(FIELDS);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.timer(TokioTimer::new());
        http2.max_header_list_size(HEAD as u32).max_concurrent_streams(STREAMS);
        http2.initial_stream_window_size(WINDOW).initial_connection_window_size(WINDOW);
        http2.max_send_buf_size(WINDOW as usize);
        Self { http1, http2 }
    }
}

/// What is known of a connection when a request comes over it.
struct Visit {
    name: Box<str>,
    service: Service,
    from: IpAddr,
    /// Requests that have begun, and those of them that are over.
    begun: AtomicU64,
    over: AtomicU64,
    shared: Arc<Shared>,
}

/// Answers requests until the client leaves, its time is over, or the door closes.
pub(super) async fn converse(greeted: Greeted, from: IpAddr, shared: Arc<Shared>) {
    let Greeted { stream, name, service, http2 } = greeted;
    let (begun, over) = (AtomicU64::new(0), AtomicU64::new(0));
    let visit = Arc::new(Visit { name, service, from, begun, over, shared });
    let answers = {
        let visit = Arc::clone(&visit);
        service_fn(move |request| {
            let visit = Arc::clone(&visit);
            async move { Ok::<_, Infallible>(visit.answer(request).await) }
        })
    };
    let io = TokioIo::new(stream);
    let manners = &visit.shared.manners;
    if http2 {
        let mut connection = pin!(manners.http2.serve_connection(io, answers));
        tokio::select! {
            _ = connection.as_mut() => return,
            () = visit.shared.over() => {}
            () = visit.idle() => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(FAREWELL, connection).await;
    } else {
        let mut connection = pin!(manners.http1.serve_connection(io, answers));
        tokio::select! {
            ended = connection.as_mut() => {
                if ended.is_err_and(|error| error.is_timeout()) {
                    visit.shared.tally.add(Count::TooSlow);
                }
                return;
            }
            () = visit.shared.over() => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(FAREWELL, connection).await;
    }
}

/// Answers plain HTTP by a function of the request, in the same manner and as long.
pub(super) async fn converse_plainly(
    stream: tokio::net::TcpStream,
    shared: Arc<Shared>,
    answer: impl Fn(&Shared, &Request<Incoming>) -> Response<Full<Bytes>>,
) {
    let answers = service_fn(|request| {
        let response = answer(&shared, &request);
        async move { Ok::<_, Infallible>(response) }
    });
    let mut connection = pin!(shared.manners.http1.serve_connection(TokioIo::new(stream), answers));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shared.over() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(FAREWELL, connection).await;
}

impl Visit {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let _until_over = Over(self);
        let policies = match &self.service {
            Service::Policies(policies) => policies,
            Service::Other(handler) => return handler.handle(request, self.from).await,
        };
        let content = !request.body().is_end_stream();
        let (head, _) = request.into_parts();
        let Reply { response, posted } = answer::reply(&head, content, &self.name, policies);
        let Shared { tally, interior, .. } = &*self.shared;
        tally.add(match response.status() {
            StatusCode::OK => Count::Served,
            StatusCode::NOT_FOUND => Count::NotFound,
            _ => Count::Refused,
        });
        if !interior.log.note(self.from, &self.name, &head, response.status(), posted.as_ref()) {
            tally.add(Count::Unlogged);
        }
        response
    }

    /// Until no request has come for a while, nor is being answered. HTTP/1.1 knows by itself.
    async fn idle(&self) {
        let mut before = self.begun.load(Ordering::Relaxed);
        loop {
            tokio::time::sleep(self.shared.settings.patience.request).await;
            let (begun, over) = (self.begun.load(Ordering::Relaxed), self.over.load(Ordering::Relaxed));
            if begun == before && begun == over {
                return;
            }
            before = begun;
        }
    }
}

/// Counts a request as over, also when its client has given it up.
struct Over<'v>(&'v Visit);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.fetch_add(1, Ordering::Relaxed);
    }
}
