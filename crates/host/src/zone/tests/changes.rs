//! What changes while it is answered.

use super::*;

fn texts(zone: &Zone, name: &str) -> Vec<String> {
    told(&ask(zone, name, Rtype::TXT, PLAIN)).1
}

#[test]
fn a_change_is_seen_by_the_next_question() {
    let zone = zone(settings());
    let name = Service::Id.name("new", "host.test");
    assert_eq!(texts(&zone, &name), Vec::<String>::new());
    zone.put("new", Hosted::default().with_announced(&record("1"))).expect("a label");
    assert_eq!(texts(&zone, &name), [format!("{name} 300 TXT \"v=STSv1; id=1;\"")]);
    assert!(zone.remove("new") && !zone.remove("new"));
    assert_eq!(told(&ask(&zone, &name, Rtype::TXT, PLAIN)).0, OptRcode::NXDOMAIN);
    assert_eq!(zone.len(), 1);
    let all = (0..1000).map(|n| (format!("l{n}").into(), Hosted::default().with_announced(&record("2"))));
    zone.fill(all).expect("labels");
    assert_eq!(zone.len(), 1000);
    assert_eq!(texts(&zone, "l999.s.host.test"), ["l999.s.host.test 300 TXT \"v=STSv1; id=2;\""]);
}

#[test]
fn other_settings_keep_the_hosted_domains() {
    let zone = zone(settings());
    let mut other = settings();
    other.apex = domain("other.test");
    other.times.id = 60;
    zone.reload(other).expect("a zone");
    assert_eq!(&*zone.apex(), "other.test");
    let name = Service::Id.name(LABEL, "other.test");
    assert_eq!(texts(&zone, &name), [format!("{name} 60 TXT \"v=STSv1; id=20260101a;\"")]);
    assert_eq!(told(&ask(&zone, "host.test", Rtype::SOA, PLAIN)).0, OptRcode::REFUSED);
    let mut none = settings();
    none.servers.clear();
    assert!(zone.reload(none).is_err());
    assert_eq!(texts(&zone, &name).len(), 1, "those before stay");
}

#[test]
fn an_id_is_replaced_only_where_it_was_seen() {
    let zone = zone(settings());
    for name in [Service::Id.name(LABEL, "host.test"), "_mta-sts.example.test".to_owned()] {
        zone.put(LABEL, Hosted::default().with_announced(&record("1"))).expect("a label");
        let (seen, times) = zone.announced(&name).expect("it is answered here");
        assert_eq!((seen.as_deref(), times), (Some(b"v=STSv1; id=1;".as_slice()), Times::default()));
        assert_eq!(zone.announce(&name, None, &record("2")), Some(false));
        assert_eq!(zone.announce(&name, seen.as_deref(), &record("2")), Some(true));
        assert_eq!(zone.announce(&name, seen.as_deref(), &record("3")), Some(false));
        assert_eq!(texts(&zone, &name), [format!("{name} 300 TXT \"v=STSv1; id=2;\"")]);
    }
    for name in ["x.s.host.test", "_mta-sts.other.test", "new.r.host.test", "host.test", "a..b"] {
        assert_eq!(zone.announce(name, None, &record("2")), None, "{name}");
    }
}

#[test]
fn labels_and_delegations_are_checked() {
    let zone = zone(settings());
    for label in ["", "a.b", "A", "ü", &"a".repeat(64)] {
        assert!(zone.put(label, Hosted::default()).is_err(), "{label}");
    }
    for (name, service) in [
        ("_smtp._tls.example.test", Service::Id),
        ("_mta-sts", Service::Id),
        ("x_mta-sts.example.test", Service::Id),
        ("_mta-sts.a..b", Service::Id),
        ("_mta-sts.example.test", Service::Policy),
    ] {
        assert!(zone.delegate(name, service, LABEL).is_err(), "{name}");
    }
    zone.delegate("mta-sts.example.test", Service::Policy, LABEL).expect("a name");
    assert_eq!(told(&ask(&zone, "mta-sts.example.test", Rtype::A, PLAIN)).1.len(), 2);
}
