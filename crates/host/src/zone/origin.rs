//! What is the same for every hosted domain: the apex, the name servers, the policy hosts.

use std::net::IpAddr;

use domain::base::iana::{DigestAlgorithm, Rtype};
use sha2::{Digest as _, Sha256};

use super::hosted::{Service, caa};
use super::key::ZoneKey;
use super::name::{MAX_WIRE, wire};
use super::set::{Data, OwnedSet};
use super::settings::{MAX_ANSWER, MAX_KEYS, MAX_TIME, NameServer, Times, ZoneFault, ZoneSettings};
use super::signer::Signer;

/// The longest name below the apex has two labels, of 63 octets and one.
const ROOM_BELOW: usize = 64 + 2;

/// RFC 1035 §3.3.13. There is one serial for ever: nothing is transferred, each node has its zone from the database.
const SERIAL: u32 = 1;
const REFRESH: u32 = 86_400;
const RETRY: u32 = 3_600;
const EXPIRE: u32 = 2_419_200;

/// What is the same for every hosted domain.
pub(super) struct Origin {
    /// In wire form, lower case.
    pub(super) apex: Box<[u8]>,
    pub(super) apex_text: Box<str>,
    pub(super) times: Times,
    /// SOA and NS, at the apex and at those of delegated zones.
    pub(super) zone: Box<[OwnedSet]>,
    /// What else the apex has: keys for the parent zone (RFC 7344).
    pub(super) parent: Box<[OwnedSet]>,
    /// The first labels of name servers in the zone, with their addresses.
    pub(super) servers: Box<[InZone]>,
    /// Addresses of the policy hosts.
    pub(super) addresses: Box<[OwnedSet]>,
    /// Who may issue certificates for them.
    pub(super) issuers: OwnedSet,
    pub(super) signer: Option<Signer>,
}

impl Origin {
    pub(super) fn new(settings: ZoneSettings) -> Result<Self, ZoneFault> {
        let ZoneSettings { apex, servers, contact, addresses, issuers, times, keys } = settings;
        let text = apex.as_str();
        let apex_wire = name(text).filter(|wire| wire.len() + ROOM_BELOW <= MAX_WIRE);
        let apex_wire = apex_wire.ok_or_else(|| ZoneFault::Apex(text.to_owned()))?;
        let first = servers.first().ok_or_else(|| ZoneFault::NoServer(text.to_owned()))?;
        let Times { id, reports, addresses: address_time, zone: zone_time, nothing } = times;
        if let Some(time) =
            [id, reports, address_time, zone_time, nothing].into_iter().find(|t| *t > MAX_TIME)
        {
            return Err(ZoneFault::Time(time));
        }
        let contact = contact.map_or_else(|| format!("hostmaster.{text}"), |name| name.as_str().to_owned());
        let soa =
            soa(first.name.as_str(), &contact, nothing).ok_or_else(|| ZoneFault::Apex(text.to_owned()))?;
        let names = servers.iter().filter_map(|server| name(server.name.as_str())).collect();
        let zone = vec![
            OwnedSet::new(Rtype::SOA, zone_time, vec![soa]),
            small(OwnedSet::new(Rtype::NS, zone_time, names), "name servers")?,
        ];
        let issuers = issuers.iter().map(caa).collect::<Result<Vec<Data>, _>>()?;
        let signer = signer(keys, zone_time)?;
        let parent =
            signer.as_ref().map_or_else(Vec::new, |signer| for_parent(signer, &apex_wire, zone_time));
        Ok(Self {
            servers: in_zone(&servers, text, zone_time)?,
            addresses: address_sets(&addresses, address_time)?,
            issuers: small(OwnedSet::new(Rtype::CAA, zone_time, issuers), "CAA records")?,
            zone: zone.into(),
            parent: parent.into(),
            apex: apex_wire,
            apex_text: text.into(),
            times,
            signer,
        })
    }

    /// The DS records that the parent of the zone `owner` is to have, as text.
    pub(super) fn ds(&self, owner: &str) -> Vec<String> {
        let (Some(signer), Some(wire)) = (&self.signer, wire(owner)) else { return Vec::new() };
        let shown = |key: &ZoneKey| {
            let digest: String = digest(&wire, key).iter().map(|octet| format!("{octet:02X}")).collect();
            let number = DigestAlgorithm::SHA256.to_int();
            format!("{owner}. IN DS {} {} {number} {digest}", key.tag(), key.algorithm())
        };
        signer.entries().map(shown).collect()
    }
}

