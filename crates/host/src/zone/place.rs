//! Where a name is.

use std::sync::Arc;

use domain::base::iana::Rtype;

use super::Delegation;
use super::hosted::{Hosted, Service};
use super::name::{Asked, MAX_WIRE, is_plain};
use super::origin::Origin;
use super::set::{Set, Sets};
use crate::Directory;

/// What is at a name in one of our zones.
pub(super) enum Place {
    /// The zone's own name.
    Apex,
    /// Nothing but names below it.
    Empty,
    /// A name server, by its number.
    Server(usize),
    /// A hosted name.
    Hosted(Service, Arc<Hosted>),
    /// The apex of a zone that a hosted domain delegates to us.
    Delegated(Service, Arc<Hosted>),
    /// There is no such name.
    Missing,
}

/// A name in one of our zones.
pub(super) struct Found {
    /// Where the zone's apex begins in the name.
    pub(super) apex_at: usize,
    pub(super) place: Place,
}

/// Finds a name; `None` when it is in none of our zones.
pub(super) fn locate(
    origin: &Origin,
    hosted: &Directory<Arc<Hosted>>,
    delegated: &Directory<Delegation>,
    name: Asked<'_>,
) -> Option<Found> {
    if let Some(apex_at) = name.within(&origin.apex) {
        let place = below(origin, hosted, name, apex_at).unwrap_or(Place::Missing);
        return Some(Found { apex_at, place });
    }
    let mut at = name;
    loop {
        if let Some((first, _)) = at.split()
            && may_be_delegated(first)
            && let Some(Delegation { service, label }) =
                text(at, &mut [0; MAX_WIRE]).and_then(|text| delegated.get(text))
        {
            let apex_at = name.wire().len() - at.wire().len();
            // A label that is not hosted any more leaves an empty zone until the delegation goes too.
            let place = match apex_at {
                0 => Place::Delegated(service, hosted.get(&label).unwrap_or_default()),
                // `_tls` of `_smtp._tls` is above the zone, never below it.
                _ => Place::Missing,
            };
            return Some(Found { apex_at, place });
        }
        at = at.split()?.1;
    }
}

/// The labels that delegated zones begin with: nothing else is looked up.
fn may_be_delegated(label: &[u8]) -> bool {
    matches!(label, b"_mta-sts" | b"_smtp" | b"mta-sts")
}

fn below(origin: &Origin, hosted: &Directory<Arc<Hosted>>, name: Asked<'_>, apex_at: usize) -> Option<Place> {
    if apex_at == 0 {
        return Some(Place::Apex);
    }
    let is_apex = |rest: Asked<'_>| rest.wire().len() == origin.apex.len();
    let (first, rest) = name.split()?;
    if is_apex(rest) {
        let server = origin.servers.iter().position(|(label, _)| label.as_ref() == first);
        return match server {
            Some(number) => Some(Place::Server(number)),
            None => service(first).map(|_| Place::Empty),
        };
    }
    let (second, rest) = rest.split()?;
    if !is_apex(rest) || !first.iter().copied().all(is_plain) {
        return None;
    }
    let service = service(second)?;
    let label = std::str::from_utf8(first).ok()?;
    hosted.get(label).map(|hosted| Place::Hosted(service, hosted))
}

fn service(label: &[u8]) -> Option<Service> {
    Service::ALL.into_iter().find(|service| service.label().as_bytes() == label)
}

/// A name as text, without final dot; `None` for names that are never hosted.
fn text<'b>(name: Asked<'_>, buffer: &'b mut [u8; MAX_WIRE]) -> Option<&'b str> {
    let (mut length, mut rest) = (0, name);
    while let Some((label, after)) = rest.split() {
        if !label.iter().copied().all(is_plain) {
            return None;
        }
        buffer.get_mut(length..length + label.len())?.copy_from_slice(label);
        length += label.len();
        *buffer.get_mut(length)? = b'.';
        length += 1;
        rest = after;
    }
    std::str::from_utf8(buffer.get(..length.checked_sub(1)?)?).ok()
}

impl Place {
    /// All sets at the name; `None` when there is no such name.
    pub(super) fn sets<'a>(&'a self, origin: &'a Origin) -> Option<Sets<'a>> {
        let mut sets = Sets::default();
        match self {
            Self::Missing => return None,
            Self::Empty => {}
            Self::Server(number) => {
                if let Some((_, addresses)) = origin.servers.get(*number) {
                    sets.extend(addresses);
                }
            }
            Self::Apex => {
                zone(&mut sets, origin);
                sets.extend(&origin.parent);
            }
            Self::Hosted(service, hosted) => of_service(&mut sets, origin, *service, hosted),
            Self::Delegated(service, hosted) => {
                zone(&mut sets, origin);
                of_service(&mut sets, origin, *service, hosted);
            }
        }
        Some(sets)
    }
}

/// What every apex has.
fn zone<'a>(sets: &mut Sets<'a>, origin: &'a Origin) {
    sets.extend(&origin.zone);
    if let Some(signer) = &origin.signer {
        sets.push(signer.dnskeys());
    }
}

fn of_service<'a>(sets: &mut Sets<'a>, origin: &'a Origin, service: Service, hosted: &'a Hosted) {
    let times = &origin.times;
    match service {
        Service::Id => sets.push(Set { rtype: Rtype::TXT, ttl: times.id, data: hosted.id.as_slice() }),
        Service::Reports => {
            sets.push(Set { rtype: Rtype::TXT, ttl: times.reports, data: hosted.reports.as_slice() });
        }
        Service::Policy => {
            sets.extend(&origin.addresses);
            match &hosted.issuers {
                Some(own) => sets.push(Set { rtype: Rtype::CAA, ttl: times.zone, data: own }),
                None => sets.push(origin.issuers.of()),
            }
        }
    }
}
