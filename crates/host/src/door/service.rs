//! What may be behind a name.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response};

use super::Policies;

/// Says which service answers for a name: the server name of the client's hello, in lower case. `None`: there is nobody of
/// that name, and the handshake ends.
///
/// Asked for each new connection, also for names that clients make up: it must answer from memory.
pub type Router = Arc<dyn Fn(&str) -> Option<Service> + Send + Sync>;

/// The key authorization for a host and a token of an http-01 challenge (RFC 8555 §8.3), when such a challenge is open.
/// Asked for whatever clients send: it must answer from memory.
pub type Challenges = Arc<dyn Fn(&str, &str) -> Option<Arc<str>> + Send + Sync>;

/// What answers for a name.
#[derive(Clone)]
pub enum Service {
    /// MTA-STS policies, each at its one path.
    Policies(Arc<Policies>),
    /// Something else that shares the port.
    Other(Arc<dyn Handler>),
}

/// Something else than policies that shares the port.
pub trait Handler: Send + Sync {
    /// Answers one request. Its authority is the name that the router was asked for; its body has not been read, and how
    /// much of it is read is the handler's to bound.
    fn handle(&self, request: Request<Incoming>, from: IpAddr) -> Answer;
}

/// A response to come.
pub type Answer = Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>;
