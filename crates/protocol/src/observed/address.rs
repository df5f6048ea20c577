//! Reaching an address.

use serde::{Deserialize, Serialize};

/// Why a TCP connection to the other side's address did not come about. (No route of our own is
/// [`NotTestedReason::NoRoute`](super::NotTestedReason::NoRoute) instead.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectFailure {
    /// The port is closed.
    Refused,
    /// Nothing came back in time.
    Timeout,
    /// Reset while connecting.
    Reset,
    /// A router on the way says that the host or network cannot be reached.
    Unreachable,
}
