//! Who is inside, and how many more may come.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The connections that are open, counted for each address.
pub(super) struct Guests {
    room: Arc<Semaphore>,
    per_address: usize,
    inside: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection; its place is free again when this is dropped.
pub(super) struct Guest {
    from: IpAddr,
    guests: Arc<Guests>,
    _place: OwnedSemaphorePermit,
}

impl Guests {
    pub(super) fn new(all: usize, per_address: usize) -> Arc<Self> {
        let room = Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS)));
        Arc::new(Self { room, per_address, inside: Mutex::default() })
    }

    /// Lets one in, as soon as there is room; `None` when there are too many from its address.
    pub(super) async fn admit(self: &Arc<Self>, from: IpAddr) -> Option<Guest> {
        let from = client(from);
        if self.count(from) >= self.per_address {
            return None;
        }
        // Never closed, so that this waits for room and nothing else.
        let place = Arc::clone(&self.room).acquire_owned().await.ok()?;
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let count = inside.entry(from).or_default();
        if *count >= self.per_address {
            return None;
        }
        *count += 1;
        Some(Guest { from, guests: Arc::clone(self), _place: place })
    }

    fn count(&self, from: IpAddr) -> usize {
        let inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.get(&from).copied().unwrap_or_default()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut inside = self.guests.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = inside.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.from);
            }
        }
    }
}

/// What one client has: an IPv4 address, or the /64 that an IPv6 host may choose its addresses from.
fn client(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_address_has_its_share() {
        let guests = Guests::new(10, 2);
        let of = |text: &str| text.parse::<IpAddr>().expect("an address");
        let first = guests.admit(of("192.0.2.1")).await.expect("room");
        let _second = guests.admit(of("::ffff:192.0.2.1")).await.expect("room");
        assert!(guests.admit(of("192.0.2.1")).await.is_none(), "the same address, written in two ways");
        let _other = guests.admit(of("192.0.2.2")).await.expect("another address");
        drop(first);
        let _third = guests.admit(of("192.0.2.1")).await.expect("room again");

        let _six = guests.admit(of("2001:db8::1")).await.expect("room");
        let _seven = guests.admit(of("2001:db8::2:3")).await.expect("room");
        assert!(guests.admit(of("2001:db8::ffff")).await.is_none(), "one /64 is one client");
        let _next = guests.admit(of("2001:db8:0:1::1")).await.expect("another /64");
    }

    #[tokio::test]
    async fn nobody_is_kept_in_mind_who_has_left() {
        let guests = Guests::new(1, 1);
        for last in 0..=255_u8 {
            drop(guests.admit(IpAddr::from([192, 0, 2, last])).await.expect("room"));
        }
        assert!(guests.inside.lock().expect("not poisoned").is_empty());
    }

    #[tokio::test]
    async fn one_more_waits_until_another_leaves() {
        let guests = Guests::new(1, 5);
        let first = guests.admit(IpAddr::from([192, 0, 2, 1])).await.expect("room");
        let mut second = Box::pin(guests.admit(IpAddr::from([192, 0, 2, 2])));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        assert!(second.await.is_some());
    }
}
