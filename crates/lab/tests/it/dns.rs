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
