//! Several looks that share what they see of mail hosts.

use std::time::Duration;

use futures_util::future::join_all;
use outside::{Clock, Outside, Seen, VisitSettings, Visits, Watcher};
use protocol::Domain;
use protocol::observed::{Evidence, NotTestedReason, SessionOutcome, Tested};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::dns::{Data, Dns, a, mx, txt};
use super::mail::{self, Script};
use super::world::{Authority, MAIL, connect, redirect, settings};

/// Domains below `lab.test` and the hosts that they lead to, all of them at one address, whose certificate is for
/// `mx.lab.test` and `mx2.lab.test`.
const DOMAINS: [(&str, &str); 4] = [
    ("one.lab.test", "mx.lab.test"),
    ("two.lab.test", "mx.lab.test"),
    ("three.lab.test", "mx2.lab.test"),
    ("four.lab.test", "mx3.lab.test"),
];

struct World {
    outside: Outside,
    log: UnboundedReceiver<String>,
    _dns: Dns,
}

fn clock() -> Clock {
    Clock::fixed("2026-04-29T12:00:00Z".parse().unwrap())
}

fn visits(change: impl FnOnce(&mut VisitSettings)) -> Visits {
    let mut settings = VisitSettings { pause: Duration::from_millis(1), ..VisitSettings::default() };
    change(&mut settings);
    Visits::new(settings, clock())
}

async fn world(script: Script) -> World {
    world_of(script, Duration::from_secs(60)).await
}

async fn world_of(script: Script, total: Duration) -> World {
    let authority = Authority::new("Example Trust");
    let (sender, log) = unbounded_channel();
    let names = ["mx.lab.test", "mx2.lab.test"];
    let mail = mail::serve(authority.server(&names, &[authority.der()], |_| {}), script, sender).await;
    let mut records: Vec<Data> = vec![
        ("mx.lab.test.", a(MAIL)),
        ("mx2.lab.test.", a(MAIL)),
        ("mx3.lab.test.", a(MAIL)),
        ("_mta-sts.one.lab.test.", txt("v=STSv1; id=1;")),
    ];
    records.extend([
        ("one.lab.test.", mx(10, "mx.lab.test.")),
        ("two.lab.test.", mx(20, "mx.lab.test.")),
        ("three.lab.test.", mx(10, "mx2.lab.test.")),
        ("four.lab.test.", mx(10, "mx3.lab.test.")),
    ]);
    let dns = Dns::start(records, Vec::new()).await;
    let mut settings = settings(dns.address);
    settings.limits.total = total;
    settings.roots = authority.roots();
    connect(&mut settings, [redirect(MAIL, 25, mail)]);
    World { outside: Outside::new(settings, clock()).unwrap(), log, _dns: dns }
}

impl World {
    async fn look(&self, domain: &str, visits: &Visits) -> Evidence {
        self.outside.survey_sharing(&Domain::parse(domain).unwrap(), &Watcher::none(), visits).await
    }

    /// All domains, one after the other.
    async fn look_at_all(&self, visits: &Visits) -> Vec<Evidence> {
        let mut all = Vec::new();
        for (domain, _) in DOMAINS {
            all.push(self.look(domain, visits).await);
        }
        all
    }

    /// Sessions that the server had since it was last asked: each has one STARTTLS.
    fn sessions(&mut self) -> usize {
        self.count("STARTTLS")
    }

    fn count(&mut self, command: &str) -> usize {
        std::iter::from_fn(|| self.log.try_recv().ok()).filter(|line| line.starts_with(command)).count()
    }
}

#[tokio::test]
async fn an_address_is_visited_once_for_all_names_that_its_certificate_is_for() {
    let (mut world, visits) = (world(Script::default()).await, visits(|_| {}));
    let all = world.look_at_all(&visits).await;
    // mx and mx2 share a session; the certificate is not for mx3, which gets one with its own server name.
    assert_eq!(world.sessions(), 2);
    for (evidence, (_, host)) in all.iter().zip(DOMAINS) {
        assert_eq!(evidence.hosts[0].name, host);
        let session = &evidence.hosts[0].sessions[0];
        assert_eq!(session.outcome, SessionOutcome::Tls);
        let tls = session.tls.as_ref().unwrap();
        assert_eq!(tls.name_matches, host != "mx3.lab.test");
        assert_eq!(tls.sni.as_deref(), Some(if host == "mx2.lab.test" { "mx.lab.test" } else { host }));
        assert!(matches!(&session.legacy, Tested::NotTested(why) if why.reason == NotTestedReason::NotAsked));
        // Where the connection went is told under each host's own name.
        assert!(evidence.vantage.route.detours.iter().any(|detour| detour.host == host));
    }
    let shared: Vec<(bool, bool)> = all
        .iter()
        .map(|evidence| {
            (evidence.hosts[0].visited_at.is_some(), evidence.hosts[0].sessions[0].visited_at.is_some())
        })
        .collect();
    assert_eq!(shared, [(false, false), (true, true), (false, true), (false, false)]);
    assert_eq!((all[0].hosts[0].preference, all[1].hosts[0].preference), (10, 20));
}

