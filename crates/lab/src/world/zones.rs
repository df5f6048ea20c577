//! The zones of one view: root, `test.`, and those of every placed domain.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use hickory_proto::rr::rdata::{NS, SOA};
use hickory_proto::rr::{Name, RData, RecordType};

use super::contents::Contents;
use super::placement::Placed;
use crate::LabError;
use crate::ca::Authority;
use crate::dns::{Fault, FaultRule, NEGATIVE_TTL, Signer, Signing, Zone};
use crate::scenario::NameServer;

/// TTL of delegations and zone apexes, in seconds.
const APEX_TTL: u32 = 3600;
/// The name servers that all zones share, unless a scenario brings its own.
pub(crate) const NAME_SERVERS: &[&str] = &["ns1.nic.test.", "ns2.nic.test."];
/// Zones that are always there.
const UPPER: &[&str] = &[".", "test.", "nic.test."];

/// All zones of one view, and what goes wrong with them.
pub(crate) struct Internet {
    pub(crate) zones: Vec<Arc<Zone>>,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) servers: Vec<OwnServer>,
}

/// A scenario's own name server, which answers for one zone only.
pub(crate) struct OwnServer {
    pub(crate) name: String,
    pub(crate) addresses: Vec<IpAddr>,
    pub(crate) zone: Arc<Zone>,
    pub(crate) fault: Option<Fault>,
}

type Zones = HashMap<Name, Zone>;

/// What every zone is made with.
pub(crate) struct Makers {
    pub(crate) signer: Arc<Signer>,
    pub(crate) authority: Arc<Authority>,
}

/// Builds the zones. `name_servers` holds the addresses of [`NAME_SERVERS`] in this view.
pub(crate) fn build(
    placed: &[&Placed],
    name_servers: &[(&str, IpAddr)],
    makers: &Makers,
) -> Result<Internet, LabError> {
    let mut zones = Zones::new();
    for apex in UPPER {
        let apex = name(apex)?;
        zones.insert(apex.clone(), empty(&apex, Signing::Signed, &shared_servers()?, makers)?);
    }
    if let Some(nic) = zones.get_mut(&name("nic.test.")?) {
        for (server, address) in name_servers {
            nic.add(&name(server)?, APEX_TTL, RData::from(*address));
        }
    }
    let mut faults = Vec::new();
    let mut servers = Vec::new();
    for placed in placed {
        let (own, rules) = domain_zones(placed, None, makers)?;
        let apex = name(&placed.names.domain)?;
        for (server, spec) in &placed.state.servers {
            let (mut variants, _) = domain_zones(placed, Some(spec), makers)?;
            let Some(zone) = variants.remove(&apex) else { continue };
            let addresses = placed.addresses_of(server).map(|(_, address)| address).collect();
            let (name, fault) = (placed.host_name(server), spec.fault);
            servers.push(OwnServer { name, addresses, zone: Arc::new(zone), fault });
        }
        zones.extend(own);
        faults.extend(rules);
    }
    delegate(&mut zones, &makers.signer)?;
    Ok(Internet { zones: zones.into_values().map(Arc::new).collect(), faults, servers })
}

/// The zones of one domain; with `server`, as that one of its servers knows them, else as the first one does.
fn domain_zones(
    placed: &Placed,
    server: Option<&NameServer>,
    makers: &Makers,
) -> Result<(Zones, Vec<FaultRule>), LabError> {
    let state = &placed.state;
    let mut servers = shared_servers()?;
    if !state.servers.is_empty() {
        servers = state.servers.keys().map(|host| name(&placed.host_name(host))).collect::<Result<_, _>>()?;
    }
    let mut zones = Zones::new();
    let apex = name(&placed.names.domain)?;
    zones.insert(apex.clone(), empty(&apex, state.signing.unwrap_or_default(), &servers, makers)?);
    for (other, signing) in &state.zones {
        let apex = name(&placed.names.fill(other))?;
        zones.insert(apex.clone(), empty(&apex, *signing, &shared_servers()?, makers)?);
    }
    let mut contents = Contents { placed, zones, authority: &makers.authority };
    contents.fill()?;
    if let Some(server) = server.or_else(|| state.servers.values().next()) {
        contents.edit(&server.remove, &server.add)?;
    }
    let faults = contents.faults()?;
    Ok((contents.zones, faults))
}

/// A zone with its SOA, NS and DNSKEY records.
fn empty(apex: &Name, signing: Signing, servers: &[Name], makers: &Makers) -> Result<Zone, LabError> {
    let mut zone = Zone::new(apex.clone(), signing, makers.signer.clone());
    let first = servers.first().cloned().unwrap_or_else(Name::root);
    let soa = SOA::new(first, name("hostmaster.nic.test.")?, 1, 7200, 3600, 1_209_600, NEGATIVE_TTL);
    zone.add(apex, APEX_TTL, RData::SOA(soa));
    for server in servers {
        zone.add(apex, APEX_TTL, RData::NS(NS(server.clone())));
    }
    if signing != Signing::Unsigned {
        zone.add(apex, APEX_TTL, makers.signer.dnskey());
    }
    Ok(zone)
}

/// Puts NS and DS records for every zone into the zone above it.
fn delegate(zones: &mut Zones, signer: &Signer) -> Result<(), LabError> {
    let children: Vec<(Name, Signing, Vec<RData>)> = zones
        .values()
        .filter(|zone| !zone.apex.is_root())
        .map(|zone| {
            let servers = zone.node(&zone.apex).and_then(|node| node.get(&RecordType::NS));
            (zone.apex.clone(), zone.signing, servers.map(|set| set.data.clone()).unwrap_or_default())
        })
        .collect();
    for (child, signing, servers) in children {
        let Some(parent) = closest(zones, &child.base_name()) else { continue };
        for server in servers {
            parent.add(&child, APEX_TTL, server);
        }
        if signing != Signing::Unsigned {
            parent.add(&child, APEX_TTL, signer.ds(&child, signing == Signing::WrongDs)?);
        }
    }
    Ok(())
}

/// The zone that a name lies in.
pub(crate) fn closest<'a>(zones: &'a mut Zones, name: &Name) -> Option<&'a mut Zone> {
    let mut at = name.clone();
    while !zones.contains_key(&at) {
        if at.is_root() {
            return None;
        }
        at = at.base_name();
    }
    zones.get_mut(&at)
}

fn shared_servers() -> Result<Vec<Name>, LabError> {
    NAME_SERVERS.iter().map(|server| name(server)).collect()
}

/// An absolute name.
pub(crate) fn name(text: &str) -> Result<Name, LabError> {
    let mut name = Name::from_ascii(text)
        .map_err(|error| LabError::Scenario { path: text.to_owned(), message: error.to_string() })?;
    name.set_fqdn(true);
    Ok(name.to_lowercase())
}
