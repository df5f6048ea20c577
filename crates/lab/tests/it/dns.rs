use domain::base::Rtype;
use domain::base::iana::Rcode;
use domain::dnssec::validator::context::ValidationState;
use lab::View;

use crate::lab;
use crate::validator::Validator;

/// Everything that a checker asks of a healthy domain, and of names that do not exist.
#[tokio::test]
async fn a_healthy_domain_is_secure_in_every_answer() {
    let lab = lab(&["healthy"]).await;
    let validator = Validator::new(lab.resolver(View::Now), &lab.trust_anchor());
    let questions = [
        ("healthy.test", Rtype::MX, Rcode::NOERROR),
        ("healthy.test", Rtype::NS, Rcode::NOERROR),
        ("healthy.test", Rtype::SOA, Rcode::NOERROR),
        ("healthy.test", Rtype::DNSKEY, Rcode::NOERROR),
        ("healthy.test", Rtype::DS, Rcode::NOERROR),
        ("healthy.test", Rtype::TXT, Rcode::NOERROR),
        ("test", Rtype::DS, Rcode::NOERROR),
        (".", Rtype::DNSKEY, Rcode::NOERROR),
        (".", Rtype::TXT, Rcode::NOERROR),
        ("_mta-sts.healthy.test", Rtype::TXT, Rcode::NOERROR),
        ("_mta-sts.healthy.test", Rtype::DS, Rcode::NOERROR),
        ("_smtp._tls.healthy.test", Rtype::TXT, Rcode::NOERROR),
        ("_tls.healthy.test", Rtype::TXT, Rcode::NOERROR),
        ("mta-sts.healthy.test", Rtype::A, Rcode::NOERROR),
        ("mta-sts.healthy.test", Rtype::AAAA, Rcode::NOERROR),
        ("mta-sts.healthy.test", Rtype::CNAME, Rcode::NOERROR),
        ("mx1.healthy.test", Rtype::A, Rcode::NOERROR),
        ("_25._tcp.mx1.healthy.test", Rtype::TLSA, Rcode::NOERROR),
        ("_26._tcp.mx1.healthy.test", Rtype::TLSA, Rcode::NXDOMAIN),
        ("_25._tcp.mx2.healthy.test", Rtype::TLSA, Rcode::NXDOMAIN),
        ("_mta_sts.healthy.test", Rtype::TXT, Rcode::NXDOMAIN),
        ("a.b.c.healthy.test", Rtype::A, Rcode::NXDOMAIN),
        ("nowhere.test", Rtype::MX, Rcode::NXDOMAIN),
        ("nowhere.invalid", Rtype::MX, Rcode::NXDOMAIN),
        ("reports.test", Rtype::MX, Rcode::NOERROR),
        ("mx1.reports.test", Rtype::AAAA, Rcode::NOERROR),
        ("ns1.nic.test", Rtype::A, Rcode::NOERROR),
    ];
    for (name, kind, code) in questions {
        let (state, rcode, reason) = validator.state(name, kind).await;
        assert_eq!((state, rcode), (ValidationState::Secure, code), "{name} {kind}: {reason}");
    }
}

/// A question, what the validator makes of the answer, and its code.
type Case = (&'static str, &'static str, Rtype, ValidationState, Rcode);

