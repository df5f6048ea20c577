//! An id is announced only with the proof that its policy is served: seen in the lab. What announcing does then is tested
//! with real servers, by `cargo xtask test publish`.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::Arc;

use host::zone::{Hosted, NameServer};
use host::{
    AnnounceError, Announced, AnnouncedBy, Announcement, Announcer, Delegated, Present, Provider, Zone,
    ZoneSettings,
};
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

/// A provider's API that notices when anyone calls it.
fn api() -> (TcpListener, Announcer) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("no waiting");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let provider = Provider::open("powerdns", "secret", "healthy.test", Some(&url)).expect("opens");
    (listener, Announcer::Provider(provider))
}

#[tokio::test]
async fn only_this_body_at_this_domain_within_a_minute() {
    let (served, body) = served().await;
    let (listener, api) = api();
    let old = Txt { strings: vec!["v=STSv1; id=1;".into()] };
    let present = Present { texts: vec![old], ..Present::default() };
    let now = served.at();
    let after = |seconds| now + SignedDuration::from_secs(seconds);

    let (mut other_body, mut other_domain) = (announcement(&body), announcement(&body));
    other_body.body_sha256 = Sha256::digest(b"another").into();
    other_domain.domain = Domain::parse("other.test").expect("a domain");
    for announcer in [&Announcer::Printed, &api] {
        for other in [&other_body, &other_domain] {
            let refused = announcer.announce(&served, other, &present, now).await;
            assert_eq!(refused, Err(AnnounceError::OtherPolicy), "{other:?}");
        }
        for seconds in [61, 3600, -61] {
            let refused = announcer.announce(&served, &announcement(&body), &present, after(seconds)).await;
            assert_eq!(refused, Err(AnnounceError::OldProof { seconds }));
        }
    }
    let called = listener.accept().map_err(|error| error.kind());
    assert_eq!(called.err(), Some(ErrorKind::WouldBlock), "without the proof nobody was even asked");

    let printed = Announcer::Printed.announce(&served, &announcement(&body), &present, after(60)).await;
    assert_eq!(printed, Ok(Announced { by: AnnouncedBy::Person, records: 1 }));
}

#[tokio::test]
async fn our_own_name_server_announces_where_it_answers() {
    let (served, body) = served().await;
    let domain = |text: &str| Domain::parse(text).expect("a domain");
    let server =
        NameServer { name: domain("ns.host.test"), addresses: vec!["192.0.2.53".parse().expect("v4")] };
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
