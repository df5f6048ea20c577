//! Whatever octets come.

use proptest::prelude::*;

use super::*;

fn signed() -> Zone {
    let mut settings = settings();
    settings.keys = vec![ZoneKey::generate().expect("a key")];
    zone(settings)
}

/// A question that is nearly one of ours.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let label = prop_oneof![
        Just("s".to_owned()),
        Just("host".to_owned()),
        Just("test".to_owned()),
        Just(LABEL.to_owned()),
        Just("_mta-sts".to_owned()),
        "[a-zA-Z0-9]{1,63}",
    ];
    let name = proptest::collection::vec(label, 0..6).prop_map(|mut labels| {
        labels.extend(["host".to_owned(), "test".to_owned()]);
        let mut name = labels.join(".");
        while name.len() > 250 {
            name = name.split_once('.').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        }
        name
    });
    let rtype = prop_oneof![Just(16_u16), Just(1), Just(255), Just(47), Just(46), any::<u16>()];
    let edns = proptest::option::of((any::<u16>(), any::<bool>(), any::<bool>()));
    let damage = proptest::option::of((any::<proptest::sample::Index>(), any::<u8>()));
    (name, rtype, edns, damage).prop_map(|(name, rtype, edns, damage)| {
        let asking = Asking { transport: Transport::Udp, edns };
        let mut octets = question(&name, Rtype::from_int(rtype), asking);
        if let Some((at, octet)) = damage {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        octets
    })
}

fn check(zone: &Zone, asked: &[u8]) {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut desk = Desk::default();
        let Some(answer) = zone.answer(&mut desk, asked, transport, now()) else {
            // Silence is for answers and for what has no header.
            assert!(asked.len() < 12 || asked[2] & 0x80 != 0);
            continue;
        };
        let octets = answer.octets.to_vec();
        if transport == Transport::Udp {
            assert!(octets.len() <= 1232, "{} octets", octets.len());
        }
        assert_eq!(octets[..2], asked[..2], "the id");
        let message = Message::from_octets(octets).expect("a message");
        assert!(message.header().qr());
        told(&message);
        let short = Message::from_octets(desk.shorten().to_vec()).expect("a message");
        assert!(short.header().tc() && short.as_slice().len() <= asked.len());
        assert_eq!(told(&short).1.len() + told(&short).2.len(), 0);
    }
}

proptest! {
    #[test]
    fn any_octets_get_a_message_or_silence(asked in proptest::collection::vec(any::<u8>(), 0..600)) {
        check(&zone(settings()), &asked);
    }

    #[test]
    fn what_is_nearly_a_question_too(asked in nearly()) {
        check(&signed(), &asked);
    }
}

#[test]
fn answers_that_do_not_fit_ask_to_come_by_tcp() {
    let zone = zone(settings());
    let text = format!("v=TLSRPTv1; rua=mailto:{}@host.test", "r".repeat(600));
    let reports = protocol::tlsrpt::read_records(&[text]).expect("a record");
    zone.put("large", Hosted::default().with_reports(&reports)).expect("a label");
    for (asking, fits) in [
        (PLAIN, false),
        (Asking { edns: Some((600, false, false)), ..PLAIN }, false),
        (EDNS, true),
        (Asking { transport: Transport::Tcp, edns: None }, true),
    ] {
        let message = ask(&zone, "large.r.host.test", Rtype::TXT, asking);
        assert_eq!((message.header().tc(), told(&message).1.len()), (!fits, usize::from(fits)));
    }
}

#[test]
fn answers_are_not_much_larger_than_questions() {
    let zone = signed();
    let id = Service::Id.name(LABEL, "host.test");
    for (name, rtype, asking, most) in [
        (id.as_str(), Rtype::TXT, PLAIN, 2),
        (&id, Rtype::TXT, SIGNED, 4),
        (&id, Rtype::ANY, SIGNED, 4),
        (&id, Rtype::A, SIGNED, 7),
        ("x.host.test", Rtype::A, SIGNED, 10),
        ("host.test", Rtype::ANY, SIGNED, 6),
        ("host.test", Rtype::DNSKEY, SIGNED, 8),
        ("x.test", Rtype::ANY, SIGNED, 1),
    ] {
        let (asked, told) = (question(name, rtype, asking), ask(&zone, name, rtype, asking));
        let ratio = told.as_slice().len().div_ceil(asked.len());
        assert!(ratio <= most, "{name} {rtype}: {} of {} octets", told.as_slice().len(), asked.len());
    }
}
