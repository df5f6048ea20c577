//! The HTTPS door: the one owner of the ports that senders come to for a policy.
//!
//! A client hello names a policy host; the router says which service that is, the certificates come from memory, and the
//! answer is the stored octets. Nothing that an unknown client sends reaches a database or a certificate authority.

mod access_log;
mod answer;
mod authority;
mod challenge;
mod conversation;
mod greeting;
mod guests;
mod listener;
mod posted;
mod service;
mod settings;
mod tally;
mod terms;
#[cfg(test)]
mod tests;
mod worker;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::server::ResolvesServerCert;
use tokio::sync::mpsc;

pub use access_log::{AccessLog, Privacy};
pub use posted::{Policies, Posted};
pub use service::{Answer, Challenges, Handler, Router, Service};
pub use settings::{DoorSettings, Patience};
pub use tally::{Count, Tally};

use self::worker::Shared;

/// The open door: threads of its own that accept connections and answer them, beside whatever else the process does.
///
/// Dropping it closes everything at once; [`drain`](Self::drain) lets those who are inside finish.
pub struct Door {
    addresses: Addresses,
    shared: Arc<Shared>,
    /// Each worker holds a sender: when all are gone, so are the workers.
    done: mpsc::Receiver<()>,
}

/// Where a door listens, with the ports that the system chose where 0 was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// HTTPS: policies and whatever else the router knows.
    pub https: Vec<SocketAddr>,
    /// HTTP: answers for certificate authorities alone.
    pub http: Vec<SocketAddr>,
}

/// What answers at the door.
#[derive(Clone)]
pub struct Interior {
    /// The certificate for a client hello, and for one of a certificate authority (RFC 8737) its special one.
    pub certificates: Arc<dyn ResolvesServerCert>,
    /// Which service answers for a name.
    pub router: Router,
    /// Answers to http-01 challenges (RFC 8555 §8.3).
    pub challenges: Challenges,
    /// Where visits are noted.
    pub log: AccessLog,
}

/// Why a door does not open.
#[derive(Debug, thiserror::Error)]
pub enum DoorFault {
    /// An address cannot be listened at.
    #[error("cannot listen at {address}: {error}{}", hint(.error))]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// No thread can be had.
    #[error("cannot start a thread for the door: {0}")]
    Thread(io::Error),
    /// The cryptography refuses its own defaults.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "; another program listens there: stop it, or choose another port",
        io::ErrorKind::PermissionDenied => {
            "; ports below 1024 need the capability CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=)"
        }
        io::ErrorKind::AddrNotAvailable => "; this machine does not have the address",
        _ => "",
    }
}

impl Door {
    /// Listens at all addresses of the settings, and serves from then on.
    ///
    /// # Errors
    /// [`DoorFault`] for an address that cannot be had; nothing is left open then.
    pub fn open(settings: DoorSettings, interior: Interior) -> Result<Self, DoorFault> {
        let addresses = Addresses { https: settings.https.clone(), http: settings.http.clone() };
        listener::check_free(&addresses)?;
        let workers = settings.workers.get();
        let shared = Arc::new(Shared::new(settings, interior)?);
        let (alive, done) = mpsc::channel(1);
        // From here on a failure closes what is open already.
        let mut door = Self { addresses, shared, done };
        for number in 0..workers {
            // The first worker learns the ports, the others share them.
            door.addresses =
                worker::start(number, door.addresses.clone(), Arc::clone(&door.shared), alive.clone())?;
        }
        Ok(door)
    }

    /// Where it listens.
    #[must_use]
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What has happened at the door since it was opened.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.shared.tally
    }

    /// Lets nobody in any more, waits at most so long for those inside, and closes. Returns whether all had finished.
    pub async fn drain(mut self, grace: Duration) -> bool {
        self.shared.closing.cancel();
        let all_gone = tokio::time::timeout(grace, self.done.recv()).await.is_ok();
        self.shared.closed.cancel();
        all_gone
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shared.closing.cancel();
        self.shared.closed.cancel();
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
