//! How connections were led, where it was not the plain way.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// How connections were led: what is needed to repeat them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The local address that connections were made from, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<IpAddr>,
    /// Connections that went elsewhere by the user's own rules, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub detours: Vec<Detour>,
}

/// A connection that went elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Detour {
    /// The host that it was for.
    pub host: String,
    /// The address and port that it was meant for.
    pub from: SocketAddr,
    /// Where it went.
    pub to: SocketAddr,
}

impl Route {
    /// Whether nothing was led elsewhere.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Where a connection for this host, address and port went.
    #[must_use]
    pub fn destination(&self, host: &str, address: SocketAddr) -> SocketAddr {
        self.detours
            .iter()
            .find(|detour| detour.host == host && detour.from == address)
            .map_or(address, |detour| detour.to)
    }
}
