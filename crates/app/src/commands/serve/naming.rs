//! The zone that our DNS answers for.

use std::path::Path;
use std::sync::Arc;

use host::domains::{Posting, ServiceNames};
use host::zone::{Hosted, LimitSettings, NameServer, ZoneKey};
use host::{DnsServer, DnsSettings, Zone, ZoneSettings};
use outside::Clock;
use protocol::{sts, tlsrpt};

use super::could_not;
use crate::capsule::read_bounded;
use crate::exit::Stop;
use crate::settings::Serving;

/// The largest file of a key read.
const KEY_LIMIT: u64 = 64 << 10;

/// The zone, without domains yet; `None` when nobody is to be answered.
pub(super) fn zone(serving: &Serving, names: &ServiceNames) -> anyhow::Result<Option<Arc<Zone>>> {
    if serving.dns.is_empty() {
        return Ok(None);
    }
    let Some(apex) = &names.zone else {
        return Err(Stop::usage("--dns needs --service: the zone that is answered for"));
    };
    let mut servers = Vec::new();
    for name in &serving.name_servers {
        let inside = name.is_within(apex);
        let addresses = if inside { names.addresses.clone() } else { Vec::new() };
        servers.push(NameServer { name: name.clone(), addresses });
    }
    if servers.is_empty() {
        let name = apex.with_label("ns1").map_err(|error| Stop::usage(format!("--service: {error}")))?;
        servers.push(NameServer { name, addresses: names.addresses.clone() });
    }
    let mut settings = ZoneSettings::new(apex.clone(), servers, names.addresses.clone());
    for path in &serving.zone_keys {
        settings.keys.push(key(path)?);
    }
    let zone = Zone::new(settings).map_err(|fault| Stop::usage(format!("--service: {fault}")))?;
    Ok(Some(Arc::new(zone)))
}

fn key(path: &Path) -> anyhow::Result<ZoneKey> {
    let text = |path: &Path| -> anyhow::Result<String> {
        let octets =
            read_bounded(path, KEY_LIMIT).map_err(|error| Stop::usage(format!("--zone-key: {error:#}")))?;
        String::from_utf8(octets)
            .map_err(|_| Stop::usage(format!("--zone-key: {} is no text", path.display())))
    };
    let public = path.with_extension("key");
    let public = if public != path && public.is_file() { Some(text(&public)?) } else { None };
    ZoneKey::read(&text(path)?, public.as_deref())
        .map_err(|fault| Stop::usage(format!("--zone-key: {}: {fault}", path.display())))
}

/// Answers for the zone.
pub(super) fn server(serving: &Serving, zone: &Arc<Zone>, clock: &Clock) -> anyhow::Result<DnsServer> {
    let settings =
        DnsSettings { listen: serving.dns.clone(), threads: None, limits: LimitSettings::default() };
    DnsServer::start(&settings, Arc::clone(zone), clock.clone()).map_err(could_not)
}

/// What is answered for one domain: its id once it was announced, and its reports.
pub(super) fn hosted(posting: &Posting) -> Hosted {
    let mut hosted = Hosted::default();
    if let Some(id) = &posting.announced {
        hosted = hosted.with_announced(&sts::Record { id: id.clone(), extensions: Vec::new() });
    }
    match posting.tlsrpt.as_ref().map(|text| tlsrpt::read_records(&[text.as_bytes()])) {
        Some(Ok(record)) => hosted.with_reports(&record),
        Some(Err(_)) | None => hosted,
    }
}