#[tokio::test]
async fn looks_at_the_same_time_share_as_well() {
    let (mut world, visits) = (world(Script::default()).await, visits(|_| {}));
    let domains = DOMAINS.iter().cycle().take(40);
    let all = join_all(domains.map(|(domain, _)| world.look(domain, &visits))).await;
    assert!(all.iter().all(|evidence| evidence.hosts[0].sessions[0].outcome == SessionOutcome::Tls));
    assert_eq!(world.sessions(), 2);
}

#[tokio::test]
async fn a_server_that_does_not_get_to_tls_is_not_asked_again_under_another_name() {
    let script = Script { ehlo: "250 mx.lab.test\r\n", ..Script::default() };
    let (mut world, visits) = (world(script).await, visits(|_| {}));
    let all = world.look_at_all(&visits).await;
    assert!(all.iter().all(|evidence| evidence.hosts[0].sessions[0].outcome == SessionOutcome::NoStarttls));
    assert_eq!(world.count("EHLO"), 1);
}

#[tokio::test]
async fn visits_outlive_the_process() {
    let (mut world, first) = (world(Script::default()).await, visits(|_| {}));
    let before = world.look_at_all(&first).await;
    let new = first.take_new();
    assert_eq!(new.iter().filter(|visit| matches!(visit.seen, Seen::Session { .. })).count(), 2);
    assert_eq!((new.len(), first.take_new().len(), world.sessions()), (2 + 3, 0, 2));
    let second = visits(|_| {});
    for visit in new {
        let text = serde_json::to_string(&visit).unwrap();
        second.recall(serde_json::from_str(&text).unwrap()).await;
    }
    let after = world.look_at_all(&second).await;
    assert_eq!((world.sessions(), second.take_new().len()), (0, 0));
    for (before, after) in before.iter().zip(&after) {
        let (mut before, mut after) = (before.hosts.clone(), after.hosts.clone());
        for host in before.iter_mut().chain(&mut after) {
            host.visited_at = None;
            host.sessions.iter_mut().for_each(|session| session.visited_at = None);
        }
        assert_eq!(before, after);
    }
}

#[tokio::test]
async fn what_is_too_old_is_visited_again() {
    let (mut world, first) = (world(Script::default()).await, visits(|_| {}));
    world.look("one.lab.test", &first).await;
    let later = Visits::new(VisitSettings::default(), Clock::fixed("2026-05-01T12:00:00Z".parse().unwrap()));
    for visit in first.take_new() {
        later.recall(visit).await;
    }
    world.look("one.lab.test", &later).await;
    assert_eq!(world.sessions(), 2);
}

#[tokio::test]
async fn a_look_loses_no_time_by_waiting_for_its_turn() {
    let (mut world, visits) = (
        world_of(Script::default(), Duration::from_secs(2)).await,
        // The second connection to the address comes later than a look may last.
        visits(|settings| (settings.at_once, settings.pause) = (1, Duration::from_secs(3))),
    );
    world.look("one.lab.test", &visits).await;
    let evidence = world.look("four.lab.test", &visits).await;
    assert_eq!(evidence.hosts[0].sessions[0].outcome, SessionOutcome::Tls);
    assert_eq!(world.sessions(), 2);
}

#[tokio::test]
async fn the_further_connections_are_made_when_asked_for() {
    let (mut world, visits) = (world(Script::default()).await, visits(|settings| settings.probes = true));
    let evidence = world.look("one.lab.test", &visits).await;
    assert!(matches!(&evidence.hosts[0].sessions[0].without_sni, Tested::Seen(Ok(_))));
    // The session, one without a server name, one that offers TLS 1.1.
    assert_eq!(world.sessions(), 3);
}

#[tokio::test]
async fn who_is_excluded_while_others_are_looked_at_is_not_connected_to() {
    let (mut world, visits) = (world(Script::default()).await, visits(|_| {}));
    let before = world.look("one.lab.test", &visits).await;
    assert_eq!((&before.hosts[0].sessions[0].outcome, world.sessions()), (&SessionOutcome::Tls, 1));
    // Its network, said after the work has begun; the certificate is not for this host, which would be visited anew.
    world.outside.exclude(outside::Exclusion::parse("192.0.2.0/24").unwrap());
    let after = world.look("four.lab.test", &visits).await;
    let found = &after.hosts[0].sessions[0].outcome;
    assert!(
        matches!(found, SessionOutcome::NotTested(why) if why.reason == NotTestedReason::TargetNotAllowed),
        "{found:?}"
    );
    assert_eq!(world.sessions(), 0);
}
