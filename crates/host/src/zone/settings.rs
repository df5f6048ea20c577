//! What a zone is made of besides the hosted domains.

use std::net::IpAddr;

use protocol::Domain;

use super::ZoneKey;

/// A zone that we answer for.
#[derive(Debug)]
pub struct ZoneSettings {
    /// The zone's name: hosted names lie below it, such as `<label>.s.<apex>`.
    pub apex: Domain,
    /// Its name servers, as the parent zone has them; at least one. The first stands in the SOA record.
    pub servers: Vec<NameServer>,
    /// The mail address of whoever cares for the zone, or the name that the SOA record has for it; `None` for
    /// `hostmaster` at the apex.
    pub contact: Option<Domain>,
    /// The addresses of the policy hosts: what `<label>.p.<apex>` leads to.
    pub addresses: Vec<IpAddr>,
    /// Who may issue certificates for the hosts (CAA, RFC 8659), unless a domain has its own; empty for no such record.
    pub issuers: Vec<Caa>,
    /// How long resolvers keep answers.
    pub times: Times,
    /// What the zone is signed with; empty for a zone without signatures. All of one algorithm.
    ///
    /// One key that is the secure entry point signs all. With others beside it, those that are entry points sign the
    /// keys, and the first of the others the rest.
    pub keys: Vec<ZoneKey>,
}

impl ZoneSettings {
    /// A zone without signatures.
    #[must_use]
    pub fn new(apex: Domain, servers: Vec<NameServer>, addresses: Vec<IpAddr>) -> Self {
        Self {
            apex,
            servers,
            contact: None,
            addresses,
            issuers: Vec::new(),
            times: Times::default(),
            keys: Vec::new(),
        }
    }
}

/// A name server of the zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameServer {
    /// Its name. In the zone, it must be one label below the apex.
    pub name: Domain,
    /// Its addresses, if the name is in the zone: nobody else can say them then.
    pub addresses: Vec<IpAddr>,
}

/// A CAA record (RFC 8659 §4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caa {
    /// Whether an issuer that does not know the tag must not issue.
    pub critical: bool,
    /// `issue`, `issuewild`, `iodef`.
    pub tag: String,
    /// For `issue`: the CA's name and its parameters, such as `accounturi` (RFC 8657).
    pub value: String,
}

/// How long resolvers keep answers, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Records with ids: how long after a change some senders may still see the id before it.
    pub id: u32,
    /// Records that say where reports go.
    pub reports: u32,
    /// Addresses of policy hosts.
    pub addresses: u32,
    /// SOA, NS, CAA and keys.
    pub zone: u32,
    /// That there is no such record (RFC 2308 §5).
    pub nothing: u32,
}

impl Default for Times {
    /// Minutes for what a rollout waits for, an hour for what hardly ever changes.
    fn default() -> Self {
        Self { id: 300, reports: 3_600, addresses: 300, zone: 3_600, nothing: 60 }
    }
}

/// The longest time taken: a day. RFC 8461 senders look at least daily, and signatures must outlive what is kept.
pub(super) const MAX_TIME: u32 = 86_400;

/// Settings that make no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZoneFault {
    /// Names below the apex would be too long.
    #[error("the zone's name {0} is too long: names below it need up to 70 characters more")]
    Apex(String),
    /// No name server.
    #[error("the zone {0} has no name server: name those that its parent zone has")]
    NoServer(String),
    /// A name server in the zone without addresses.
    #[error("the name server {0} is in the zone itself, so its addresses must be given")]
    ServerWithoutAddress(String),
    /// A name server deep in the zone, or where hosted names are.
    #[error("the name server {name} must be one label below {apex}, and not s, r or p, or lie outside of it")]
    ServerPlace {
        /// The name server.
        name: String,
        /// The zone.
        apex: String,
    },
    /// Two name servers of one name.
    #[error("the name server {0} is named twice")]
    ServerTwice(String),
    /// A CAA record that cannot be.
    #[error(
        "the CAA record {tag} {value:?} cannot be written: the tag has letters and digits only, and the value at most {MAX_CAA} octets"
    )]
    Caa {
        /// The tag.
        tag: String,
        /// The value.
        value: String,
    },
    /// A time that is too long.
    #[error("answers are kept for at most {MAX_TIME} s, not {0} s")]
    Time(u32),
    /// Keys of several algorithms.
    #[error(
        "the zone's keys have different algorithms; every set would have to be signed with each (RFC 4035 §2.2)"
    )]
    Algorithms,
    /// Too many keys.
    #[error("the zone has {0} keys; {MAX_KEYS} are the most, as answers must stay small")]
    Keys(usize),
    /// More data than one small answer can hold.
    #[error("the zone has too many {0}: an answer must fit into one packet of {MAX_ANSWER} octets")]
    TooLarge(&'static str),
}

/// The longest value of a CAA record taken: an account's address at a CA has about 80 octets.
pub(super) const MAX_CAA: usize = 400;
/// Two for each role while they are exchanged.
pub(super) const MAX_KEYS: usize = 4;
/// Data of one set: with question and signature it still fits into one packet.
pub(super) const MAX_ANSWER: usize = 800;
