//! Orders at an authority that misbehaves.

use std::sync::Arc;

use host::certificates::queue::{Limits, Priority, Rate};
use host::certificates::{Certificates, Issuer, Method, Store};
use jiff::{SignedDuration, Timestamp};

use crate::authority::{Manners, TestAuthority};
use crate::stand::{Stand, issuer, port_80, stands};

const LIFE: i64 = 45 * 86_400;

fn now() -> Timestamp {
    Timestamp::now()
}

fn good() -> Manners {
    Manners { life: LIFE, ..Manners::default() }
}

async fn authority(stand: &Stand, manners: Manners) -> TestAuthority {
    let address = port_80(Arc::clone(&stand.certificates), "127.0.0.1:0").await;
    TestAuthority::start(manners, address).await
}

async fn want(stand: &Stand, names: impl IntoIterator<Item = String>) {
    for name in names {
        stand.store.want(&name, Priority::Waiting, now()).await.unwrap();
    }
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("mta-sts.n{number}.example")).collect()
}

/// Ticks from `at` on, second by second, until nothing is due any more.
async fn work(issuer: &mut Issuer, at: Timestamp) {
    for second in 0..25 {
        let at = at.saturating_add(SignedDuration::from_secs(second)).unwrap();
        issuer.tick(at).await.unwrap();
        if !issuer.settle(at).await && second > 2 {
            return;
        }
    }
    panic!("never done");
}

#[tokio::test]
async fn a_name_gets_its_certificate() {
    for stand in stands("one").await {
        let authority = authority(&stand, good()).await;
        let mut issuer = stand.issuer(&authority, Limits::NONE);
        want(&stand, ["mta-sts.a.example".to_owned()]).await;
        work(&mut issuer, now()).await;
        let shown = stand.certificates.for_name("mta-sts.a.example").expect("shown");
        assert_eq!(shown.cert.len(), 2);
        let wanted = stand.store.wanted("mta-sts.a.example").await.unwrap().unwrap();
        assert_eq!((wanted.priority, wanted.failures, wanted.problem), (Priority::Renewal, 0, None));
        let days = wanted.next_at.duration_since(now()).as_hours() / 24;
        assert!((25..=30).contains(&days), "{days}");
        assert!(stand.certificates.challenges().http01("mta-sts.a.example", "any").is_none());
        assert_eq!(authority.did().orders, [("mta-sts.a.example".to_owned(), None)]);
        // Another start uses the same account.
        let mut again = stand.issuer(&authority, Limits::NONE);
        want(&stand, ["mta-sts.b.example".to_owned()]).await;
        work(&mut again, now()).await;
        assert_eq!(authority.did().accounts, 1);
        assert!(stand.certificates.for_name("mta-sts.b.example").is_some());
    }
}

#[tokio::test]
async fn bad_nonces_lose_nothing() {
    for stand in stands("nonces").await {
        let authority = authority(&stand, Manners { bad_nonces: 20, ..good() }).await;
        let mut issuer = stand.issuer(&authority, Limits::NONE);
        want(&stand, many(100)).await;
        work(&mut issuer, now()).await;
        let did = authority.did();
        assert!(did.refused_nonces > 50, "{}", did.refused_nonces);
        assert_eq!((did.issued.len(), did.orders.len(), did.failed), (100, 100, 0));
        assert_eq!(stand.certificates.len(), 100);
        assert_eq!(stand.store.wanted_state(now()).await.unwrap().failing, 0);
    }
}

