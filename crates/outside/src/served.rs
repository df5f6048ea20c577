//! The proof that a policy is served, and what stands in its way.

use std::fmt;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use protocol::Domain;
use protocol::observed::{DnsFailure, NotTested};
use sha2::{Digest, Sha256};

/// Proof that every address of a domain's policy host served one body, seen as a sender sees it.
///
/// Only [`Outside::confirm_served`](crate::Outside::confirm_served) makes one. It cannot be copied, stored or read
/// back: after a crash there is none, and one must look again.
///
/// ```compile_fail
/// fn twice(served: &outside::Served) -> outside::Served {
///     served.clone()
/// }
/// ```
///
/// ```compile_fail
/// fn stored(served: &outside::Served) -> String {
///     fn needs<T: serde::Serialize>(_: &T) -> String { String::new() }
///     needs(served)
/// }
/// ```
#[derive(Debug)]
#[must_use = "the proof is needed to announce an id"]
pub struct Served {
    domain: Domain,
    body_sha256: [u8; 32],
    addresses: Vec<IpAddr>,
    at: Timestamp,
}

/// What the look confirmed.
pub(crate) struct Confirmed {
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) at: Timestamp,
}

impl Served {
    pub(crate) fn new(domain: &Domain, body: &[u8], confirmed: Confirmed) -> Self {
        let Confirmed { addresses, at } = confirmed;
        Self { domain: domain.clone(), body_sha256: Sha256::digest(body).into(), addresses, at }
    }

    /// The policy domain.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// SHA-256 of the body that was served.
    #[must_use]
    pub const fn body_sha256(&self) -> &[u8; 32] {
        &self.body_sha256
    }

    /// The addresses that served it: all that the policy host has.
    #[must_use]
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// When the look began.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// How old the proof is; negative when the clock was set back.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.at)
    }
}

/// The policy is not served everywhere, or it is not known whether it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotServed {
    /// The policy host.
    pub host: String,
    /// What each address lacks; never empty.
    pub shortfalls: Vec<Shortfall>,
}

/// What keeps one address, or the whole, from being confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Shortfall {
    /// The policy host has no address.
    #[error("the name has no address: publish A or AAAA records for it")]
    NoAddress,
    /// More addresses than are asked.
    #[error("it has {count} addresses; more than {bound} are not confirmed")]
    TooManyAddresses {
        /// How many it has.
        count: usize,
        /// How many are asked at most.
        bound: usize,
    },
    /// The lookup of one family failed, so that not all addresses are known.
    #[error("its {rtype} lookup fails ({failure:?}), so that not all of its addresses are known")]
    Lookup {
        /// `A` or `AAAA`.
        rtype: String,
        /// The failure.
        failure: DnsFailure,
    },
    /// The lookup could not be made.
    #[error("its addresses could not be looked up: {}", .0.text)]
    LookupNotTested(NotTested),
    /// No answer by HTTP.
    #[error("{address}: {why}")]
    Unreachable {
        /// The address.
        address: IpAddr,
        /// In words.
        why: String,
    },
    /// No TLS session.
    #[error("{address}: no TLS session: {why}")]
    Tls {
        /// The address.
        address: IpAddr,
        /// In words.
        why: String,
    },
    /// A certificate that senders do not accept.
    #[error("{address}: {why}")]
    Certificate {
        /// The address.
        address: IpAddr,
        /// In words.
        why: String,
    },
    /// Another status than 200.
    #[error("{address} answers with status {status} instead of 200")]
    Status {
        /// The address.
        address: IpAddr,
        /// The status.
        status: u16,
    },
    /// Another media type than `text/plain`.
    #[error("{address} answers with the media type {found} instead of text/plain")]
    MediaType {
        /// The address.
        address: IpAddr,
        /// The media type, bounded.
        found: String,
    },
    /// Other octets.
    #[error("{address} serves another policy ({octets} octets)")]
    OtherBody {
        /// The address.
        address: IpAddr,
        /// How many octets it serves.
        octets: usize,
    },
    /// Our own network keeps us from looking.
    #[error("{address} could not be asked: {}", .why.text)]
    NotTested {
        /// The address.
        address: IpAddr,
        /// Why.
        why: NotTested,
    },
}

impl NotServed {
    /// Whether all that is missing is due to our own network or resolver: nothing is known of the policy host then.
    #[must_use]
    pub fn is_our_trouble(&self) -> bool {
        self.shortfalls
            .iter()
            .all(|one| matches!(one, Shortfall::LookupNotTested(_) | Shortfall::NotTested { .. }))
    }
}

impl fmt::Display for NotServed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does not serve the policy everywhere", self.host)?;
        self.shortfalls.iter().try_for_each(|one| write!(f, "; {one}"))
    }
}

impl std::error::Error for NotServed {}
