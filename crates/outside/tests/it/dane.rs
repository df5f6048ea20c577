//! TLSA records at the end of an alias, and the name that senders who use DANE then ask for.

use outside::TrustAnchor;
use protocol::observed::{Evidence, SessionOutcome, Tested};
use tokio::sync::mpsc;

use super::dns::{Data, Dns, a, cname, mx, tlsa};
use super::mail::{self, Script};
use super::world::{Authority, MAIL, connect, look, redirect, settings};

/// A look at a domain whose MX host is an alias, with these TLSA records.
async fn look_at(records: Vec<Data>, signed: bool) -> Evidence {
    let authority = Authority::new("Example Trust");
    let (log, _) = mpsc::unbounded_channel();
    let server = authority.server(&["mail.lab.test", "mx.lab.test"], &[authority.der()], |_| {});
    let server = mail::serve(server, Script::default(), log).await;
    let hosts = [
        ("lab.test.", mx(10, "mail.lab.test.")),
        ("mail.lab.test.", cname("mx.lab.test.")),
        ("mx.lab.test.", a(MAIL)),
    ];
    let dns = Dns::start(hosts.into_iter().chain(records).collect(), Vec::new()).await;
    let mut settings = settings(dns.address);
    if signed {
        settings.trust_anchor = TrustAnchor::Text(dns.anchor.clone());
    }
    settings.roots = authority.roots();
    connect(&mut settings, [redirect(MAIL, 25, server)]);
    look(settings).await
}

#[tokio::test]
async fn the_tlsa_base_domain_is_the_end_of_a_secure_alias() {
    let at_end = || ("_25._tcp.mx.lab.test.", tlsa(vec![7; 32]));
    let at_name = || ("_25._tcp.mail.lab.test.", tlsa(vec![8; 32]));
    for (records, signed, base, data) in [
        (vec![at_end()], true, "mx.lab.test", 7),
        (vec![at_end(), at_name()], true, "mx.lab.test", 7),
        // RFC 7672 §2.2.2: nothing at the end, so the records at the name itself count.
        (vec![at_name()], true, "mail.lab.test", 8),
        // The way to the end is not proven.
        (vec![at_end(), at_name()], false, "mail.lab.test", 8),
    ] {
        let evidence = look_at(records, signed).await;
        let host = &evidence.hosts[0];
        assert_eq!(
            (host.name.as_str(), host.a.aliases.as_slice()),
            ("mail.lab.test", &["mx.lab.test".to_owned()][..])
        );
        assert_eq!(host.tlsa.base, base);
        assert_eq!(host.tlsa.answer.name, format!("_25._tcp.{base}"));
        assert_eq!(host.tlsa.answer.records()[0].data, [data; 32]);
    }
}

#[tokio::test]
async fn the_name_sent_is_the_tlsa_base_domain_too_where_it_differs() {
    for (owner, expected) in
        [("_25._tcp.mx.lab.test.", Some("mx.lab.test")), ("_25._tcp.mail.lab.test.", None)]
    {
        let evidence = look_at(vec![(owner, tlsa(vec![7; 32]))], true).await;
        let session = &evidence.hosts[0].sessions[0];
        assert_eq!(session.outcome, SessionOutcome::Tls);
        // RFC 8461 §7.1: senders that go by MTA-STS ask for the MX host.
        assert_eq!(session.tls.as_ref().unwrap().sni.as_deref(), Some("mail.lab.test"));
        // RFC 7672 §8.1: those that use DANE ask for the TLSA base domain.
        let asked = session.at_tlsa_base.as_ref().map(|seen| match seen {
            Tested::Seen(Ok(tls)) => (tls.sni.as_deref(), tls.name_matches, tls.signature_valid),
            other => panic!("{other:?}"),
        });
        assert_eq!(asked, expected.map(|name| (Some(name), true, true)));
    }
}
