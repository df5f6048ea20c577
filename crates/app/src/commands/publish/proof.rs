//! An id is announced only with the proof that its policy is served: seen in the lab, with a record in memory.

use std::sync::{Arc, Mutex};

use host::zone::{Hosted, NameServer};
use host::{AnnounceError, Announcement, Announcer, Delegated, Present, Zone, ZoneSettings};
use jiff::SignedDuration;
use outside::{Clock, Outside, Served, Watcher};
use protocol::Domain;
use protocol::observed::{FetchOutcome, Txt};
use protocol::sts::Record;
use sha2::{Digest as _, Sha256};

use crate::cli::LookArgs;
use crate::commands::site::start_lab;
use crate::settings::{Layers, Look};

fn domain() -> Domain {
    Domain::parse("healthy.test").expect("a domain")
}

/// The proof that the lab serves its healthy policy, and that policy.
async fn served() -> (Served, Vec<u8>) {
    let lab = start_lab(vec!["healthy".to_owned()]).await.expect("the lab starts");
    let look = Look::resolve(&LookArgs::default(), &Layers::default()).expect("resolves");
    let settings = look.in_lab(&lab, lab::View::Now).expect("reads");
    let outside = Outside::new(settings, Clock::system()).expect("opens");
    let evidence = outside.survey(&domain(), &Watcher::none()).await;
    let fetch = evidence.policy_host.fetches.first().expect("a fetch");
    let FetchOutcome::Response(response) = &fetch.outcome else { panic!("{fetch:?}") };
    let body = response.body.as_slice().to_vec();
    (outside.confirm_served(&domain(), &body, &Watcher::none()).await.expect("served"), body)
}

fn announcement(body: &[u8]) -> Announcement {
    Announcement {
        domain: domain(),
        name: "_mta-sts.healthy.test".to_owned(),
        body_sha256: Sha256::digest(body).into(),
        record: Record { id: "2".to_owned(), extensions: Vec::new() },
        ttl: 300,
    }
}

#[tokio::test]
async fn only_this_body_at_this_domain_within_a_minute() {
    let (served, body) = served().await;
    let old = Txt { strings: vec!["v=STSv1; id=1;".into()] };
    let present = Present { texts: vec![old], ..Present::default() };
    let memory = Arc::new(Mutex::new(present.clone()));
    let announcer = Announcer::Memory(Arc::clone(&memory));
    let now = served.at();
    let after = |seconds| now + SignedDuration::from_secs(seconds);
    let id = || memory.lock().expect("not poisoned").id();

    let mut other = announcement(&body);
    other.body_sha256 = Sha256::digest(b"another").into();
    let refused = announcer.announce(&served, &other, &present, now).await;
    assert_eq!(refused.expect_err("another body"), AnnounceError::OtherPolicy);

    let mut other = announcement(&body);
    other.domain = Domain::parse("other.test").expect("a domain");
    let refused = announcer.announce(&served, &other, &present, now).await;
    assert_eq!(refused.expect_err("another domain"), AnnounceError::OtherPolicy);

    for seconds in [61, 3600, -61] {
        let refused = announcer.announce(&served, &announcement(&body), &present, after(seconds)).await;
        assert_eq!(refused.expect_err("an old proof"), AnnounceError::OldProof { seconds });
    }

    let elsewhere = Present::default();
    let refused = announcer.announce(&served, &announcement(&body), &elsewhere, now).await;
    assert!(matches!(refused, Err(AnnounceError::Changed { .. })), "someone else was there");
    assert_eq!(id().as_deref(), Some("1"), "none of these changed anything");

    announcer.announce(&served, &announcement(&body), &present, after(60)).await.expect("announced");
    assert_eq!(id().as_deref(), Some("2"));
}

#[tokio::test]
async fn our_own_name_server_announces_where_it_answers() {
    let (served, body) = served().await;
    let domain = |text: &str| Domain::parse(text).expect("a domain");
    let server = NameServer { name: domain("ns.host.test"), addresses: vec!["192.0.2.53".parse().expect("v4")] };
    let zone = Zone::new(ZoneSettings::new(domain("host.test"), vec![server], Vec::new())).expect("a zone");
    let zone = Arc::new(zone);
    zone.put("label", Hosted::default()).expect("a label");
    let announcer = Announcer::Delegated(Delegated::new(Arc::clone(&zone)));
    let mut first = announcement(&body);
    first.name = "label.s.host.test".to_owned();
    let present = announcer.present(&first.name).await.expect("it is answered here").expect("it is known");
    assert_eq!(present.texts, [], "no record before the first policy is served");
    let late = served.at() + SignedDuration::from_secs(61);
    let refused = announcer.announce(&served, &first, &present, late).await;
    assert!(matches!(refused, Err(AnnounceError::OldProof { .. })));
    let id = || zone.hosted("label").and_then(|hosted| hosted.id_text());
    assert_eq!(id(), None);
    let announced = announcer.announce(&served, &first, &present, served.at()).await.expect("announced");
    assert_eq!((announced.records, id().as_deref()), (1, Some(b"v=STSv1; id=2;".as_slice())));
    let again = announcer.announce(&served, &first, &present, served.at()).await;
    assert!(matches!(again, Err(AnnounceError::Changed { .. })), "it is not what was seen any more");
}
