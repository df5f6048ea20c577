//! Opening TCP connections to other people's addresses.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use protocol::observed::{ConnectFailure, Detour, NotTested, NotTestedReason, Tested};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::guard::may_visit;
use super::rules::destination;
use crate::deadline::{Deadline, Late};
use crate::visits::{Turn, Turns};
use crate::watcher::{Purpose, Step, Watcher};
use crate::{Clock, Families, Settings, Stopwatch};

/// Connections open at the same time to one address (rule 150 asks for politeness): a session and its two probes.
/// Hosts that share an address wait for each other.
const MAX_PER_ADDRESS: usize = 3;

/// Opens the connections of one look, so many at a time.
#[derive(Clone)]
pub(crate) struct Dialer {
    settings: Arc<Settings>,
    slots: Arc<Semaphore>,
    per_address: Arc<Mutex<HashMap<IpAddr, Arc<Semaphore>>>>,
    /// The turns that several looks take.
    turns: Option<Turns>,
    detours: Arc<Mutex<BTreeSet<Detour>>>,
    deadline: Deadline,
    watcher: Watcher,
    clock: Clock,
}

/// An open connection. Its place among the connections of the look is free again when it is dropped.
pub(crate) struct Connected {
    pub(crate) stream: TcpStream,
    pub(crate) connect_millis: u64,
    /// Runs since the connection was there.
    pub(crate) since: Stopwatch,
    pub(crate) slot: Slot,
}

/// The places that a connection takes among those of the look and among those to its address.
pub(crate) struct Slot {
    _of_address: OwnedSemaphorePermit,
    _of_look: OwnedSemaphorePermit,
    _turn: Option<Turn>,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoConnection {
    /// Not tried, or our own trouble.
    NotTested(NotTested),
    /// Tried, in so many milliseconds.
    Failed(ConnectFailure, u64),
}

impl Dialer {
    pub(crate) fn new(
        settings: &Arc<Settings>,
        deadline: &Deadline,
        watcher: &Watcher,
        clock: &Clock,
    ) -> Self {
        Self {
            settings: Arc::clone(settings),
            slots: Arc::new(Semaphore::new(settings.limits.parallel.max(1))),
            per_address: Arc::default(),
            turns: None,
            detours: Arc::default(),
            deadline: deadline.clone(),
            watcher: watcher.clone(),
            clock: clock.clone(),
        }
    }

    /// The same, taking turns with other looks.
    pub(crate) fn taking(self, turns: Turns) -> Self {
        Self { turns: Some(turns), ..self }
    }

    /// The same, with another end. What is open and where connections were led remains common.
    pub(crate) fn until(&self, deadline: &Deadline) -> Self {
        Self { deadline: deadline.clone(), ..self.clone() }
    }

    /// Connects to `address`, which DNS gave for `host`.
    pub(crate) async fn dial(
        &self,
        purpose: Purpose,
        host: &str,
        address: IpAddr,
        port: u16,
    ) -> Result<Connected, NoConnection> {
        let target = self.place(host, address, port).map_err(NoConnection::NotTested)?;
        let late = || NoConnection::NotTested(self.deadline.not_tested());
        let turn = self.turn(address).await;
        let waited = self.deadline.within(self.deadline.remaining(), self.slot(address, turn)).await;
        let Ok(Some(slot)) = waited else { return Err(late()) };
        self.watcher.tell(|| Step::Connection {
            purpose,
            host: host.to_owned(),
            address: SocketAddr::new(address, port),
        });
        let watch = self.clock.stopwatch();
        match self.deadline.within(self.settings.limits.connect, self.connect(target)).await {
            Ok(Ok(stream)) => {
                Ok(Connected { stream, connect_millis: watch.millis(), since: self.clock.stopwatch(), slot })
            }
            Ok(Err(Trouble { error, at_once })) => Err(no_connection(&error, at_once, watch.millis())),
            Err(Late::Limit) => Err(NoConnection::Failed(ConnectFailure::Timeout, watch.millis())),
            Err(Late::Deadline) => Err(late()),
        }
    }

    /// Where a connection to `address` really goes, if it may be made at all.
    pub(crate) fn place(&self, host: &str, address: IpAddr, port: u16) -> Result<SocketAddr, NotTested> {
        let not = |reason, text: String| Err(NotTested::new(reason, text));
        match (self.settings.families, address) {
            (Families::V4, IpAddr::V6(_)) => {
                return not(NotTestedReason::NotAsked, "only IPv4 was asked for".to_owned());
            }
            (Families::V6, IpAddr::V4(_)) => {
                return not(NotTestedReason::NotAsked, "only IPv6 was asked for".to_owned());
            }
            _ => {}
        }
        let exclusion = &self.settings.exclusion;
        if exclusion.has_address(address) || exclusion.has_host(host) {
            let why = format!("{host} ({address}) is on the list of those who asked not to be looked at");
            return not(NotTestedReason::TargetNotAllowed, why);
        }
        if !may_visit(address, &self.settings.allow_targets) {
            return not(
                NotTestedReason::TargetNotAllowed,
                format!("{address} is not a public address; --allow-target permits visiting it"),
            );
        }
        let target = destination(&self.settings.connect_to, host, address, port);
        if let Some(source) = self.settings.source_ip
            && source.is_ipv4() != target.address.is_ipv4()
        {
            return not(
                NotTestedReason::NotAsked,
                format!(
                    "{address} cannot be reached from the source address {source}, which is of the other family"
                ),
            );
        }
        if !target.redirected
            && let Err(why) = route(target.address)
        {
            return Err(why);
        }
        let from = SocketAddr::new(address, port);
        if target.address != from {
            let detour = Detour { host: host.to_owned(), from, to: target.address };
            self.detours.lock().unwrap_or_else(PoisonError::into_inner).insert(detour);
        }
        Ok(target.address)
    }

