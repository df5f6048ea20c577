//! Questions by TCP (RFC 7766).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Office, Transport};
use crate::zone::Desk;

/// How long a connection may be idle, and how long one question or answer may take on its way. RFC 7766 §6.2.3: in the
/// order of seconds.
const IDLE: Duration = Duration::from_secs(10);
/// How long a connection may last at all: whoever has more questions can come again.
const LIFE: Duration = Duration::from_secs(120);
/// How long answers may still be on their way when the server ends.
const DRAIN: Duration = Duration::from_secs(5);
/// Connections open at the same time, each a few kilobytes.
const MAX_CONNECTIONS: usize = 2_048;
/// Of one address (/64 by IPv6). Resolvers need one or two.
const MAX_PER_ADDRESS: usize = 32;
/// A question has one name and a few options.
const MAX_QUESTION: u16 = 2_048;
/// After an error of the listener that waiting may cure, such as too many open files.
const PAUSE: Duration = Duration::from_millis(50);

/// How many connections there are, by address.
type Guests = Arc<Mutex<HashMap<IpAddr, usize>>>;

pub(super) async fn serve(listener: TcpListener, office: Arc<Office>, mut stopped: watch::Receiver<bool>) {
    let guests = Guests::default();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            // The sender lives as long as the server.
            _ = stopped.wait_for(|stopped| *stopped) => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, from)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let guest = match connections.len() < MAX_CONNECTIONS {
            true => Guest::enter(&guests, from.ip()),
            false => None,
        };
        match guest {
            Some(guest) => {
                let (office, stopped) = (Arc::clone(&office), stopped.clone());
                connections.spawn(async move {
                    let _guest = guest;
                    // Beyond its life the connection is closed, whatever it was doing.
                    drop(timeout(LIFE, converse(stream, &office, stopped)).await);
                });
            }
            None => office.counters.turned_away(),
        }
    }
    drop(listener);
    drop(timeout(DRAIN, async { while connections.join_next().await.is_some() {} }).await);
}

/// One question after another, in the order in which they come; `None` at the end.
async fn converse(mut stream: TcpStream, office: &Office, mut stopped: watch::Receiver<bool>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut desk = Desk::default();
    let (mut asked, mut framed) = (Vec::new(), Vec::new());
    loop {
        let length = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return None,
            length = timeout(IDLE, stream.read_u16()) => length.ok()?.ok()?,
        };
        if length > MAX_QUESTION {
            return None;
        }
        asked.resize(usize::from(length), 0);
        timeout(IDLE, stream.read_exact(&mut asked)).await.ok()?.ok()?;
        let answer = office.zone.answer(&mut desk, &asked, Transport::Tcp, office.clock.now());
        office.counters.count(Transport::Tcp, answer.map(|answer| answer.kind));
        let octets = answer?.octets;
        // RFC 7766 §8: length and message in one piece.
        framed.clear();
        framed.extend_from_slice(&u16::try_from(octets.len()).ok()?.to_be_bytes());
        framed.extend_from_slice(octets);
        timeout(IDLE, stream.write_all(&framed)).await.ok()?.ok()?;
    }
}

/// A connection that counts for its address as long as it lasts.
struct Guest {
    guests: Guests,
    address: IpAddr,
}

impl Guest {
    fn enter(guests: &Guests, address: IpAddr) -> Option<Self> {
        let address = match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            v4 @ IpAddr::V4(_) => v4,
        };
        let mut counted = guests.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counted.entry(address).or_default();
        if *count >= MAX_PER_ADDRESS {
            return None;
        }
        *count += 1;
        drop(counted);
        Some(Self { guests: Arc::clone(guests), address })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut counted = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counted.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counted.remove(&self.address);
            }
        }
    }
}