#[tokio::test]
async fn what_the_authority_suggests_is_done_and_what_is_replaced_is_named() {
    for stand in stands("renewal").await {
        let at = now().as_second();
        let (start, end) = (at + 10 * 86_400, at + 12 * 86_400);
        let authority = authority(&stand, Manners { window: Some((start, end)), ..good() }).await;
        let mut issuer = stand.issuer(&authority, Limits::NONE);
        want(&stand, ["mta-sts.a.example".to_owned()]).await;
        work(&mut issuer, now()).await;
        // It asks at once when to replace what it got: a minute later that is over, however slow this machine is.
        work(&mut issuer, now().saturating_add(SignedDuration::from_mins(1)).unwrap()).await;
        let wanted = stand.store.wanted("mta-sts.a.example").await.unwrap().unwrap();
        let renew = wanted.next_at.as_second();
        assert!((start..=end).contains(&renew), "{renew}");
        let first = stand.certificates.for_name("mta-sts.a.example").unwrap();
        // The authority pulls it in: a revocation of many is coming.
        authority.set(|manners| (manners.window, manners.ahead) = (Some((at - 100, at - 50)), 8 * 3_600));
        let later = now().saturating_add(SignedDuration::from_hours(8)).unwrap();
        work(&mut issuer, later).await;
        let second = stand.certificates.for_name("mta-sts.a.example").unwrap();
        assert_ne!(first.cert[0], second.cert[0]);
        assert_ne!(first.key.public_key(), second.key.public_key(), "a new key for each certificate");
        let did = authority.did();
        assert_eq!(did.orders.len(), 2);
        assert!(did.orders[1].1.is_some(), "it says what it replaces");
    }
}

#[tokio::test]
async fn an_authority_that_replaces_nothing_is_asked_for_a_new_one() {
    for stand in stands("replaces").await {
        let at = now().as_second();
        let manners = Manners { window: Some((at - 20, at - 10)), replaces_nothing: true, ..good() };
        let authority = authority(&stand, manners).await;
        let mut issuer = stand.issuer(&authority, Limits::NONE);
        want(&stand, ["mta-sts.a.example".to_owned()]).await;
        work(&mut issuer, now()).await;
        assert_eq!(authority.did().issued.len(), 1, "not without end, whatever it suggests");
        authority.set(|manners| manners.ahead = 8 * 3_600);
        work(&mut issuer, now().saturating_add(SignedDuration::from_hours(8)).unwrap()).await;
        let did = authority.did();
        assert_eq!(did.issued.len(), 2, "{did:?}");
        assert!(did.orders.iter().all(|(_, replaces)| replaces.is_none()));
    }
}

#[tokio::test]
async fn an_authority_that_is_down_is_left_alone_and_nothing_is_lost() {
    for stand in stands("down").await {
        let authority = authority(&stand, good()).await;
        let mut issuer = stand.issuer(&authority, Limits::NONE);
        want(&stand, ["mta-sts.a.example".to_owned()]).await;
        work(&mut issuer, now()).await;
        authority.set(|manners| manners.down = true);
        want(&stand, many(20)).await;
        let mut at = now();
        let before = authority.did().requests;
        for _ in 0..48 {
            at = at.saturating_add(SignedDuration::from_mins(30)).unwrap();
            issuer.tick(at).await.unwrap();
            issuer.settle(at).await;
        }
        let asked = authority.did().requests - before;
        assert!(asked < 48 * 40, "{asked} requests in a day to an authority that is down");
        assert!(stand.certificates.for_name("mta-sts.a.example").is_some(), "what is served is not touched");
        assert_eq!(stand.store.wanted_state(at).await.unwrap().failing, 0, "no name is to blame");
        authority.set(|manners| manners.down = false);
        at = at.saturating_add(SignedDuration::from_mins(31)).unwrap();
        work(&mut issuer, at).await;
        assert_eq!(stand.certificates.len(), 21);
    }
}