    /// The connections so far that rules led elsewhere.
    pub(crate) fn detours(&self) -> Vec<Detour> {
        self.detours.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Waits for a turn, during which the look's time stands still.
    async fn turn(&self, address: IpAddr) -> Option<Turn> {
        let turns = self.turns.as_ref()?;
        let _pause = self.deadline.pause();
        turns.take(address).await
    }

    async fn slot(&self, address: IpAddr, turn: Option<Turn>) -> Option<Slot> {
        let of_address = {
            let mut known = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(address).or_insert_with(|| Arc::new(Semaphore::new(MAX_PER_ADDRESS))))
        };
        // Always in this order after the turn, and nobody who holds one waits for a second.
        let _of_address = of_address.acquire_owned().await.ok()?;
        let _of_look = Arc::clone(&self.slots).acquire_owned().await.ok()?;
        Some(Slot { _of_address, _of_look, _turn: turn })
    }

    async fn connect(&self, target: SocketAddr) -> Result<TcpStream, Trouble> {
        let ours = |error| Trouble { error, at_once: true };
        let socket =
            if target.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(ours)?;
        if let Some(source) = self.settings.source_ip {
            socket.bind(SocketAddr::new(source, 0)).map_err(ours)?;
        }
        let mut connecting = std::pin::pin!(socket.connect(target));
        let stream = match futures_util::poll!(&mut connecting) {
            Poll::Ready(result) => result.map_err(ours)?,
            Poll::Pending => connecting.await.map_err(|error| Trouble { error, at_once: false })?,
        };
        stream.set_nodelay(true).map_err(ours)?;
        Ok(stream)
    }
}

/// A connection that did not come about.
struct Trouble {
    error: io::Error,
    /// The kernel said so at once, before anything was sent.
    at_once: bool,
}

/// Whether this machine has a route to addresses of the family of `example` on the internet.
pub(crate) fn has_route(example: IpAddr) -> Tested<()> {
    match route(SocketAddr::new(example, 53)) {
        Ok(()) => Tested::Seen(()),
        Err(why) => Tested::NotTested(why),
    }
}

/// Asks the kernel for a route by connecting a UDP socket, which sends nothing.
fn route(target: SocketAddr) -> Result<(), NotTested> {
    let local: IpAddr =
        if target.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    match UdpSocket::bind(SocketAddr::new(local, 0)).and_then(|socket| socket.connect(target)) {
        Ok(()) => Ok(()),
        Err(_) => {
            let family = if target.is_ipv4() { "IPv4" } else { "IPv6" };
            Err(NotTested::new(
                NotTestedReason::NoRoute,
                format!("this machine has no {family} route to {}", target.ip()),
            ))
        }
    }
}

fn no_connection(error: &io::Error, at_once: bool, millis: u64) -> NoConnection {
    let failure = match error.kind() {
        // Nobody on the way can have said so yet: it is this machine's own table of routes.
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable if at_once => {
            return NoConnection::NotTested(NotTested::new(
                NotTestedReason::NoRoute,
                format!("this machine has no route to that address: {error}"),
            ));
        }
        io::ErrorKind::ConnectionRefused => ConnectFailure::Refused,
        io::ErrorKind::TimedOut => ConnectFailure::Timeout,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => ConnectFailure::Reset,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => ConnectFailure::Unreachable,
        // A packet filter or a missing source address of our own, or no sockets left.
        _ => {
            return NoConnection::NotTested(NotTested::new(
                NotTestedReason::NoRoute,
                format!("this machine does not make the connection: {error}"),
            ));
        }
    };
    NoConnection::Failed(failure, millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_route_of_our_own_is_no_failure_of_the_other_side() {
        for kind in [io::ErrorKind::HostUnreachable, io::ErrorKind::NetworkUnreachable] {
            let NoConnection::NotTested(why) = no_connection(&kind.into(), true, 0) else {
                panic!("{kind} at once is ours")
            };
            assert_eq!(why.reason, NotTestedReason::NoRoute);
            let failed = NoConnection::Failed(ConnectFailure::Unreachable, 7);
            assert_eq!(no_connection(&kind.into(), false, 7), failed);
        }
        let refused = no_connection(&io::ErrorKind::ConnectionRefused.into(), true, 0);
        assert_eq!(refused, NoConnection::Failed(ConnectFailure::Refused, 0));
    }
}
