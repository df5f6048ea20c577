//! Turns at other people's addresses: so many connections at a time, and a pause between them, whoever looks.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Clock, Stopwatch};

/// Addresses remembered before those that nobody waits for are forgotten.
const REMEMBERED: usize = 16_384;

/// The turns at all addresses.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Inner>);

struct Inner {
    at_once: usize,
    pause: Duration,
    watch: Stopwatch,
    addresses: Mutex<HashMap<IpAddr, Arc<Address>>>,
}

struct Address {
    places: Arc<Semaphore>,
    /// When the next connection may begin, since the turns began.
    next: Mutex<Duration>,
}

/// A turn; it is over when dropped.
pub(crate) struct Turn {
    _place: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(at_once: usize, pause: Duration, clock: &Clock) -> Self {
        Self(Arc::new(Inner {
            at_once: at_once.max(1),
            pause,
            watch: clock.stopwatch(),
            addresses: Mutex::default(),
        }))
    }

    /// Waits for a turn at `address`, as long as it takes. Those who wait are served in the order in which they came.
    pub(crate) async fn take(&self, address: IpAddr) -> Option<Turn> {
        let of_address = self.address(address);
        let place = Arc::clone(&of_address.places).acquire_owned().await.ok()?;
        let wait = {
            let now = self.0.watch.elapsed();
            let mut next = of_address.next.lock().unwrap_or_else(PoisonError::into_inner);
            let begin = (*next).max(now);
            *next = begin + self.0.pause;
            begin - now
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Some(Turn { _place: place })
    }

    fn address(&self, address: IpAddr) -> Arc<Address> {
        let mut addresses = self.0.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= REMEMBERED && !addresses.contains_key(&address) {
            let now = self.0.watch.elapsed();
            addresses.retain(|_, known| {
                // Whoever waits or has a turn holds it too.
                let used = Arc::strong_count(known) > 1 || known.places.available_permits() < self.0.at_once;
                used || *known.next.lock().unwrap_or_else(PoisonError::into_inner) > now
            });
        }
        let fresh = || {
            Arc::new(Address {
                places: Arc::new(Semaphore::new(self.0.at_once)),
                next: Mutex::new(Duration::ZERO),
            })
        };
        Arc::clone(addresses.entry(address).or_insert_with(fresh))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn turns_are_bounded_for_each_address_and_paced() {
        let pause = Duration::from_millis(5);
        let turns = Turns::new(2, pause, &Clock::system());
        let (open, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let watch = Clock::system().stopwatch();
        join_all((0..20).map(async |_| {
            let turn = turns.take([192, 0, 2, 1].into()).await;
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            open.fetch_sub(1, Ordering::SeqCst);
            drop(turn);
        }))
        .await;
        assert!(most.into_inner() <= 2);
        // The first begins at once, each of the others a pause later.
        assert!(watch.elapsed() >= pause * 19);
        let first = turns.take([192, 0, 2, 2].into()).await;
        let second = turns.take([192, 0, 2, 2].into()).await;
        assert!(first.is_some() && second.is_some());
    }
}