#[tokio::test]
async fn limits_are_kept() {
    for stand in stands("limits").await {
        let authority = authority(&stand, good()).await;
        let orders = Rate { burst: 10, each: SignedDuration::from_secs(36) };
        let limits = Limits { orders: Some(orders), ..Limits::NONE };
        let mut issuer = stand.issuer(&authority, limits);
        want(&stand, many(30)).await;
        let at = now();
        work(&mut issuer, at).await;
        // One in ten is kept for what cannot wait.
        assert_eq!(authority.did().orders.len(), 9);
        // Then one in 36 seconds, and no name waits for longer.
        for minute in 1..=6 {
            work(&mut issuer, at.saturating_add(SignedDuration::from_mins(minute)).unwrap()).await;
        }
        assert_eq!(authority.did().orders.len(), 19);
        for minute in 7..=30 {
            work(&mut issuer, at.saturating_add(SignedDuration::from_mins(minute)).unwrap()).await;
        }
        assert_eq!(authority.did().issued.len(), 30);
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_waits_longer_and_longer_and_stops_nobody() {
    for stand in stands("not_ours").await {
        // Its port 80 is another's.
        let nowhere = "127.0.0.1:9".parse().unwrap();
        let authority = TestAuthority::start(good(), nowhere).await;
        let mut issuer = stand.issuer(&authority, Limits::NONE);
        want(&stand, ["mta-sts.a.example".to_owned()]).await;
        work(&mut issuer, now()).await;
        let wanted = stand.store.wanted("mta-sts.a.example").await.unwrap().unwrap();
        assert_eq!((wanted.failures, wanted.order_url), (1, None));
        let problem = wanted.problem.unwrap().text;
        assert!(problem.contains("(connection): mta-sts.a.example answers None"), "{problem}");
        // Whoever asks for it again and again does not get more than four tries an hour.
        for _ in 0..10 {
            stand.store.hurry("mta-sts.a.example", now()).await.unwrap();
            work(&mut issuer, now()).await;
        }
        assert_eq!(authority.did().failed, 4);
    }
}

#[tokio::test]
async fn an_authority_that_limits_us_is_believed() {
    for stand in stands("rate_limited").await {
        let authority = authority(&stand, Manners { rate_limited: Some(7_200), ..good() }).await;
        let mut issuer = stand.issuer(&authority, Limits::NONE);
        want(&stand, ["mta-sts.a.example".to_owned()]).await;
        work(&mut issuer, now()).await;
        let wanted = stand.store.wanted("mta-sts.a.example").await.unwrap().unwrap();
        let minutes = wanted.next_at.duration_since(now()).as_mins();
        assert!((115..=120).contains(&minutes), "{minutes}");
        assert_eq!(wanted.failures, 0, "not the name's fault");
    }
}

#[tokio::test]
async fn one_node_orders_and_another_goes_on_when_it_dies() {
    for stand in stands("takeover").await {
        let (other_store, other_certificates) = stand.another().await;
        // The name leads to the second node.
        let address = port_80(Arc::clone(&other_certificates), "127.0.0.1:0").await;
        let authority = TestAuthority::start(good(), address).await;
        let mut one = stand.issuer(&authority, Limits::NONE);
        let mut two = second_node(&other_store, &other_certificates, &authority);
        let at = now();
        one.tick(at).await.unwrap();
        want(&stand, many(10)).await;
        work(&mut two, at).await;
        assert_eq!(authority.did().orders.len(), 0, "it is the other's work");
        // The first has begun, and dies.
        one.tick(at).await.unwrap();
        drop(one);
        let later = at.saturating_add(SignedDuration::from_secs(31)).unwrap();
        work(&mut two, later).await;
        assert_eq!(other_certificates.len(), 10);
        stand.certificates.follow(&stand.store).await.unwrap();
        assert_eq!(stand.certificates.len(), 10);
    }
}

#[tokio::test]
async fn every_node_answers_whichever_ordered() {
    // Only a database that several machines share has other nodes.
    for stand in stands("answers").await.into_iter().filter(|stand| stand.store.database().is_shared()) {
        let (other_store, other_certificates) = stand.another().await;
        // The name leads to the first node, which follows as nodes do.
        let authority = authority(&stand, good()).await;
        let (store, certificates) = (stand.store.clone(), Arc::clone(&stand.certificates));
        let following = tokio::spawn(async move {
            loop {
                certificates.follow(&store).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        });
        let mut two = second_node(&other_store, &other_certificates, &authority);
        want(&stand, many(5)).await;
        work(&mut two, now()).await;
        following.abort();
        assert_eq!((authority.did().issued.len(), authority.did().failed), (5, 0));
    }
}

fn second_node(store: &Store, certificates: &Arc<Certificates>, authority: &TestAuthority) -> Issuer {
    let TestAuthority { directory, root_pem, .. } = authority;
    issuer(store, certificates, "other", directory, root_pem, Limits::NONE, vec![Method::Http01])
}
