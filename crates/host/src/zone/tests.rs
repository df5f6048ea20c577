//! Answers, question by question.

mod changes;
mod hostile;
mod signatures;

use domain::base::iana::{Class, OptRcode, Rtype};
use domain::base::{Message, MessageBuilder, Name};
use jiff::Timestamp;
use protocol::Domain;

use super::*;

/// The label of the one hosted domain.
const LABEL: &str = "k3xq9v2m7t5w1z8y";

fn domain(text: &str) -> Domain {
    Domain::parse(text).expect("a domain")
}

fn record(id: &str) -> sts::Record {
    sts::Record { id: id.to_owned(), extensions: Vec::new() }
}

fn settings() -> ZoneSettings {
    let inside = NameServer {
        name: domain("ns1.host.test"),
        addresses: vec!["192.0.2.53".parse().expect("v4"), "2001:db8::53".parse().expect("v6")],
    };
    let outside = NameServer { name: domain("ns.elsewhere.test"), addresses: Vec::new() };
    let addresses = ["192.0.2.80", "192.0.2.81", "2001:db8::80"];
    let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
    let mut settings = ZoneSettings::new(domain("host.test"), vec![inside, outside], addresses);
    settings.issuers = vec![Caa { critical: false, tag: "issue".into(), value: "ca.test".into() }];
    settings
}

fn zone(settings: ZoneSettings) -> Zone {
    let zone = Zone::new(settings).expect("a zone");
    let reports = protocol::tlsrpt::read_records(&["v=TLSRPTv1; rua=mailto:r@host.test"]).expect("a record");
    let hosted = Hosted::default().with_announced(&record("20260101a")).with_reports(&reports);
    zone.put(LABEL, hosted).expect("a label");
    zone.put("new", Hosted::default()).expect("a label");
    zone.delegate("_mta-sts.example.test", Service::Id, LABEL).expect("a name");
    zone.delegate("_smtp._tls.example.test.", Service::Reports, LABEL).expect("a name");
    zone
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

/// How a question is asked.
#[derive(Clone, Copy)]
struct Asking {
    transport: Transport,
    /// Size, DO, CO.
    edns: Option<(u16, bool, bool)>,
}

const PLAIN: Asking = Asking { transport: Transport::Udp, edns: None };
const EDNS: Asking = Asking { transport: Transport::Udp, edns: Some((1232, false, false)) };
const SIGNED: Asking = Asking { transport: Transport::Udp, edns: Some((1232, true, false)) };
const COMPACT: Asking = Asking { transport: Transport::Udp, edns: Some((1232, true, true)) };

fn question(name: &str, rtype: Rtype, asking: Asking) -> Vec<u8> {
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_id(0x1234);
    message.header_mut().set_rd(true);
    let mut message = message.question();
    message.push((Name::<Vec<u8>>::vec_from_str(name).expect("a name"), rtype)).expect("room");
    let mut message = message.additional();
    if let Some((size, dnssec_ok, compact_ok)) = asking.edns {
        message
            .opt(|opt| {
                opt.set_udp_payload_size(size);
                opt.set_dnssec_ok(dnssec_ok);
                Ok(())
            })
            .expect("room");
        let mut octets = message.finish();
        if compact_ok {
            let flags = octets.len() - 4;
            octets[flags] |= 0x40;
        }
        return octets;
    }
    message.finish()
}

fn ask(zone: &Zone, name: &str, rtype: Rtype, asking: Asking) -> Message<Vec<u8>> {
    let mut desk = Desk::default();
    let asked = question(name, rtype, asking);
    let answer = zone.answer(&mut desk, &asked, asking.transport, now()).expect("an answer");
    let message = Message::from_octets(answer.octets.to_vec()).expect("a message");
    assert!(message.header().qr() && !message.header().ra() && message.header().rd());
    assert_eq!(message.header().id(), 0x1234);
    assert_eq!(message.opt().is_some(), asking.edns.is_some(), "EDNS is answered with EDNS, and only then");
    message
}

/// Code, records of the answer and of the authority, as text.
fn told(message: &Message<Vec<u8>>) -> (OptRcode, Vec<String>, Vec<String>) {
    let shown = |section: domain::base::RecordSection<'_, Vec<u8>>| {
        section
            .map(|record| {
                let record = record.expect("readable");
                let record =
                    record.into_any_record::<domain::rdata::AllRecordData<_, _>>().expect("known data");
                assert_eq!(record.class(), Class::IN);
                let data = match record.data() {
                    domain::rdata::AllRecordData::Rrsig(signature) => {
                        format!("{} by {}", signature.type_covered(), signature.signer_name())
                    }
                    data => data.to_string(),
                };
                format!("{} {} {} {data}", record.owner(), record.ttl().as_secs(), record.rtype())
            })
            .collect()
    };
    let (answer, authority) = (message.answer().expect("readable"), message.authority().expect("readable"));
    (message.opt_rcode(), shown(answer), shown(authority))
}

