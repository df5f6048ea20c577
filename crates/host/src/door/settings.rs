//! Where the door is and how much it puts up with.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

/// Connections at the same time, of all clients together. An idle one over TLS takes about 7 KB (`cargo xtask bench host
/// crowd`), so that all of them take 70 MB; an unused one is gone after [`PATIENCE_REQUEST`].
const CONNECTIONS: usize = 10_000;
/// Connections at the same time from one address, or from one /64 of IPv6, which is what one client is given. A sender
/// fetches a policy over one; a big one may fetch for many domains at once.
const CONNECTIONS_PER_ADDRESS: usize = 100;
/// For the whole TLS handshake: three round trips to the other side of the world take less than one second.
const PATIENCE_HANDSHAKE: Duration = Duration::from_secs(5);
/// Until the head of a request has come completely, and between two requests.
const PATIENCE_REQUEST: Duration = Duration::from_secs(10);
/// For a connection altogether. RFC 8461 §3.3 suggests one minute to senders for the whole fetch; twice that for a report
/// that arrives over a slow line.
const PATIENCE_CONNECTION: Duration = Duration::from_secs(120);

/// Where the door is and how much it puts up with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoorSettings {
    /// Addresses for HTTPS; port 0 lets the system choose one.
    pub https: Vec<SocketAddr>,
    /// Addresses for the plain HTTP of http-01 challenges; may be empty.
    pub http: Vec<SocketAddr>,
    /// Threads that accept and answer; as many as processors unless said otherwise.
    pub workers: NonZeroUsize,
    /// Connections at the same time; one more has to wait until another ends.
    pub connections: usize,
    /// Connections at the same time from one IPv4 address or one IPv6 /64; one more is closed at once. Behind a proxy
    /// that passes TLS on, all clients have the proxy's address: set this as high as `connections` there.
    pub connections_per_address: usize,
    /// How long a client may take.
    pub patience: Patience,
}

/// How long a client may take before the connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the whole TLS handshake.
    pub handshake: Duration,
    /// From the handshake, or the answer before, until the head of a request is complete.
    pub request: Duration,
    /// For the connection altogether; a request that has begun by then may still be answered.
    pub connection: Duration,
}

impl DoorSettings {
    /// The usual limits at these addresses.
    #[must_use]
    pub fn at(https: Vec<SocketAddr>, http: Vec<SocketAddr>) -> Self {
        Self {
            https,
            http,
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS_PER_ADDRESS,
            patience: Patience::default(),
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self { handshake: PATIENCE_HANDSHAKE, request: PATIENCE_REQUEST, connection: PATIENCE_CONNECTION }
    }
}
