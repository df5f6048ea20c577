//! Ids that our own name server announces.

use host::zone::Service;
use host::{AnnounceError, Announcer, Delegated};

use super::{LABEL, zone};

#[tokio::test]
async fn what_is_there_is_told_with_its_times() {
    let announcer = Announcer::Delegated(Delegated::new(zone(Vec::new())));
    for name in [Service::Id.name(LABEL, "host.test"), "_mta-sts.lab.test".to_owned()] {
        let present = announcer.present(&name).await.expect("it is answered here").expect("it is known");
        assert_eq!(present.id().as_deref(), Some("1"));
        assert_eq!((present.ttl, present.negative_ttl), (Some(300), Some(60)));
    }
    let elsewhere = announcer.present("_mta-sts.other.test").await.expect_err("not ours");
    assert!(matches!(elsewhere, AnnounceError::NotDelegated { .. }), "{elsewhere}");
}
