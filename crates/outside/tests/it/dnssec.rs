//! DNSSEC states of answers, validated from an anchor at the zone itself.

use outside::TrustAnchor;
use protocol::observed::{DnsFailure, NotTestedReason, Outcome, SecurityStatus, Tested};

use super::dns::{Dns, a, cname, mx, tlsa, txt};
use super::world::{MAIL, WEB, look, settings};

#[tokio::test]
async fn signed_answers_of_every_kind_are_secure() {
    let dns = Dns::start(
        vec![
            ("_mta-sts.lab.test.", cname("sts.lab.test.")),
            ("sts.lab.test.", txt("v=STSv1; id=1;")),
            ("lab.test.", mx(10, "mx.lab.test.")),
            ("mx.lab.test.", a(MAIL)),
            ("_25._tcp.mx.lab.test.", tlsa(vec![7; 32])),
            ("*.lab.test.", txt("wild")),
        ],
        Vec::new(),
    )
    .await;
    let mut settings = settings(dns.address);
    settings.trust_anchor = TrustAnchor::Text(dns.anchor.clone());
    let evidence = look(settings).await;
    assert!(evidence.record.is_secure(), "{:?}", evidence.record);
    assert_eq!(evidence.record.aliases, ["sts.lab.test"]);
    assert_eq!(evidence.record.records()[0].joined(), b"v=STSv1; id=1;");
    assert_eq!(evidence.record.ttl, Some(300));
    let host = &evidence.hosts[0];
    assert!(host.a.is_secure() && host.tlsa.answer.is_secure());
    assert_eq!(host.tlsa.answer.records()[0].data, vec![7; 32]);
    // No data, proven; and what a wildcard gives.
    assert!(host.aaaa.is_absent() && host.aaaa.is_secure(), "{:?}", host.aaaa);
    let Tested::Seen(sibling) = &evidence.surroundings.sibling else { panic!() };
    assert!(sibling.is_secure() && sibling.records()[0].joined() == b"wild", "{sibling:?}");
    assert_eq!(evidence.vantage.trust_anchor, "given for lab.test");
}

#[tokio::test]
async fn a_changed_answer_is_bogus_and_no_answer() {
    let dns = Dns::start(
        vec![("_mta-sts.lab.test.", txt("v=STSv1; id=1;")), ("lab.test.", mx(10, "mx.lab.test."))],
        vec![("_mta-sts.lab.test.", txt("v=STSv1; id=666;"))],
    )
    .await;
    let mut settings = settings(dns.address);
    settings.trust_anchor = TrustAnchor::Text(dns.anchor.clone());
    let evidence = look(settings).await;
    assert_eq!(evidence.record.outcome, Outcome::Failed(DnsFailure::Bogus));
    assert_eq!(evidence.record.security.status, SecurityStatus::Bogus);
    assert!(evidence.record.security.reason.is_some());
    assert!(evidence.mx.is_secure());
}

#[tokio::test]
async fn an_anchor_that_does_not_fit_is_our_trouble() {
    let dns = Dns::start(vec![("_mta-sts.lab.test.", txt("v=STSv1; id=1;"))], Vec::new()).await;
    let other = Dns::start(Vec::new(), Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.trust_anchor = TrustAnchor::Text(other.anchor.clone());
    let evidence = look(settings).await;
    assert_eq!(evidence.record.security.status, SecurityStatus::Indeterminate);
    assert!(evidence.record.security.reason.as_deref().unwrap_or_default().contains("trust anchor"));
    assert_eq!(evidence.record.records().len(), 1);
}

#[tokio::test]
async fn without_validation_nothing_is_claimed() {
    let dns = Dns::start(vec![("_mta-sts.lab.test.", txt("v=STSv1; id=1;"))], Vec::new()).await;
    let evidence = look(settings(dns.address)).await;
    assert_eq!(evidence.record.security.status, SecurityStatus::Unchecked);
    assert_eq!(evidence.vantage.trust_anchor, "none");
    // The server knows nothing of the root, whose SOA record is the control question, and yet it answers.
    assert_eq!(evidence.vantage.network.resolver, Tested::Seen(()));
}

#[tokio::test]
async fn a_cname_loop_is_called_one() {
    let dns = Dns::start(
        vec![
            ("_mta-sts.lab.test.", cname("b.lab.test.")),
            ("b.lab.test.", cname("_mta-sts.lab.test.")),
            ("mta-sts.lab.test.", a(WEB)),
        ],
        Vec::new(),
    )
    .await;
    let evidence = look(settings(dns.address)).await;
    assert_eq!(evidence.record.outcome, Outcome::Failed(DnsFailure::CnameLoop));
}

#[tokio::test]
async fn a_resolver_that_is_not_there_is_our_trouble() {
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let evidence = look(settings(nobody)).await;
    for outcome in [&evidence.record.outcome, &evidence.tlsrpt.outcome] {
        let Outcome::NotTested(why) = outcome else { panic!("{outcome:?}") };
        assert_eq!(why.reason, NotTestedReason::ResolverDown);
    }
    let Tested::NotTested(why) = &evidence.vantage.network.resolver else { panic!() };
    assert!(why.text.contains("nothing listens"), "{}", why.text);
    assert!(evidence.hosts.is_empty() && evidence.policy_host.fetches.is_empty());
}
