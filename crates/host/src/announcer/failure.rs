//! Why an id was not announced: what it is, and how to mend it.

use std::net::SocketAddr;

/// Why an id was not announced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnnounceError {
    /// The proof is of another body or domain.
    #[error("what was seen served is another policy than the one that the id is for")]
    OtherPolicy,
    /// The proof is too old.
    #[error("the policy was seen served {seconds} s ago; only what was seen within the last minute counts")]
    OldProof {
        /// Its age.
        seconds: i64,
    },
    /// Someone else changed the record since it was read.
    #[error("the TXT records at {name} were changed by someone else in this moment; run it again")]
    Changed {
        /// The name.
        name: String,
    },
    /// The name does not lead to our own name server.
    #[error(
        "{name} is not a name of a hosted domain in {zone}, nor delegated to us: the record is elsewhere"
    )]
    NotDelegated {
        /// The name.
        name: String,
        /// Our zone.
        zone: String,
    },
    /// The name is an alias: the record is elsewhere (RFC 8461 §8.2).
    #[error(
        "{name} is an alias of {target}: the record is there; give --at {target} with the server and zone of that \
         name, or let its operator announce the id"
    )]
    Alias {
        /// The name.
        name: String,
        /// Where it leads.
        target: String,
    },
    /// The server was not reached, or did not answer.
    #[error("the name server {server}: {why}")]
    Unreachable {
        /// The server.
        server: SocketAddr,
        /// In words.
        why: String,
    },
    /// The server does not have the zone.
    #[error(
        "the name server {server} has no authority for {name}: give --server the zone's primary server, and --zone \
         if the zone is not found by itself"
    )]
    NotAuthoritative {
        /// The server.
        server: SocketAddr,
        /// The name or zone.
        name: String,
    },
    /// The key may not change this name.
    #[error("the name server {server} refuses the change: allow it there, and nothing more. {}", allowing(.key, .name))]
    Refused {
        /// The server.
        server: SocketAddr,
        /// The key's name.
        key: String,
        /// The name to change.
        name: String,
    },
    /// The server knows no such key (RFC 8945 §5.2.1), or, as Knot has it, none that may change this name.
    #[error(
        "the name server {server} knows no key {key} for this: name and algorithm must be the same on both sides, and the \
         key must be allowed to change the record. {}", allowing(.key, .name)
    )]
    UnknownKey {
        /// The server.
        server: SocketAddr,
        /// The key's name.
        key: String,
        /// The name to change.
        name: String,
    },
    /// The secret is another (RFC 8945 §5.2.2).
    #[error("the name server {server} has another secret for the key {key}: copy the key file again")]
    WrongSecret {
        /// The server.
        server: SocketAddr,
        /// The key's name.
        key: String,
    },
    /// The clocks differ (RFC 8945 §5.2.3).
    #[error(
        "the clocks of this machine and of the name server {server} differ by more than 5 minutes (here {here}, there \
         {there}, in seconds since 1970): set them by NTP"
    )]
    WrongTime {
        /// The server.
        server: SocketAddr,
        /// Our time.
        here: u64,
        /// Its time.
        there: u64,
    },
    /// The answer was not signed, or not rightly: it may be anyone's.
    #[error(
        "the answer of the name server {server} is not signed with the key {key} ({why}): whether the record was changed \
         is not known; run it again"
    )]
    Unsigned {
        /// The server.
        server: SocketAddr,
        /// The key's name.
        key: String,
        /// In words.
        why: String,
    },
    /// The name is not in that zone.
    #[error("{name} is not in the zone {zone}: correct --zone")]
    NotInZone {
        /// The name.
        name: String,
        /// The zone.
        zone: String,
    },
    /// Another response code.
    #[error("the name server {server} answers {rcode}")]
    Rcode {
        /// The server.
        server: SocketAddr,
        /// The code.
        rcode: String,
    },
    /// A name or a message that cannot be.
    #[error("{0}")]
    Malformed(String),
    /// Other TXT records are at the name, and the API may not keep them as they are.
    #[error(
        "{others} of the TXT records at {name} are not for MTA-STS, and by the API of {provider} they might be lost or \
         changed. Nothing was changed there. Remove them if nothing needs them; or, by hand, put this record in place \
         of any that begins v=STSv1: `{line}`; then run this again"
    )]
    Others {
        /// The provider.
        provider: String,
        /// The name.
        name: String,
        /// How many.
        others: usize,
        /// The record, as a line of a zone file.
        line: String,
    },
    /// The provider's API says no.
    #[error("the API of {provider}: {why}")]
    Api {
        /// The provider.
        provider: String,
        /// In words, bounded.
        why: String,
    },
}

/// What to write into the configuration of a name server, so that the key may change this record and nothing else.
fn allowing(key: &str, name: &str) -> String {
    format!(
        "BIND, in the zone: `update-policy {{ grant {key} name {name}. TXT; }};` Knot, an acl of the zone with: `key: {key}`, \
         `action: update`, `update-type: TXT`, `update-owner: name`, `update-owner-match: equal`, `update-owner-name: {name}.`"
    )
}
