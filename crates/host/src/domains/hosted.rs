//! A domain that is hosted here.

use jiff::Timestamp;
use protocol::Domain;

use super::label::Label;
use super::owner::Owner;
use super::state::DomainState;

/// A domain that is hosted here, as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedDomain {
    /// The policy domain.
    pub domain: Domain,
    /// Whom it belongs to.
    pub owner: Owner,
    /// Its label below the service's name.
    pub label: Label,
    /// What the TXT record at `_sts-verify.` and the domain must hold to prove ownership before any alias is set.
    pub token: Label,
    /// How far it has come.
    pub state: DomainState,
    /// Since when it is in that state.
    pub since: Timestamp,
    /// When it was added.
    pub added: Timestamp,
    /// When its ownership was last seen; `None` when it never was, or needs not to be.
    pub verified: Option<Timestamp>,
    /// When senders first found record and policy.
    pub live: Option<Timestamp>,
    /// With [`DomainState::Retired`]: until when mode none is served.
    pub served_until: Option<Timestamp>,
    /// The number of the newest version, which is the one served; `None` when it has no policy yet.
    pub current: Option<u32>,
    /// The number of the version whose id our DNS answers; `None` when it answers that there is none.
    pub announced: Option<u32>,
    /// The text of its TLSRPT record, if we answer for that too (RFC 8460 §3).
    pub tlsrpt: Option<String>,
    /// When it is to be looked at next.
    pub wake: Timestamp,
    /// What stands in the way, in sentences, as of the last look.
    pub because: Vec<String>,
}

impl HostedDomain {
    /// The name of its policy host (RFC 8461 §3.3).
    #[must_use]
    pub fn policy_host(&self) -> String {
        format!("mta-sts.{}", self.domain.as_str())
    }

    /// Whether the door answers for it at `now`.
    #[must_use]
    pub fn is_served(&self, now: Timestamp) -> bool {
        self.current.is_some()
            && self.state.is_served()
            && (self.state != DomainState::Retired || self.served_until.is_some_and(|until| now < until))
    }
}
