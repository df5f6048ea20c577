//! What is kept, and what nodes make of it.

use std::sync::Arc;

use host::certificates::{
    Certificates, LocalAuthority, Sealer, SealingKey, Store, StoreError, queue::Priority,
};
use jiff::Timestamp;

use crate::stand::stands;

fn now() -> Timestamp {
    Timestamp::now()
}

#[tokio::test]
async fn every_node_shows_what_one_keeps() {
    for stand in stands("nodes").await {
        let (other_store, other) = stand.another().await;
        let authority = stand.store.local_authority(now()).await.unwrap();
        let same = other_store.local_authority(now()).await.unwrap();
        assert_eq!(authority.root(), same.root(), "one authority for all nodes");
        let issue = |name: &str| authority.issue(name, now(), stand.certificates.provider()).unwrap();
        for name in ["mta-sts.a.example", "mta-sts.b.example"] {
            stand.store.keep(name, &issue(name)).await.unwrap();
        }
        assert_eq!(other.follow(&other_store).await.unwrap(), 2);
        assert_eq!(other.follow(&other_store).await.unwrap(), 0);
        assert!(other.for_name("mta-sts.a.example").is_some());
        let renewed = issue("mta-sts.a.example");
        stand.store.keep("mta-sts.a.example", &renewed).await.unwrap();
        stand.store.forget("mta-sts.b.example", None).await.unwrap();
        assert_eq!(other.follow(&other_store).await.unwrap(), 2);
        assert_eq!(&other.for_name("mta-sts.a.example").unwrap().cert[0], renewed.leaf());
        assert!(other.for_name("mta-sts.b.example").is_none());
        // One that was not there meanwhile.
        let late = Certificates::new(Arc::clone(&stand.sealer));
        late.follow(&other_store).await.unwrap();
        assert_eq!(late.len(), 1);
        assert_eq!(
            stand.store.certificate("mta-sts.a.example").await.unwrap().as_ref(),
            Some(renewed.facts())
        );
        assert_eq!(stand.store.certificate("mta-sts.b.example").await.unwrap(), None);
        let expiring = stand.store.expiring(Timestamp::MAX, 10).await.unwrap();
        assert_eq!(expiring.len(), 1, "{expiring:?}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_kept() {
    for stand in stands("other_name").await {
        let authority = LocalAuthority::generate(now()).unwrap();
        let issued = authority.issue("mta-sts.a.example", now(), stand.certificates.provider()).unwrap();
        let refused = stand.store.keep("mta-sts.b.example", &issued).await;
        assert!(matches!(refused, Err(StoreError::Certificate(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn the_sealing_key_is_changed_while_everything_goes_on() {
    for stand in stands("resealing").await {
        let (old, new) = (SealingKey::generate().unwrap(), SealingKey::generate().unwrap());
        let sealed_with =
            |current: &SealingKey, former: &[SealingKey]| Arc::new(Sealer::new(current, former).unwrap());
        let database = stand.store.database().clone();
        let first = Store::open(database.clone(), sealed_with(&old, &[])).await.unwrap();
        let authority = first.local_authority(now()).await.unwrap();
        // More than one page of them.
        for number in 0..250 {
            let name = format!("mta-sts.{number}.example");
            let issued = authority.issue(&name, now(), stand.certificates.provider()).unwrap();
            first.keep(&name, &issued).await.unwrap();
        }
        first.forget("mta-sts.7.example", None).await.unwrap();
        let wrong = Store::open(database.clone(), sealed_with(&new, &[])).await;
        assert!(matches!(wrong, Err(StoreError::Seal(_))), "{wrong:?}");
        let both = sealed_with(&new, std::slice::from_ref(&old));
        let changing = Store::open(database.clone(), both).await.unwrap();
        let done = changing.reseal().await.unwrap();
        assert_eq!((done.keys, done.already), (250, 0), "249 certificates and the authority");
        let again = changing.reseal().await.unwrap();
        assert_eq!((again.keys, again.already), (0, 250));
        let alone = sealed_with(&new, &[]);
        let after = Store::open(database, Arc::clone(&alone)).await.unwrap();
        let shown = Certificates::new(alone);
        shown.follow(&after).await.unwrap();
        assert_eq!(shown.len(), 249);
        assert!(shown.for_name("mta-sts.249.example").is_some());
        assert_eq!(after.local_authority(now()).await.unwrap().root(), authority.root());
    }
}

#[tokio::test]
async fn names_are_wanted_once() {
    for stand in stands("wanted").await {
        let store = &stand.store;
        store.want("mta-sts.a.co.uk", Priority::Bulk, now()).await.unwrap();
        store.want("mta-sts.a.co.uk", Priority::Waiting, now()).await.unwrap();
        let wanted = store.wanted("mta-sts.a.co.uk").await.unwrap().unwrap();
        assert_eq!((wanted.priority, wanted.registered.as_str()), (Priority::Bulk, "a.co.uk"));
        assert!(store.hurry("mta-sts.a.co.uk", now()).await.unwrap());
        assert!(!store.hurry("mta-sts.b.co.uk", now()).await.unwrap());
        let wanted = store.wanted("mta-sts.a.co.uk").await.unwrap().unwrap();
        assert_eq!(wanted.priority, Priority::Waiting);
        assert_eq!(store.wanted_state(now()).await.unwrap().names, 1);
        store.unwant("mta-sts.a.co.uk").await.unwrap();
        assert_eq!(store.wanted("mta-sts.a.co.uk").await.unwrap(), None);
    }
}