const SOA: &str = "host.test 60 SOA ns1.host.test. hostmaster.host.test. 1 86400 3600 2419200 60";

#[test]
fn names_of_a_hosted_domain() {
    let zone = zone(settings());
    let name = |service: Service| service.name(LABEL, "host.test");
    for (service, rtype, records) in [
        (Service::Id, Rtype::TXT, vec!["300 TXT \"v=STSv1; id=20260101a;\""]),
        (Service::Reports, Rtype::TXT, vec!["3600 TXT \"v=TLSRPTv1; rua=mailto:r@host.test;\""]),
        (Service::Policy, Rtype::A, vec!["300 A 192.0.2.80", "300 A 192.0.2.81"]),
        (Service::Policy, Rtype::AAAA, vec!["300 AAAA 2001:db8::80"]),
        (Service::Policy, Rtype::CAA, vec!["3600 CAA 0 issue \"ca.test\""]),
    ] {
        for asking in [PLAIN, EDNS, SIGNED] {
            let message = ask(&zone, &name(service), rtype, asking);
            assert!(message.header().aa());
            let wanted: Vec<String> =
                records.iter().map(|record| format!("{} {record}", name(service))).collect();
            assert_eq!(told(&message), (OptRcode::NOERROR, wanted, vec![]), "{service:?} {rtype}");
        }
    }
}

#[test]
fn what_is_not_there_is_said_with_the_reason() {
    let zone = zone(settings());
    let label = |front: &str| format!("{front}{LABEL}.s.host.test");
    for (name, rtype, rcode) in [
        (label(""), Rtype::A, OptRcode::NOERROR),
        (label(""), Rtype::DS, OptRcode::NOERROR),
        ("new.s.host.test".into(), Rtype::TXT, OptRcode::NOERROR),
        ("new.r.host.test".into(), Rtype::TXT, OptRcode::NOERROR),
        ("s.host.test".into(), Rtype::TXT, OptRcode::NOERROR),
        ("p.host.test".into(), Rtype::ANY, OptRcode::NOERROR),
        ("host.test".into(), Rtype::TXT, OptRcode::NOERROR),
        ("host.test".into(), Rtype::DNSKEY, OptRcode::NOERROR),
        (label("a."), Rtype::TXT, OptRcode::NXDOMAIN),
        (label("x"), Rtype::TXT, OptRcode::NXDOMAIN),
        (format!("{LABEL}.x.host.test"), Rtype::TXT, OptRcode::NXDOMAIN),
        (format!("{LABEL}.host.test"), Rtype::TXT, OptRcode::NXDOMAIN),
        ("a\\.b.s.host.test".into(), Rtype::TXT, OptRcode::NXDOMAIN),
        ("*.s.host.test".into(), Rtype::TXT, OptRcode::NXDOMAIN),
    ] {
        for asking in [PLAIN, SIGNED, COMPACT] {
            let message = ask(&zone, &name, rtype, asking);
            assert!(message.header().aa());
            assert_eq!(told(&message), (rcode, vec![], vec![SOA.to_owned()]), "{name} {rtype}");
        }
    }
}

#[test]
fn the_zone_itself_and_its_servers() {
    let zone = zone(settings());
    for (name, rtype, records) in [
        (
            "host.test",
            Rtype::SOA,
            vec!["3600 SOA ns1.host.test. hostmaster.host.test. 1 86400 3600 2419200 60"],
        ),
        ("host.test", Rtype::NS, vec!["3600 NS ns1.host.test.", "3600 NS ns.elsewhere.test."]),
        ("ns1.host.test", Rtype::A, vec!["3600 A 192.0.2.53"]),
        ("NS1.Host.TEST", Rtype::AAAA, vec!["3600 AAAA 2001:db8::53"]),
        (
            "host.test",
            Rtype::ANY,
            vec!["3600 SOA ns1.host.test. hostmaster.host.test. 1 86400 3600 2419200 60"],
        ),
    ] {
        let mut wanted: Vec<String> = records.iter().map(|record| format!("{name} {record}")).collect();
        let (rcode, mut records, authority) = told(&ask(&zone, name, rtype, EDNS));
        wanted.sort();
        records.sort();
        assert_eq!((rcode, records, authority), (OptRcode::NOERROR, wanted, vec![]), "{name} {rtype}");
    }
}

