//! Our own validator looks at what our name server signs.

use std::time::Duration;

use host::zone::{DnsServer, LimitSettings, Zone, ZoneKey};
use outside::{
    Clock, ConnectRule, Exclusion, Families, Limits, Outside, ResolverChoice, Roots, Settings, TrustAnchor,
    Watcher,
};
use protocol::observed::{DnsFailure, Evidence, Outcome, Profile, SecurityStatus};

use super::{domain, serve, zone};

/// What a look at `name` sees, with these anchors.
async fn look(address: std::net::SocketAddr, anchors: Vec<String>, name: &str) -> Evidence {
    let elsewhere =
        ConnectRule { host: None, port: None, to_address: Some([127, 0, 0, 1].into()), to_port: Some(9) };
    let settings = Settings {
        tool: "mta-sts 0.0.0".to_owned(),
        vantage: "test".to_owned(),
        profile: Profile::Full,
        resolver: ResolverChoice::Plain(address),
        trust_anchor: TrustAnchor::Text(anchors.join("\n")),
        roots: Roots::Webpki,
        // Nothing leaves this machine.
        connect_to: vec![elsewhere],
        allow_targets: Vec::new(),
        exclusion: Exclusion::default(),
        helo: "checker.example".to_owned(),
        source_ip: None,
        families: Families::Both,
        limits: Limits { dns: Duration::from_secs(5), ..Limits::default() },
    };
    let outside = Outside::new(settings, Clock::system()).expect("settings");
    outside.survey(&domain(name), &Watcher::none()).await
}

fn served(keys: Vec<ZoneKey>) -> (std::sync::Arc<Zone>, DnsServer, std::net::SocketAddr) {
    let zone = zone(keys);
    let (server, address) = serve(&zone, LimitSettings::NONE);
    (zone, server, address)
}

const ED25519: &str = "Private-key-format: v1.3\nAlgorithm: 15 (ED25519)\nPrivateKey: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

#[tokio::test]
async fn records_of_every_service_are_secure() {
    for key in [ZoneKey::generate(), ZoneKey::read(ED25519, None)] {
        let (zone, _server, address) = served(vec![key.expect("a key")]);
        let names = ["_mta-sts.lab.test", "_smtp._tls.lab.test", "mta-sts.lab.test"];
        let anchors = names.iter().flat_map(|name| zone.ds(name)).collect();
        let evidence = look(address, anchors, "lab.test").await;
        assert!(evidence.record.is_secure(), "{:?}", evidence.record);
        assert_eq!(evidence.record.records()[0].joined(), b"v=STSv1; id=1;");
        assert!(evidence.tlsrpt.is_secure(), "{:?}", evidence.tlsrpt);
        let host = &evidence.policy_host;
        assert!(host.a.is_secure() && host.a.records().len() == 1, "{:?}", host.a);
        assert!(host.aaaa.is_secure() && host.aaaa.is_absent(), "proven to be none: {:?}", host.aaaa);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_proven() {
    let (zone, _server, address) = served(vec![ZoneKey::generate().expect("a key")]);
    let evidence = look(address, zone.ds("host.test"), "nobody.host.test").await;
    assert!(evidence.record.is_secure() && evidence.record.is_absent(), "{:?}", evidence.record);
    assert!(evidence.mx.is_secure() && evidence.mx.is_absent(), "{:?}", evidence.mx);
}

#[tokio::test]
async fn another_key_is_bogus() {
    let (_, _server, address) = served(vec![ZoneKey::generate().expect("a key")]);
    let (other, _other_server, _) = served(vec![ZoneKey::generate().expect("a key")]);
    let evidence = look(address, other.ds("_mta-sts.lab.test"), "lab.test").await;
    assert_ne!(evidence.record.security.status, SecurityStatus::Secure);
    assert!(
        !matches!(evidence.record.outcome, Outcome::Failed(DnsFailure::Timeout)),
        "{:?}",
        evidence.record
    );
}
