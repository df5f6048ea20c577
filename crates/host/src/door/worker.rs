//! A thread that accepts and answers.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc as ready};

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::conversation::Manners;
use super::guests::Guests;
use super::listener::{self, Spoken};
use super::tally::Tally;
use super::terms::Terms;
use super::{Addresses, DoorFault, DoorSettings, Interior};

/// What all workers have in common.
pub(super) struct Shared {
    pub(super) settings: DoorSettings,
    pub(super) interior: Interior,
    pub(super) terms: Terms,
    pub(super) manners: Manners,
    pub(super) guests: Arc<Guests>,
    pub(super) tally: Tally,
    /// Nobody is let in any more.
    pub(super) closing: CancellationToken,
    /// Nobody may stay.
    pub(super) closed: CancellationToken,
}

impl Shared {
    pub(super) fn new(settings: DoorSettings, interior: Interior) -> Result<Self, rustls::Error> {
        Ok(Self {
            terms: Terms::new(&interior.certificates)?,
            manners: Manners::new(settings.patience.request),
            guests: Guests::new(settings.connections, settings.connections_per_address),
            tally: Tally::default(),
            closing: CancellationToken::new(),
            closed: CancellationToken::new(),
            settings,
            interior,
        })
    }

    /// Until a connection that begins now has had its time, or the door closes.
    pub(super) async fn over(&self) {
        tokio::select! {
            () = tokio::time::sleep(self.settings.patience.connection) => {}
            () = self.closing.cancelled() => {}
        }
    }
}

/// Starts a worker with its own loop of events, so that no work of others delays an answer and no two workers wait for
/// each other: each has sockets of its own at the same addresses, between which the system divides new connections.
/// Returns once it listens, with the addresses as they are.
pub(super) fn start(
    number: usize,
    addresses: Addresses,
    shared: Arc<Shared>,
    alive: mpsc::Sender<()>,
) -> Result<Addresses, DoorFault> {
    let (ready, opened) = ready::sync_channel(1);
    let work = move || {
        // Held until the last connection has ended.
        let _alive = alive;
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(work(addresses, shared, &ready)),
            // Whoever waits for it takes it; if nobody does, nobody needs it.
            Err(error) => drop(ready.send(Err(DoorFault::Thread(error)))),
        }
    };
    std::thread::Builder::new().name(format!("door-{number}")).spawn(work).map_err(DoorFault::Thread)?;
    opened.recv().unwrap_or_else(|_| Err(DoorFault::Thread(io::Error::other("it ended at once"))))
}

async fn work(
    addresses: Addresses,
    shared: Arc<Shared>,
    ready: &ready::SyncSender<Result<Addresses, DoorFault>>,
) {
    let (https, http) = match open(&addresses) {
        Ok(listeners) => listeners,
        Err(fault) => return drop(ready.send(Err(fault))),
    };
    let at = |all: &[TcpListener]| all.iter().filter_map(|one| one.local_addr().ok()).collect();
    let _ = ready.send(Ok(Addresses { https: at(&https), http: at(&http) }));
    let inside = TaskTracker::new();
    let https = https.into_iter().map(|listener| (listener, Spoken::Https));
    let http = http.into_iter().map(|listener| (listener, Spoken::Http));
    for (listener, spoken) in https.chain(http) {
        inside.spawn(listener::listen(listener, spoken, Arc::clone(&shared), inside.clone()));
    }
    inside.close();
    tokio::select! {
        () = inside.wait() => {}
        () = shared.closed.cancelled() => {}
    }
}

fn open(addresses: &Addresses) -> Result<(Vec<TcpListener>, Vec<TcpListener>), DoorFault> {
    let all = |addresses: &[SocketAddr]| {
        addresses.iter().map(|one| listener::open(*one)).collect::<Result<Vec<_>, _>>()
    };
    Ok((all(&addresses.https)?, all(&addresses.http)?))
}
