//! Signatures: which there are, and how long they are used. That they hold is for validators to say (tests/it/zone.rs).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;

use super::*;

fn signed(keys: Vec<ZoneKey>) -> Zone {
    let mut settings = settings();
    settings.keys = keys;
    zone(settings)
}

fn key() -> ZoneKey {
    ZoneKey::generate().expect("a key")
}

/// The key as one that is no entry point.
fn other(key: &ZoneKey) -> ZoneKey {
    let public = STANDARD.encode(&key.data()[4..]);
    let secret = key.secret_text().expect("its secret");
    ZoneKey::read(&secret, Some(&format!("; a key\nhost.test. IN DNSKEY 256 3 13 {public}\n")))
        .expect("a key")
}

#[test]
fn everything_is_signed_for_who_asks() {
    let zone = signed(vec![key()]);
    let id = Service::Id.name(LABEL, "host.test");
    let text = format!("{id} 300 TXT \"v=STSv1; id=20260101a;\"");
    assert_eq!(told(&ask(&zone, &id, Rtype::TXT, EDNS)).1, std::slice::from_ref(&text));
    assert_eq!(zone.signatures(), 0);
    let signature = format!("{id} 300 RRSIG TXT by host.test");
    assert_eq!(told(&ask(&zone, &id, Rtype::TXT, SIGNED)).1, [text, signature]);
    let (rcode, answer, authority) = told(&ask(&zone, &id, Rtype::A, SIGNED));
    assert_eq!((rcode, answer.len()), (OptRcode::NOERROR, 0));
    let nsec = format!("{id} 60 NSEC \\000.{id}. TXT RRSIG NSEC");
    let wanted = [
        SOA.to_owned(),
        "host.test 60 RRSIG SOA by host.test".to_owned(),
        nsec.clone(),
        format!("{id} 60 RRSIG NSEC by host.test"),
    ];
    assert_eq!(authority, wanted);
    // Who asks for the proof gets it.
    assert_eq!(told(&ask(&zone, &id, Rtype::NSEC, SIGNED)).1[0], nsec);
}

#[test]
fn the_code_says_that_there_is_no_such_name_to_who_can_hear_it() {
    let zone = signed(vec![key()]);
    for (asking, rcode, records) in
        [(EDNS, OptRcode::NXDOMAIN, 1), (SIGNED, OptRcode::NOERROR, 4), (COMPACT, OptRcode::NXDOMAIN, 4)]
    {
        let (found, answer, authority) = told(&ask(&zone, "No.host.test", Rtype::TXT, asking));
        assert_eq!((found, answer.len(), authority.len()), (rcode, 0, records));
        if records == 4 {
            assert_eq!(authority[2], "No.host.test 60 NSEC \\000.no.host.test. RRSIG NSEC NXNAME");
        }
    }
}

#[test]
fn delegated_zones_sign_for_themselves() {
    let zone = signed(vec![key()]);
    let (_, answer, _) = told(&ask(&zone, "_mta-sts.example.test", Rtype::DNSKEY, SIGNED));
    assert_eq!(answer.len(), 2);
    assert_eq!(answer[1], "_mta-sts.example.test 3600 RRSIG DNSKEY by _mta-sts.example.test");
    assert!(zone.ds("_mta-sts.example.test")[0].starts_with("_mta-sts.example.test. IN DS "));
    assert_ne!(zone.ds("_mta-sts.example.test")[0].split_once(' '), zone.ds("host.test")[0].split_once(' '));
}

#[test]
fn signatures_are_used_again_and_made_anew_in_time() {
    let zone = signed(vec![key()]);
    let id = Service::Id.name(LABEL, "host.test");
    let mut desk = Desk::default();
    let mut at = |when: Timestamp| {
        let asked = question(&id, Rtype::TXT, SIGNED);
        zone.answer(&mut desk, &asked, Transport::Udp, when).expect("an answer").octets.to_vec()
    };
    let first = at(now());
    assert_eq!(at(now() + SignedDuration::from_hours(71)), first);
    assert_eq!(zone.signatures(), 1);
    let second = at(now() + SignedDuration::from_hours(73));
    assert_ne!(second, first);
    assert_eq!(zone.signatures(), 2);
    // The clock was set back to before it was made.
    at(now());
    assert_eq!(zone.signatures(), 3);
    // Names that do not exist are not kept, the zone's own records are.
    for _ in 0..3 {
        ask(&zone, "no.host.test", Rtype::TXT, SIGNED);
    }
    assert_eq!(zone.signatures(), 3 + 1 + 3);
}

#[test]
fn each_key_has_its_part() {
    let (entry, zone_key) = (key(), other(&key()));
    let (entry_tag, zone_tag) = (entry.tag(), zone_key.tag());
    assert!(entry.is_entry() && !zone_key.is_entry());
    let zone = signed(vec![entry, zone_key]);
    let tags = |name: &str, rtype| -> Vec<u16> {
        let message = ask(&zone, name, rtype, SIGNED);
        let answer = message.answer().expect("readable").limit_to::<domain::rdata::Rrsig<_, _>>();
        answer.map(|record| record.expect("readable").data().key_tag()).collect()
    };
    assert_eq!(tags("host.test", Rtype::DNSKEY), [entry_tag]);
    assert_eq!(tags("host.test", Rtype::SOA), [zone_tag]);
    assert_eq!(zone.ds("host.test").len(), 1);
    // Two entry points and nothing else: the first signs, both vouch for the keys.
    let (first, second) = (key(), key());
    let mut both = [first.tag(), second.tag()];
    both.sort_unstable();
    let soa = [first.tag()];
    let zone = signed(vec![first, second]);
    let tags = |rtype| -> Vec<u16> {
        let message = ask(&zone, "host.test", rtype, SIGNED);
        let answer = message.answer().expect("readable").limit_to::<domain::rdata::Rrsig<_, _>>();
        answer.map(|record| record.expect("readable").data().key_tag()).collect()
    };
    let mut found = tags(Rtype::DNSKEY);
    found.sort_unstable();
    assert_eq!((found.as_slice(), tags(Rtype::SOA).as_slice()), (both.as_slice(), soa.as_slice()));
    assert_eq!(told(&ask(&zone, "host.test", Rtype::CDS, EDNS)).1.len(), 2);
}

#[test]
fn too_many_signatures_by_udp_lead_to_tcp() {
    let zone = signed(vec![key()]);
    let mut truncated = 0_u64;
    for number in 0..10_050 {
        let message = ask(&zone, &format!("n{number}.host.test"), Rtype::A, SIGNED);
        truncated += u64::from(message.header().tc());
    }
    // All at one moment: what two seconds bring, one of them for the SOA record.
    assert!((1..50).contains(&truncated), "{truncated}");
    assert_eq!(zone.signatures() + truncated, 10_051);
    let by_tcp = Asking { transport: Transport::Tcp, ..SIGNED };
    assert_eq!(told(&ask(&zone, "n.host.test", Rtype::A, by_tcp)).2.len(), 4);
}
