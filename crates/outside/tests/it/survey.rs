//! Whole looks.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outside::{Families, Purpose, Settings, Step, Watcher};
use protocol::observed::{
    Evidence, FetchOutcome, HttpFailure, NotTestedReason, Outcome, PathResult, Place, Profile,
    SessionOutcome, Tested,
};
use tokio::sync::mpsc;

use super::dns::{Data, Dns, a, mx, txt};
use super::mail::{self, Script};
use super::web::{self, policy};
use super::world::{Authority, MAIL, SERVER, WEB, connect, look, look_watched, redirect, settings};

const POLICY: &str = "version: STSv1\nmode: enforce\nmx: mx.lab.test\nmax_age: 604800\n";

fn records() -> Vec<Data> {
    vec![
        ("_mta-sts.lab.test.", txt("v=STSv1; id=1;")),
        ("mta-sts.lab.test.", a(WEB)),
        ("lab.test.", mx(10, "mx.lab.test.")),
        ("mx.lab.test.", a(MAIL)),
        ("_smtp._tls.lab.test.", txt("v=TLSRPTv1; rua=mailto:t@lab.test")),
        ("lists.lab.test.", mx(10, "mx.lab.test.")),
    ]
}

/// A whole healthy world; what it is made of lives as long as the value.
async fn world() -> (Settings, Dns) {
    let authority = Authority::new("Example Trust");
    let web = authority.server(&["mta-sts.lab.test"], &[authority.der()], |_| {});
    let web = web::serve(web, policy(POLICY), Vec::new(), false).await;
    let (log, _) = mpsc::unbounded_channel();
    let mail = authority.server(&["mx.lab.test"], &[authority.der()], |_| {});
    let mail = mail::serve(mail, Script::default(), log).await;
    let dns = Dns::start(records(), Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.roots = authority.roots();
    connect(&mut settings, [redirect(WEB, 443, web), redirect(MAIL, 25, mail)]);
    (settings, dns)
}

/// A look at a policy host that answers so.
async fn fetch(response: Vec<u8>, more: Vec<u8>, hold: bool) -> Evidence {
    let authority = Authority::new("Example Trust");
    let server = authority.server(&["mta-sts.lab.test"], &[], |_| {});
    let server = web::serve(server, response, more, hold).await;
    let dns = Dns::start(records(), Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.profile = Profile::Basic;
    settings.roots = authority.roots();
    connect(&mut settings, [redirect(WEB, 443, server)]);
    look(settings).await
}

#[tokio::test]
async fn everything_of_a_healthy_domain_is_seen() {
    let (settings, _dns) = world().await;
    let evidence = look(settings).await;
    assert_eq!(evidence.taken_at.to_string(), "2026-04-29T12:00:00Z");
    let [fetch] = &evidence.policy_host.fetches[..] else { panic!("{:?}", evidence.policy_host) };
    let FetchOutcome::Response(response) = &fetch.outcome else { panic!("{:?}", fetch.outcome) };
    assert_eq!((response.status, response.body.lossy().as_str()), (200, POLICY));
    assert_eq!(response.header("content-type"), Some(&b"text/plain"[..]));
    let tls = fetch.tls.as_ref().unwrap();
    assert!(tls.name_matches && tls.path.result == PathResult::Trusted);
    assert_eq!(tls.sni.as_deref(), Some("mta-sts.lab.test"));
    assert_eq!(evidence.hosts[0].sessions[0].outcome, SessionOutcome::Tls);
    assert_eq!(evidence.targets[0].uri, "mailto:t@lab.test");
    let [lists] = &evidence.subdomains[..] else { panic!("{:?}", evidence.subdomains) };
    assert_eq!(lists.name, "lists.lab.test");
    let Tested::Seen(servers) = &evidence.surroundings.servers else { panic!() };
    assert_eq!(servers[0].server, "ns.lab.test");
    assert!(matches!(&servers[0].answer, Tested::Seen(Outcome::Records(_))));
    assert!(evidence.policy_host.elsewhere.is_empty());
    let json = evidence.to_json().unwrap();
    assert_eq!(Evidence::from_json(json.as_bytes()).unwrap(), evidence);
}

#[tokio::test]
async fn subdomains_with_mail_are_those_of_usual_names_and_those_seen_in_records() {
    let dns = Dns::start(
        vec![
            ("lab.test.", mx(10, "relay.lab.test.")),
            ("lab.test.", mx(20, "quiet.lab.test.")),
            ("lab.test.", mx(30, "relay.notlab.test.")),
            ("lists.lab.test.", mx(10, "relay.lab.test.")),
            ("relay.lab.test.", mx(10, "relay.lab.test.")),
            ("quiet.lab.test.", mx(0, ".")),
            (
                "_smtp._tls.lab.test.",
                txt("v=TLSRPTv1; rua=mailto:t@reports.lab.test,mailto:t@lists.lab.test"),
            ),
            ("reports.lab.test.", mx(10, "relay.lab.test.")),
            ("_mta-sts.reports.lab.test.", txt("v=STSv1; id=1;")),
            ("unheard-of.lab.test.", mx(10, "relay.lab.test.")),
        ],
        Vec::new(),
    )
    .await;
    let evidence = look(settings(dns.address)).await;
    let seen: Vec<_> =
        evidence.subdomains.iter().map(|look| (look.name.as_str(), look.record.records().len())).collect();
    assert_eq!(seen, [("lists.lab.test", 0), ("relay.lab.test", 0), ("reports.lab.test", 1)]);
}

#[tokio::test]
async fn a_profile_selects_exactly_its_probes() {
    for (profile, connections, questions) in [
        (Profile::Basic, vec![Purpose::Policy, Purpose::OldVersions], vec!["A", "AAAA", "CNAME", "TXT"]),
        (
            Profile::Extended,
            vec![Purpose::Policy, Purpose::OldVersions],
            vec!["A", "AAAA", "CNAME", "MX", "NS", "TXT"],
        ),
        (
            Profile::Full,
            vec![Purpose::Policy, Purpose::OldVersions, Purpose::Session, Purpose::WithoutServerName],
            vec!["A", "AAAA", "CNAME", "MX", "NS", "TLSA", "TXT"],
        ),
    ] {
        let (mut settings, _dns) = world().await;
        settings.profile = profile;
        let steps = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&steps);
        let watcher = Watcher::new(move |step| told.lock().unwrap().push(step));
        look_watched(settings, &watcher).await;
        let steps = steps.lock().unwrap();
        let mut opened: Vec<Purpose> = Vec::new();
        let mut asked = BTreeSet::new();
        for step in steps.iter() {
            match step {
                Step::Connection { purpose, .. } if !opened.contains(purpose) => opened.push(*purpose),
                Step::Question { rtype, .. } => drop(asked.insert(rtype.clone())),
                _ => {}
            }
        }
        assert_eq!(opened.len(), connections.len(), "{profile:?}: {opened:?}");
        assert!(connections.iter().all(|purpose| opened.contains(purpose)), "{profile:?}: {opened:?}");
        assert_eq!(asked.into_iter().collect::<Vec<_>>(), questions, "{profile:?}");
        assert_eq!(steps.last(), Some(&Step::Done));
    }
}

#[tokio::test]
async fn what_a_profile_leaves_out_says_so() {
    let (mut settings, _dns) = world().await;
    settings.profile = Profile::Basic;
    let evidence = look(settings).await;
    for why in [
        &evidence.mx.outcome,
        &evidence.hosts.first().map_or(evidence.mx.outcome.clone(), |h| panic!("{h:?}")),
    ] {
        assert!(matches!(why, Outcome::NotTested(why) if why.reason == NotTestedReason::NotAsked));
    }
    assert!(matches!(&evidence.tlsrpt.outcome, Outcome::NotTested(_)));
    assert!(matches!(&evidence.surroundings.servers, Tested::NotTested(_)));
    assert_eq!(evidence.surroundings.elsewhere.len(), 3);
}

#[tokio::test]
async fn failed_fetches_are_told_apart() {
    let redirected = fetch(
        b"HTTP/1.1 301 Moved\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n".to_vec(),
        vec![],
        false,
    )
    .await;
    let FetchOutcome::Response(response) = &redirected.policy_host.fetches[0].outcome else { panic!() };
    assert_eq!((response.status, response.header("location")), (301, Some(&b"https://x/"[..])));

    let garbage = fetch(b"what?\r\n\r\n".to_vec(), vec![], false).await;
    assert!(matches!(garbage.policy_host.fetches[0].outcome, FetchOutcome::Http(HttpFailure::Malformed(_))));

    let closed = fetch(Vec::new(), vec![], false).await;
    assert_eq!(closed.policy_host.fetches[0].outcome, FetchOutcome::Http(HttpFailure::Closed));

    let cut = fetch(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nversion".to_vec(), vec![], false).await;
    assert_eq!(cut.policy_host.fetches[0].outcome, FetchOutcome::Http(HttpFailure::Closed));

    let slow = fetch(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nversion".to_vec(), vec![], true).await;
    assert_eq!(slow.policy_host.fetches[0].outcome, FetchOutcome::Http(HttpFailure::Timeout { received: 7 }));
}

#[tokio::test]
async fn an_endless_body_is_cut() {
    let endless =
        fetch(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n".to_vec(), vec![b'x'; 4096], false).await;
    let FetchOutcome::Response(response) = &endless.policy_host.fetches[0].outcome else { panic!() };
    assert!(response.too_large);
    assert_eq!(response.body.as_slice().len(), 64 * 1024 + 1);

    let head = fetch(b"HTTP/1.1 200 OK\r\n".to_vec(), b"X-More: and more\r\n".to_vec(), false).await;
    assert!(matches!(head.policy_host.fetches[0].outcome, FetchOutcome::Http(HttpFailure::Malformed(_))));
}

#[tokio::test]
async fn a_policy_at_the_wrong_path_is_found() {
    let authority = Authority::new("Example Trust");
    // This server gives the policy for every path but, having no certificate for it, is no policy host; the policy
    // host itself does not resolve.
    let server = authority.server(&["lab.test"], &[], |_| {});
    let server = web::serve(server, policy(POLICY), Vec::new(), false).await;
    let dns = Dns::start(vec![("lab.test.", a(WEB))], Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.profile = Profile::Extended;
    connect(&mut settings, [redirect(WEB, 443, server)]);
    let evidence = look(settings).await;
    let places: Vec<Place> = evidence.policy_host.elsewhere.iter().map(|found| found.place).collect();
    assert_eq!(places, [Place::Apex]);
}

#[tokio::test]
async fn the_time_allowed_is_kept_whatever_happens() {
    let (mut settings, _dns) = world().await;
    // Nobody answers here, and each single wait would be allowed longer than the whole look.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    connect(
        &mut settings,
        [
            redirect(WEB, 443, silent.local_addr().unwrap()),
            redirect(MAIL, 25, silent.local_addr().unwrap()),
            redirect(SERVER, 53, silent.local_addr().unwrap()),
        ],
    );
    settings.limits.total = Duration::from_millis(600);
    let evidence = look(settings).await;
    assert_eq!(evidence.record.records().len(), 1);
    let FetchOutcome::NotTested(why) = &evidence.policy_host.fetches[0].outcome else { panic!() };
    assert_eq!(why.reason, NotTestedReason::Deadline);
    let SessionOutcome::NotTested(why) = &evidence.hosts[0].sessions[0].outcome else { panic!() };
    assert_eq!(why.reason, NotTestedReason::Deadline);
}

#[tokio::test]
async fn one_family_leaves_the_other_out() {
    let (mut settings, _dns) = world().await;
    settings.families = Families::V6;
    let evidence = look(settings).await;
    let FetchOutcome::NotTested(why) = &evidence.policy_host.fetches[0].outcome else { panic!() };
    assert_eq!(why.reason, NotTestedReason::NotAsked);
    assert!(
        matches!(&evidence.vantage.network.ipv4, Tested::NotTested(why) if why.reason == NotTestedReason::NotAsked)
    );
}
