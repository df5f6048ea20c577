//! The proof that a policy is served: when it is given, and what it is refused for.

use outside::{Clock, Families, NotServed, Outside, Served, Settings, Shortfall, Watcher};
use protocol::Domain;
use sha2::Digest as _;

use super::dns::{Data, Dns, a};
use super::web::{self, policy};
use super::world::{Authority, WEB, connect, redirect, settings};

const POLICY: &str = "version: STSv1\nmode: testing\nmx: mx.lab.test\nmax_age: 86400\n";
/// A second address of the policy host.
const OTHER: &str = "192.0.2.3";

/// A policy host that gives these answers, one at each address; the name in its certificate; what is known of DNS.
struct Host {
    answers: Vec<Vec<u8>>,
    name: &'static str,
    records: Vec<Data>,
}

impl Host {
    fn answering(answers: Vec<Vec<u8>>) -> Self {
        let addresses = [WEB, OTHER].into_iter().take(answers.len());
        let records = addresses.map(|address| ("mta-sts.lab.test.", a(address))).collect();
        Self { answers, name: "mta-sts.lab.test", records }
    }

    async fn confirm(self, change: impl FnOnce(&mut Settings)) -> Result<Served, NotServed> {
        let authority = Authority::new("Example Trust");
        let dns = Dns::start(self.records, Vec::new()).await;
        let mut settings = settings(dns.address);
        settings.roots = authority.roots();
        for (address, answer) in [WEB, OTHER].into_iter().zip(self.answers) {
            let server = authority.server(&[self.name], &[], |_| {});
            let server = web::serve(server, answer, Vec::new(), false).await;
            connect(&mut settings, [redirect(address, 443, server)]);
        }
        change(&mut settings);
        let outside = Outside::new(settings, Clock::fixed("2026-04-29T12:00:00Z".parse().unwrap())).unwrap();
        let domain = Domain::parse("lab.test").unwrap();
        outside.confirm_served(&domain, POLICY.as_bytes(), &Watcher::none()).await
    }
}

fn answer(status: &str, media: &str) -> Vec<u8> {
    let length = POLICY.len();
    format!("HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n{POLICY}")
        .into_bytes()
}

#[tokio::test]
async fn all_addresses_with_the_same_octets_are_a_proof() {
    let served = Host::answering(vec![policy(POLICY), policy(POLICY)]).confirm(|_| {}).await.unwrap();
    assert_eq!(served.domain().as_str(), "lab.test");
    assert_eq!(served.addresses().iter().map(ToString::to_string).collect::<Vec<_>>(), [WEB, OTHER]);
    assert_eq!(served.at().to_string(), "2026-04-29T12:00:00Z");
    let digest: [u8; 32] = sha2::Sha256::digest(POLICY).into();
    assert_eq!(served.body_sha256(), &digest);
    let parameters = answer("200 OK", "text/plain; charset=utf-8");
    assert!(Host::answering(vec![parameters]).confirm(|_| {}).await.is_ok());
}

#[tokio::test]
async fn anything_less_is_none() {
    type Is = fn(&Shortfall) -> bool;
    let more = format!("{POLICY}\n");
    let cases: [(Host, Is); 7] = [
        (
            Host::answering(vec![policy(&more)]),
            |one| matches!(one, Shortfall::OtherBody { octets, .. } if *octets == POLICY.len() + 1),
        ),
        (
            Host::answering(vec![policy(POLICY), policy("version: STSv1\n")]),
            |one| matches!(one, Shortfall::OtherBody { address, .. } if address.to_string() == OTHER),
        ),
        (Host::answering(vec![answer("404 Not Found", "text/plain")]), |one| {
            matches!(one, Shortfall::Status { status: 404, .. })
        }),
        (Host::answering(vec![answer("301 Moved Permanently", "text/plain")]), |one| {
            matches!(one, Shortfall::Status { status: 301, .. })
        }),
        (
            Host::answering(vec![answer("200 OK", "text/html")]),
            |one| matches!(one, Shortfall::MediaType { found, .. } if found == "text/html"),
        ),
        (Host { name: "www.lab.test", ..Host::answering(vec![policy(POLICY)]) }, |one| {
            matches!(one, Shortfall::Certificate { .. })
        }),
        (Host { records: vec![("lab.test.", a(WEB))], ..Host::answering(vec![policy(POLICY)]) }, |one| {
            matches!(one, Shortfall::NoAddress)
        }),
    ];
    for (host, is) in cases {
        let refused = host.confirm(|_| {}).await.expect_err("no proof");
        assert!(refused.shortfalls.len() == 1 && refused.shortfalls.iter().all(is), "{refused}");
        assert!(!refused.is_our_trouble(), "{refused}");
    }
}

#[tokio::test]
async fn what_this_machine_cannot_see_is_not_proven() {
    let unreachable = Host::answering(vec![policy(POLICY), policy(POLICY)]);
    let refused = unreachable
        .confirm(|settings| settings.connect_to.retain(|rule| rule.host.as_deref() != Some(OTHER)));
    let refused = refused.await.expect_err("one address answers nothing");
    assert!(matches!(refused.shortfalls[..], [Shortfall::Unreachable { .. }]), "{refused}");

    let private = Host::answering(vec![policy(POLICY)]);
    let refused = private.confirm(|settings| settings.allow_targets.clear()).await.expect_err("not allowed");
    assert!(refused.is_our_trouble(), "{refused}");

    let v6 = Host::answering(vec![policy(POLICY)]);
    let refused =
        v6.confirm(|settings| settings.families = Families::V6).await.expect_err("nothing was asked");
    assert_eq!(refused.shortfalls, [Shortfall::NoAddress]);

    let from_elsewhere = Host::answering(vec![policy(POLICY)]);
    let refused = from_elsewhere.confirm(|settings| settings.source_ip = Some("::1".parse().unwrap()));
    assert!(refused.await.expect_err("the source is of the other family").is_our_trouble());

    let silent = Host::answering(vec![policy(POLICY)]);
    let refused = silent.confirm(|settings| {
        settings.resolver = outside::ResolverChoice::Plain("127.0.0.1:1".parse().unwrap());
    });
    let refused = refused.await.expect_err("no resolver");
    assert!(refused.is_our_trouble(), "{refused}");
}