fn name(text: &str) -> Option<Data> {
    wire(text)
}

fn soa(server: &str, contact: &str, nothing: u32) -> Option<Data> {
    let mut data = name(server)?.into_vec();
    data.extend_from_slice(&name(contact)?);
    for number in [SERIAL, REFRESH, RETRY, EXPIRE, nothing] {
        data.extend(number.to_be_bytes());
    }
    Some(data.into())
}

fn signer(keys: Vec<ZoneKey>, ttl: u32) -> Result<Option<Signer>, ZoneFault> {
    let Some(first) = keys.first() else { return Ok(None) };
    if keys.len() > MAX_KEYS {
        return Err(ZoneFault::Keys(keys.len()));
    }
    if keys.iter().any(|key| key.algorithm() != first.algorithm()) {
        return Err(ZoneFault::Algorithms);
    }
    Ok(Some(Signer::new(keys, ttl)))
}

/// RFC 7344 §3, RFC 8078: what the parent is to have, for parents that fetch it.
fn for_parent(signer: &Signer, apex: &[u8], ttl: u32) -> Vec<OwnedSet> {
    let ds = |key: &ZoneKey| {
        let mut data = key.tag().to_be_bytes().to_vec();
        data.extend([key.algorithm(), DigestAlgorithm::SHA256.to_int()]);
        data.extend(digest(apex, key));
        data.into()
    };
    vec![
        OwnedSet::new(Rtype::CDS, ttl, signer.entries().map(ds).collect()),
        OwnedSet::new(Rtype::CDNSKEY, ttl, signer.entries().map(|key| key.data().into()).collect()),
    ]
}

/// RFC 4034 §5.1.4, RFC 4509.
fn digest(owner: &[u8], key: &ZoneKey) -> [u8; 32] {
    Sha256::new().chain_update(owner).chain_update(key.data()).finalize().into()
}

/// A name server in the zone: its label, and its addresses.
pub(super) type InZone = (Box<[u8]>, Box<[OwnedSet]>);

/// The name servers in the zone.
fn in_zone(servers: &[NameServer], apex: &str, ttl: u32) -> Result<Box<[InZone]>, ZoneFault> {
    let mut found: Vec<InZone> = Vec::new();
    for (at, NameServer { name, addresses }) in servers.iter().enumerate() {
        let text = name.as_str();
        let place = || ZoneFault::ServerPlace { name: text.to_owned(), apex: apex.to_owned() };
        if servers.iter().take(at).any(|server| server.name == *name) {
            return Err(ZoneFault::ServerTwice(text.to_owned()));
        }
        if text == apex {
            return Err(place());
        }
        let Some(label) = text.strip_suffix(apex).and_then(|front| front.strip_suffix('.')) else { continue };
        if label.contains('.') || Service::ALL.iter().any(|service| service.label() == label) {
            return Err(place());
        }
        if addresses.is_empty() {
            return Err(ZoneFault::ServerWithoutAddress(text.to_owned()));
        }
        found.push((label.as_bytes().into(), address_sets(addresses, ttl)?));
    }
    Ok(found.into())
}

/// A and AAAA.
fn address_sets(addresses: &[IpAddr], ttl: u32) -> Result<Box<[OwnedSet]>, ZoneFault> {
    let (mut v4, mut v6): (Vec<Data>, Vec<Data>) = (Vec::new(), Vec::new());
    for address in addresses {
        match address {
            IpAddr::V4(address) => v4.push(address.octets().into()),
            IpAddr::V6(address) => v6.push(address.octets().into()),
        }
    }
    let sets = [(Rtype::A, v4), (Rtype::AAAA, v6)];
    sets.into_iter()
        .filter(|(_, data)| !data.is_empty())
        .map(|(rtype, data)| small(OwnedSet::new(rtype, ttl, data), "addresses"))
        .collect()
}

/// Refuses a set that does not fit into a packet: it would only ever be had by TCP.
fn small(set: OwnedSet, what: &'static str) -> Result<OwnedSet, ZoneFault> {
    // Each record has 12 octets more than its data.
    let octets: usize = set.of().data.iter().map(|data| data.len() + 12).sum();
    if octets > MAX_ANSWER { Err(ZoneFault::TooLarge(what)) } else { Ok(set) }
}
