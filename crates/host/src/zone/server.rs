//! The sockets that questions come by.

mod counts;
mod tcp;
mod udp;

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use outside::Clock;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::counts::Counters;
use super::limit::{LimitSettings, Limiter};
use super::{Transport, Zone};

pub use counts::DnsCounts;

/// Threads for each address, when nothing else is said: more than a few only wait for each other.
const MAX_THREADS: usize = 4;
/// When any port will do: how often one is sought that is free for both UDP and TCP.
const PORT_ATTEMPTS: usize = 16;

/// Where to listen, and how much to answer.
#[derive(Debug, Clone)]
pub struct DnsSettings {
    /// Addresses to listen on by UDP and TCP. Give each address of the machine by itself: an answer by UDP goes out from
    /// the address that the question came to only then. Port 0 stands for any that is free.
    pub listen: Vec<SocketAddr>,
    /// Threads for each address; `None` for as many as there are processors, four at most.
    pub threads: Option<NonZeroUsize>,
    /// How much is answered to one network by UDP.
    pub limits: LimitSettings,
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} by {transport}: {why}")]
pub struct DnsServerFault {
    /// The address.
    pub address: SocketAddr,
    /// `UDP` or `TCP`.
    pub transport: &'static str,
    /// What the system says.
    #[source]
    pub why: io::Error,
}

/// A running name server. It ends when it is drained, or at once when it is dropped.
#[derive(Debug)]
pub struct DnsServer {
    addresses: Vec<SocketAddr>,
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
    stopping: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
    listeners: JoinSet<()>,
}

/// What all of its threads and tasks share.
struct Office {
    zone: Arc<Zone>,
    clock: Clock,
    limiter: Limiter,
    counters: Arc<Counters>,
    stop: Arc<AtomicBool>,
}

impl DnsServer {
    /// Listens and answers for a zone. To be called within a tokio runtime, which serves the connections.
    ///
    /// # Errors
    /// [`DnsServerFault`] for the first address that cannot be listened on.
    pub fn start(settings: &DnsSettings, zone: Arc<Zone>, clock: Clock) -> Result<Self, DnsServerFault> {
        let sockets = settings.listen.iter().map(|address| bind(*address)).collect::<Result<Vec<_>, _>>()?;
        let counters = Arc::new(Counters::default());
        let stop = Arc::new(AtomicBool::new(false));
        let (stopping, stopped) = watch::channel(false);
        let office = Arc::new(Office {
            zone,
            clock,
            limiter: Limiter::new(settings.limits),
            counters: Arc::clone(&counters),
            stop: Arc::clone(&stop),
        });
        let mut server = Self {
            addresses: Vec::new(),
            counters,
            stop,
            stopping,
            threads: Vec::new(),
            listeners: JoinSet::new(),
        };
        let count = settings.threads.or_else(|| std::thread::available_parallelism().ok());
        let count =
            count.map_or(1, NonZeroUsize::get).min(settings.threads.map_or(MAX_THREADS, NonZeroUsize::get));
        for Sockets { address, udp, tcp } in sockets {
            let fault = |transport| move |why| DnsServerFault { address, transport, why };
            let udp = Arc::new(udp);
            for _ in 0..count {
                let (udp, office) = (Arc::clone(&udp), Arc::clone(&office));
                let thread = std::thread::Builder::new()
                    .name("dns".to_owned())
                    .spawn(move || udp::serve(&udp, &office))
                    .map_err(fault("UDP"))?;
                server.threads.push(thread);
            }
            let listener = tokio::net::TcpListener::from_std(tcp).map_err(fault("TCP"))?;
            server.listeners.spawn(tcp::serve(listener, Arc::clone(&office), stopped.clone()));
            server.addresses.push(address);
        }
        Ok(server)
    }

    /// The addresses that it listens on, in the order of the settings, with the ports that were found.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What was answered so far.
    #[must_use]
    pub fn counts(&self) -> DnsCounts {
        self.counters.read()
    }

    /// Takes no more questions and comes to an end: what was asked is answered, idle connections are closed.
    pub async fn drain(mut self) {
        self.halt();
        while self.listeners.join_next().await.is_some() {}
        let threads = std::mem::take(&mut self.threads);
        // Each thread looks up at least every quarter of a second.
        let joined =
            tokio::task::spawn_blocking(move || threads.into_iter().for_each(|thread| drop(thread.join())));
        drop(joined.await);
    }

    fn halt(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.stopping.send_replace(true);
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.halt();
    }
}

struct Sockets {
    address: SocketAddr,
    udp: UdpSocket,
    tcp: TcpListener,
}

/// Binds both transports to one port.
fn bind(address: SocketAddr) -> Result<Sockets, DnsServerFault> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let fault = |transport| move |why| DnsServerFault { address, transport, why };
        let udp = UdpSocket::bind(address).map_err(fault("UDP"))?;
        udp.set_read_timeout(Some(udp::LOOK_UP)).map_err(fault("UDP"))?;
        let bound = udp.local_addr().map_err(fault("UDP"))?;
        match TcpListener::bind(bound) {
            Ok(tcp) => {
                tcp.set_nonblocking(true).map_err(fault("TCP"))?;
                return Ok(Sockets { address: bound, udp, tcp });
            }
            Err(error)
                if address.port() == 0
                    && error.kind() == io::ErrorKind::AddrInUse
                    && attempt < PORT_ATTEMPTS => {}
            Err(error) => return Err(fault("TCP")(error)),
        }
    }
}
