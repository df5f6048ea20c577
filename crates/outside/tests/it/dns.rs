//! An authoritative server for the signed zone `lab.test.`, asked as if it were a resolver.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::dnssec::crypto::EcdsaSigningKey;
use hickory_proto::dnssec::rdata::DNSKEY;
use hickory_proto::dnssec::{Algorithm, DigestType, DnssecSigner, SigningKey};
use hickory_proto::rr::rdata::{CNAME, MX, NS, SOA, TLSA, TXT, tlsa};
use hickory_proto::rr::{Name, RData, Record, RecordSet, RecordType, RrKey};
use hickory_server::Server;
use hickory_server::dnssec::NxProofKind;
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use tokio::net::{TcpListener, UdpSocket};

/// A running server.
pub(crate) struct Dns {
    pub(crate) address: SocketAddr,
    /// The zone's DS record: a trust anchor below the root.
    pub(crate) anchor: String,
    _server: Server<Catalog>,
}

/// One record: owner, data.
pub(crate) type Data = (&'static str, RData);

pub(crate) fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

pub(crate) fn txt(text: &str) -> RData {
    RData::TXT(TXT::new(vec![text.to_owned()]))
}

pub(crate) fn mx(preference: u16, host: &str) -> RData {
    RData::MX(MX::new(preference, name(host)))
}

pub(crate) fn cname(target: &str) -> RData {
    RData::CNAME(CNAME(name(target)))
}

pub(crate) fn a(address: &str) -> RData {
    RData::A(address.parse::<std::net::Ipv4Addr>().unwrap().into())
}

pub(crate) fn tlsa(data: Vec<u8>) -> RData {
    RData::TLSA(TLSA::new(tlsa::CertUsage::DaneEe, tlsa::Selector::Spki, tlsa::Matching::Sha256, data))
}

impl Dns {
    /// Serves `lab.test.` with these records; those of `forged` are changed after signing.
    pub(crate) async fn start(records: Vec<Data>, forged: Vec<Data>) -> Self {
        let origin = name("lab.test.");
        let proof = NxProofKind::Nsec3 {
            algorithm: Default::default(),
            salt: Arc::from([]),
            iterations: 0,
            opt_out: false,
        };
        let mut all = BTreeMap::new();
        let soa = SOA::new(name("ns.lab.test."), name("hostmaster.lab.test."), 1, 3600, 600, 86400, 300);
        let fixed = [
            ("lab.test.", RData::SOA(soa)),
            ("lab.test.", RData::NS(NS(name("ns.lab.test.")))),
            ("ns.lab.test.", a("192.0.2.53")),
        ];
        for (owner, data) in fixed.into_iter().chain(records) {
            let key = RrKey::new(name(owner).into(), data.record_type());
            let set: &mut RecordSet =
                all.entry(key).or_insert_with(|| RecordSet::new(name(owner), data.record_type(), 0));
            set.insert(Record::from_rdata(name(owner), 300, data), 0);
        }
        let mut zone = InMemoryZoneHandler::<hickory_server::net::runtime::TokioRuntimeProvider>::new(
            origin.clone(),
            all,
            ZoneType::Primary,
            AxfrPolicy::Deny,
            Some(proof),
        )
        .unwrap();
        let pkcs8 = EcdsaSigningKey::generate_pkcs8(Algorithm::ECDSAP256SHA256).unwrap();
        let key = EcdsaSigningKey::from_pkcs8(&pkcs8, Algorithm::ECDSAP256SHA256).unwrap();
        let dnskey = DNSKEY::from_key(&key.to_public_key().unwrap());
        let digest = dnskey.to_digest(&origin, DigestType::SHA256).unwrap();
        let hex: String = digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
        let anchor = format!("lab.test. IN DS {} 13 2 {hex}", dnskey.calculate_key_tag().unwrap());
        let signer = DnssecSigner::new(dnskey, Box::new(key), origin.clone(), Duration::from_secs(86400));
        zone.add_zone_signing_key_mut(signer).unwrap();
        zone.secure_zone_mut().unwrap();
        for (owner, data) in forged {
            forge(&mut zone, owner, data);
        }
        let mut catalog = Catalog::new();
        catalog.upsert(origin.into(), vec![Arc::new(zone)]);
        let mut server = Server::new(catalog);
        let (udp, tcp) = sockets().await;
        let address = udp.local_addr().unwrap();
        server.register_socket(udp);
        server.register_listener(tcp, Duration::from_secs(5), 65_535);
        Self { address, anchor, _server: server }
    }
}

/// A UDP and a TCP socket of the same number, which somebody else may just have taken.
pub(crate) async fn sockets() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

fn forge(zone: &mut InMemoryZoneHandler, owner: &str, data: RData) {
    let kind: RecordType = data.record_type();
    let records = zone.records_get_mut();
    let set = records.get_mut(&RrKey::new(name(owner).into(), kind)).unwrap();
    let signatures: Vec<Record> = set.rrsigs().to_vec();
    let mut changed = RecordSet::new(name(owner), kind, 0);
    changed.insert(Record::from_rdata(name(owner), 300, data), 0);
    for signature in signatures {
        changed.insert_rrsig(signature);
    }
    *set = Arc::new(changed);
}
