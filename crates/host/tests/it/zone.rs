//! Our name server as others see it: a validating look, and clients of its own kind.

mod announcing;
mod transport;
mod validation;

use std::net::SocketAddr;
use std::sync::Arc;

use host::zone::{
    DnsServer, DnsSettings, Hosted, LimitSettings, NameServer, Service, Zone, ZoneKey, ZoneSettings,
};
use outside::Clock;
use protocol::Domain;
use protocol::sts::Record;

pub(crate) const LABEL: &str = "k3xq9v2m7t5w1z8y";

pub(crate) fn domain(text: &str) -> Domain {
    Domain::parse(text).expect("a domain")
}

pub(crate) fn record(id: &str) -> Record {
    Record { id: id.to_owned(), extensions: Vec::new() }
}

/// The zone `host.test` with one hosted domain, `lab.test`, which delegates its names too.
pub(crate) fn zone(keys: Vec<ZoneKey>) -> Arc<Zone> {
    let server =
        NameServer { name: domain("ns1.host.test"), addresses: vec!["192.0.2.53".parse().expect("v4")] };
    let mut settings =
        ZoneSettings::new(domain("host.test"), vec![server], vec!["192.0.2.80".parse().expect("v4")]);
    settings.keys = keys;
    let zone = Zone::new(settings).expect("a zone");
    let reports = protocol::tlsrpt::read_records(&["v=TLSRPTv1; rua=mailto:r@host.test"]).expect("a record");
    let hosted = Hosted::default().with_announced(&record("1")).with_reports(&reports);
    zone.put(LABEL, hosted).expect("a label");
    for service in Service::ALL {
        let name = format!("{}.lab.test", service.owner_prefix());
        zone.delegate(&name, service, LABEL).expect("a name");
    }
    Arc::new(zone)
}

pub(crate) fn serve(zone: &Arc<Zone>, limits: LimitSettings) -> (DnsServer, SocketAddr) {
    let listen = vec!["127.0.0.1:0".parse().expect("an address")];
    let settings = DnsSettings { listen, threads: None, limits };
    let server = DnsServer::start(&settings, Arc::clone(zone), Clock::system()).expect("free ports");
    let address = server.addresses()[0];
    (server, address)
}
