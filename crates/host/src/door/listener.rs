//! A port that is listened at.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio_util::task::TaskTracker;

use super::tally::Count;
use super::worker::Shared;
use super::{Addresses, DoorFault, challenge, conversation, greeting};

/// Connections that the system keeps until they are accepted. The system cuts it to what it allows.
const BACKLOG: u32 = 4096;
/// A pause after the system had no connection to give: others must end first.
const BREATHER: Duration = Duration::from_millis(100);

/// What is spoken at a port.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spoken {
    Https,
    Http,
}

/// Whether the addresses can be had. The workers share them, and could share them with another program of the same user
/// without noticing: two servers would then answer in turns.
pub(super) fn check_free(addresses: &Addresses) -> Result<(), DoorFault> {
    for address in addresses.https.iter().chain(&addresses.http).filter(|address| address.port() != 0) {
        std::net::TcpListener::bind(address)
            .map_err(|error| DoorFault::Listen { address: *address, error })?;
    }
    Ok(())
}

/// Listens at an address that several workers share.
pub(super) fn open(address: SocketAddr) -> Result<TcpListener, DoorFault> {
    let listen = || -> io::Result<TcpListener> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        #[cfg(unix)]
        socket.set_reuseport(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error| DoorFault::Listen { address, error })
}

/// Lets connections in until the door closes.
pub(super) async fn listen(listener: TcpListener, spoken: Spoken, shared: Arc<Shared>, inside: TaskTracker) {
    let mut closing = pin!(shared.closing.cancelled());
    loop {
        let accepted = tokio::select! {
            () = &mut closing => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            // accept(2): the connection was given up before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(_) => {
                shared.tally.add(Count::NotAccepted);
                tokio::time::sleep(BREATHER).await;
                continue;
            }
        };
        let from = from.ip().to_canonical();
        let guest = tokio::select! {
            () = &mut closing => return,
            guest = shared.guests.admit(from) => guest,
        };
        let Some(guest) = guest else {
            shared.tally.add(Count::TooMany);
            continue;
        };
        shared.tally.add(Count::Admitted);
        // Answers are small and whole: they need not wait to be filled up.
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        inside.spawn(async move {
            let _guest = guest;
            match spoken {
                Spoken::Https => {
                    if let Some(greeted) = greeting::greet(stream, &shared).await {
                        conversation::converse(greeted, from, shared).await;
                    }
                }
                Spoken::Http => challenge::converse(stream, from, shared).await,
            }
        });
    }
}