#[tokio::test]
async fn odd_zones_are_what_their_scenarios_say() {
    use Rcode as R;
    use Rtype as T;
    use ValidationState::{Bogus, Insecure, Secure};
    let cases: &[Case] = &[
        ("dnssec-missing", "dnssec-missing.test", T::MX, Insecure, R::NOERROR),
        ("dnssec-missing", "dnssec-missing.test", T::DS, Secure, R::NOERROR),
        ("dnssec-missing", "none.dnssec-missing.test", T::A, Insecure, R::NXDOMAIN),
        ("dane-insecure", "_25._tcp.mx1.dane-insecure.test", T::TLSA, Insecure, R::NOERROR),
        ("dnssec-expired", "dnssec-expired.test", T::MX, Bogus, R::NOERROR),
        ("dnssec-wrong-ds", "dnssec-wrong-ds.test", T::MX, Bogus, R::NOERROR),
        ("dnssec-stripped", "dnssec-stripped.test", T::MX, Bogus, R::NOERROR),
        ("record-bogus", "_mta-sts.record-bogus.test", T::TXT, Bogus, R::NOERROR),
        ("record-bogus", "record-bogus.test", T::MX, Secure, R::NOERROR),
        ("record-wildcard", "_mta-sts.record-wildcard.test", T::TXT, Secure, R::NOERROR),
        ("record-wildcard", "any.thing.record-wildcard.test", T::TXT, Secure, R::NOERROR),
        ("record-wildcard", "any.thing.record-wildcard.test", T::MX, Secure, R::NOERROR),
        ("record-cname", "_mta-sts.record-cname.test", T::TXT, Secure, R::NOERROR),
        ("record-cname-dangling", "_mta-sts.record-cname-dangling.test", T::TXT, Secure, R::NXDOMAIN),
        ("record-cname-endless", "_mta-sts.record-cname-endless.test", T::TXT, Bogus, R::SERVFAIL),
        ("healthy-delegated", "_mta-sts.healthy-delegated.test", T::TXT, Secure, R::NOERROR),
        ("healthy-delegated", "mta-sts.healthy-delegated.test", T::AAAA, Secure, R::NOERROR),
        ("healthy-upper-case", "healthy-upper-case.test", T::MX, Secure, R::NOERROR),
        ("healthy-two-strings", "_mta-sts.healthy-two-strings.test", T::TXT, Secure, R::NOERROR),
        ("healthy-over-tcp", "_mta-sts.healthy-over-tcp.test", T::TXT, Secure, R::NOERROR),
        ("dane-bogus", "_25._tcp.mx1.dane-bogus.test", T::TLSA, Bogus, R::NOERROR),
        ("dane-missing", "_25._tcp.mx1.dane-missing.test", T::TLSA, Secure, R::NXDOMAIN),
        ("hostile-many-mx", "hostile-many-mx.test", T::MX, Secure, R::NOERROR),
        ("hostile-many-mx", "m77.pool.hostile-many-mx.test", T::A, Secure, R::NOERROR),
        ("hostile-large-text", "_mta-sts.hostile-large-text.test", T::TXT, Secure, R::NOERROR),
        ("mx-null", "mx-null.test", T::MX, Secure, R::NOERROR),
        ("tlsrpt-rua-no-mail", "tlsrpt-rua-no-mail-silent.test", T::MX, Secure, R::NOERROR),
        ("xn--bcher-kva", "_mta-sts.xn--bcher-kva.test", T::TXT, Secure, R::NOERROR),
    ];
    let mut names: Vec<&str> = cases.iter().map(|case| case.0).collect();
    names.dedup();
    let lab = lab(&names).await;
    let validator = Validator::new(lab.resolver(View::Now), &lab.trust_anchor());
    for (_, name, kind, state, code) in cases {
        let (found, rcode, reason) = validator.state(name, *kind).await;
        // What is SERVFAIL has no state of its own.
        let found = if rcode == Rcode::SERVFAIL { *state } else { found };
        assert_eq!((found, rcode), (*state, *code), "{name} {kind}: {reason}");
    }
}

#[tokio::test]
async fn faulty_servers_do_as_they_are_told() {
    let lab = lab(&[
        "record-servfail",
        "record-refused",
        "hostile-huge-text",
        "record-cname-loop",
        "record-cname-conflict",
    ])
    .await;
    let validator = Validator::new(lab.resolver(View::Now), &lab.trust_anchor());
    for (domain, code, answers) in [
        ("record-servfail.test", Rcode::SERVFAIL, 0),
        ("record-refused.test", Rcode::REFUSED, 0),
        ("hostile-huge-text.test", Rcode::SERVFAIL, 0),
        // Two CNAME records with their signatures, and no more.
        ("record-cname-loop.test", Rcode::NOERROR, 4),
        // The TXT record, though a CNAME stands beside it.
        ("record-cname-conflict.test", Rcode::NOERROR, 2),
    ] {
        let message = validator.ask(&format!("_mta-sts.{domain}"), Rtype::TXT).await;
        assert_eq!(
            (message.header().rcode(), message.header_counts().ancount()),
            (code, answers),
            "{domain}"
        );
    }
}

/// Each authoritative server can be asked directly, through the map; the second has its own mind.
#[tokio::test]
async fn authoritative_servers_may_disagree() {
    let lab = lab(&["record-servers-disagree"]).await;
    let map = lab.connect_map();
    let servers: Vec<_> = map.iter().filter(|(address, _)| address.port() == 53).collect();
    let mut texts = std::collections::BTreeSet::new();
    for (_, real) in servers {
        let validator = Validator::new(*real, &lab.trust_anchor());
        let message = validator.ask("_mta-sts.record-servers-disagree.test", Rtype::TXT).await;
        assert!(message.header().aa());
        texts.insert(String::from_utf8_lossy(message.as_slice()).contains("20261001T000000"));
    }
    assert_eq!(texts.len(), 2);
}

#[tokio::test]
async fn views_differ_where_a_scenario_says_so() {
    let lab = lab(&["record-id-changed", "vantage-mx"]).await;
    let text = async |view: View, name: &str, kind: Rtype| {
        let message = Validator::new(lab.resolver(view), &lab.trust_anchor()).ask(name, kind).await;
        String::from_utf8_lossy(message.as_slice()).into_owned()
    };
    let record = "_mta-sts.record-id-changed.test";
    assert!(text(View::Before, record, Rtype::TXT).await.contains("20261001T120000"));
    assert!(text(View::Now, record, Rtype::TXT).await.contains("20261104T081523"));
    assert!(text(View::Elsewhere, record, Rtype::TXT).await.contains("20261104T081523"));
    assert!(text(View::Elsewhere, "vantage-mx.test", Rtype::MX).await.contains("mx2"));
    assert!(!text(View::Now, "vantage-mx.test", Rtype::MX).await.contains("mx2"));
}
