//! Lets a face show, and a test see, what a look does.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// Is told every step of a look as it begins. Nothing that it does changes the look.
#[derive(Clone, Default)]
pub struct Watcher(Option<Arc<dyn Fn(Step) + Send + Sync>>);

/// One step of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A question to the resolver about the domain or one of its hosts (questions for DNSSEC keys are not told).
    Question {
        /// The name asked for.
        name: String,
        /// The record type.
        rtype: String,
    },
    /// A question to an authoritative server.
    DirectQuestion {
        /// The server's name.
        server: String,
        /// Its address, before any `--connect-to`.
        address: SocketAddr,
    },
    /// A connection is opened.
    Connection {
        /// What for.
        purpose: Purpose,
        /// The host's name.
        host: String,
        /// The address, before any `--connect-to`.
        address: SocketAddr,
    },
    /// The look is complete.
    Done,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Fetching the policy.
    Policy,
    /// Asking whether outdated versions of TLS are answered.
    OldVersions,
    /// Looking for a policy where senders never look.
    WrongPlace,
    /// A session with an MX host.
    Session,
    /// The same without a server name in the handshake.
    WithoutServerName,
    /// The same with the TLSA base domain as server name, where that is not the host's own.
    TlsaBase,
    /// A handshake with the host of an `https:` report target.
    ReportTarget,
}

impl Watcher {
    /// Calls `callback` for every step, from any thread of the runtime; it should return at once.
    pub fn new(callback: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(callback)))
    }

    /// Nobody watches.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Tells a step; it is only made when somebody watches.
    pub(crate) fn tell(&self, step: impl FnOnce() -> Step) {
        if let Some(callback) = &self.0 {
            callback(step());
        }
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Watcher" } else { "Watcher(none)" })
    }
}
