//! The node dies at each step of an order, and starts again.

use std::sync::Arc;

use host::certificates::queue::{Limits, Priority};
use jiff::{SignedDuration, Timestamp};

use crate::authority::{Manners, TestAuthority};
use crate::stand::{port_80, stands};

const NAME: &str = "mta-sts.a.example";

/// Steps of the authority's answers at which the node dies. An undisturbed order takes about a dozen requests.
const STEPS: u32 = 16;

#[tokio::test]
async fn an_order_is_gone_on_with_wherever_it_was_broken_off() {
    let mut finished_before_the_end = 0;
    for step in 1..=STEPS {
        for stand in stands(&format!("crash_{step}")).await {
            let address = port_80(Arc::clone(&stand.certificates), "127.0.0.1:0").await;
            let manners = Manners { life: 45 * 86_400, ..Manners::default() };
            let authority = TestAuthority::start(manners, address).await;
            let now = Timestamp::now();
            stand.store.want(NAME, Priority::Waiting, now).await.unwrap();
            // Everything in memory is lost when the authority has taken the request of this step, answered or not.
            let answered = authority.stop_after(step);
            let mut issuer = stand.issuer(&authority, Limits::NONE);
            issuer.tick(now).await.unwrap();
            tokio::select! {
                () = answered => {}
                _ = issuer.settle(now) => finished_before_the_end += 1,
            }
            drop(issuer);
            authority.go_on();
            // Another node, after the dead one's time is over; it knows what is on disk.
            let mut after = stand.issuer(&authority, Limits::NONE);
            let mut at = now.saturating_add(SignedDuration::from_secs(31)).unwrap();
            for _ in 0..60 {
                after.tick(at).await.unwrap();
                after.settle(at).await;
                if stand.certificates.contains(NAME) {
                    break;
                }
                at = at.saturating_add(SignedDuration::from_secs(10)).unwrap();
            }
            assert!(
                stand.certificates.for_name(NAME).is_some(),
                "step {step}: key and certificate belong together"
            );
            let did = authority.did();
            assert!(did.orders.len() <= 2, "step {step}: {did:?}");
            assert_eq!((did.issued.len(), did.failed), (1, 0), "step {step}: {did:?}");
            let wanted = stand.store.wanted(NAME).await.unwrap().unwrap();
            assert_eq!((wanted.order_url, wanted.failures), (None, 0), "step {step}");
        }
    }
    assert!(finished_before_the_end > 0, "there are more steps than were tried");
}
