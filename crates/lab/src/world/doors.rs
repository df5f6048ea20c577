//! What is behind each address: servers on loopback, closed ports, and silence.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use crate::LabError;
use crate::scenario::TcpManner;
use crate::visits::{CONNECTION, VisitKind, Visits};
use crate::{https, smtp};

/// What serves a connection.
#[derive(Clone)]
pub(crate) enum Service {
    Web(Arc<https::Site>),
    Mail(Arc<smtp::MailHost>),
}

/// The map from documentation addresses to loopback, while it grows.
pub(crate) struct Doors {
    pub(crate) map: Vec<(SocketAddr, SocketAddr)>,
    closed: SocketAddr,
    silent: SocketAddr,
    delay: Duration,
    visits: Visits,
    /// Held so that nobody else gets their ports.
    _kept: Vec<TcpSocket>,
    _queue: (TcpListener, JoinSet<()>),
}

impl Doors {
    /// A closed port and a silent one, for all hosts that need one.
    pub(crate) fn new(delay: Duration, visits: Visits) -> Result<Self, LabError> {
        let loopback: SocketAddr = (IpAddr::from([127, 0, 0, 1]), 0).into();
        // Bound and never listening: connections are refused, and the port stays ours.
        let refusing = TcpSocket::new_v4()?;
        refusing.bind(loopback)?;
        let closed = refusing.local_addr()?;
        // A queue of length zero that is full, so that further packets go unanswered.
        let stuffed = TcpSocket::new_v4()?;
        stuffed.bind(loopback)?;
        let silent = stuffed.local_addr()?;
        let listener = stuffed.listen(0)?;
        let mut fillers = JoinSet::new();
        for _ in 0..4 {
            fillers.spawn(async move {
                let held = TcpStream::connect(silent).await;
                std::future::pending::<()>().await;
                drop(held);
            });
        }
        let map = Vec::new();
        Ok(Self { map, closed, silent, delay, visits, _kept: vec![refusing], _queue: (listener, fillers) })
    }

    /// Maps an address to a server that already runs.
    pub(crate) fn map(&mut self, address: IpAddr, port: u16, real: SocketAddr) {
        self.map.push((SocketAddr::new(address, port), real));
    }

    /// True if the address and port are mapped already.
    pub(crate) fn has(&self, address: IpAddr, port: u16) -> bool {
        self.map.iter().any(|(known, _)| *known == SocketAddr::new(address, port))
    }

    /// Refuses connections at this address and port.
    pub(crate) fn close(&mut self, address: IpAddr, port: u16) {
        self.map(address, port, self.closed);
    }

    /// Opens a port with a service behind it.
    pub(crate) async fn open(
        &mut self,
        address: IpAddr,
        port: u16,
        manner: TcpManner,
        service: Service,
        tasks: &mut JoinSet<()>,
    ) -> Result<(), LabError> {
        match manner {
            TcpManner::Refused => self.close(address, port),
            TcpManner::Silent => self.map(address, port, self.silent),
            TcpManner::Open | TcpManner::Reset => {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                self.map(address, port, listener.local_addr()?);
                let (delay, visits) = (self.delay, self.visits.clone());
                tasks.spawn(accept(listener, manner, service, delay, visits));
            }
        }
        Ok(())
    }
}

async fn accept(listener: TcpListener, manner: TcpManner, service: Service, delay: Duration, visits: Visits) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors: let others finish first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let number = visits.connection();
        CONNECTION.sync_scope(number, || {
            visits.note(VisitKind::Tcp, service.peer(), "connection".to_owned());
        });
        if manner == TcpManner::Reset {
            let _ = stream.set_zero_linger();
            continue;
        }
        let service = service.clone();
        connections.spawn(CONNECTION.scope(number, async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            match service {
                Service::Web(site) => https::serve(site, stream).await,
                Service::Mail(host) => smtp::serve(host, stream).await,
            }
        }));
    }
}

impl Service {
    fn peer(&self) -> &str {
        match self {
            Self::Web(site) => &site.peer,
            Self::Mail(host) => &host.peer,
        }
    }
}