#[test]
fn names_that_are_delegated_to_us() {
    let zone = zone(settings());
    let soa = "_mta-sts.example.test 60 SOA ns1.host.test. hostmaster.host.test. 1 86400 3600 2419200 60";
    for (name, rtype, rcode, answer, authority) in [
        (
            "_mta-sts.example.test",
            Rtype::TXT,
            OptRcode::NOERROR,
            Some("_mta-sts.example.test 300 TXT \"v=STSv1; id=20260101a;\""),
            None,
        ),
        (
            "_SMTP._TLS.example.test",
            Rtype::TXT,
            OptRcode::NOERROR,
            Some("_SMTP._TLS.example.test 3600 TXT \"v=TLSRPTv1; rua=mailto:r@host.test;\""),
            None,
        ),
        ("_mta-sts.example.test", Rtype::MX, OptRcode::NOERROR, None, Some(soa)),
        ("a._mta-sts.example.test", Rtype::TXT, OptRcode::NXDOMAIN, None, Some(soa)),
    ] {
        let text = |record: Option<&str>| record.map(str::to_owned).into_iter().collect::<Vec<_>>();
        let wanted = (rcode, text(answer), text(authority));
        assert_eq!(told(&ask(&zone, name, rtype, EDNS)), wanted, "{name} {rtype}");
    }
    let (_, servers, _) = told(&ask(&zone, "_mta-sts.example.test", Rtype::NS, EDNS));
    assert_eq!(servers.len(), 2, "{servers:?}");
    assert!(zone.undelegate("_mta-sts.Example.test."));
    let message = ask(&zone, "_mta-sts.example.test", Rtype::TXT, EDNS);
    assert_eq!(told(&message), (OptRcode::REFUSED, vec![], vec![]));
}

#[test]
fn what_is_not_ours_is_refused() {
    let zone = zone(settings());
    for (name, rtype, rcode) in [
        ("example.test", Rtype::TXT, OptRcode::REFUSED),
        ("test", Rtype::SOA, OptRcode::REFUSED),
        (".", Rtype::NS, OptRcode::REFUSED),
        ("_tls.example.test", Rtype::TXT, OptRcode::REFUSED),
        ("mta-sts.example.test", Rtype::A, OptRcode::REFUSED),
        ("nothost.test", Rtype::SOA, OptRcode::REFUSED),
        ("host.test", Rtype::AXFR, OptRcode::REFUSED),
        ("host.test", Rtype::IXFR, OptRcode::REFUSED),
        ("host.test", Rtype::NXNAME, OptRcode::FORMERR),
        ("host.test", Rtype::OPT, OptRcode::FORMERR),
    ] {
        let message = ask(&zone, name, rtype, EDNS);
        assert!(!message.header().aa());
        assert_eq!(told(&message), (rcode, vec![], vec![]), "{name} {rtype}");
    }
}

#[test]
fn settings_that_make_no_zone() {
    let server = |name: &str, addresses: &[&str]| NameServer {
        name: domain(name),
        addresses: addresses.iter().map(|address| address.parse().expect("an address")).collect(),
    };
    let many: Vec<String> = (0..90).map(|n| format!("192.0.2.{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let with = |servers| ZoneSettings::new(domain("host.test"), servers, Vec::new());
    let fault = |settings| Zone::new(settings).err().map(|fault| fault.to_string()).unwrap_or_default();
    for (servers, words) in [
        (vec![], "no name server"),
        (vec![server("ns.host.test", &[])], "addresses must be given"),
        (vec![server("host.test", &["192.0.2.1"])], "one label below"),
        (vec![server("p.host.test", &["192.0.2.1"])], "one label below"),
        (vec![server("a.b.host.test", &["192.0.2.1"])], "one label below"),
        (vec![server("ns.test", &[]), server("ns.test", &[])], "twice"),
        (vec![server("ns.host.test", &many)], "too many addresses"),
    ] {
        let fault = fault(with(servers));
        assert!(fault.contains(words), "{fault}");
    }
    let long = ["a"; 95].join(".");
    assert!(
        fault(ZoneSettings::new(domain(&long), vec![server("ns.test", &[])], vec![])).contains("too long")
    );
    let mut settings = settings();
    settings.times.id = 86_401;
    assert!(fault(settings).contains("86401"));
}
