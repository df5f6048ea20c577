//! UDP sockets that notice at once when nobody listens at the other end.
//!
//! The library's own wait for an answer is not woken by the ICMP error, so that a resolver that is not there would
//! only be noticed when the time allowed is over.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use domain::net::client::protocol::{AsyncConnect, AsyncDgramRecv, AsyncDgramSend};
use tokio::io::{Interest, ReadBuf};
use tokio::net::UdpSocket;

/// Makes a socket, with a port of its own, for each question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Datagrams(pub(super) SocketAddr);

/// A socket for one question.
pub(super) struct Datagram {
    socket: Arc<UdpSocket>,
    trouble: Mutex<Pin<Box<dyn Future<Output = io::Error> + Send>>>,
}

impl AsyncConnect for Datagrams {
    type Connection = Datagram;
    type Fut = Pin<Box<dyn Future<Output = io::Result<Datagram>> + Send + Sync>>;

    fn connect(&self) -> Self::Fut {
        let server = self.0;
        Box::pin(async move {
            let local = match server {
                SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
                SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            };
            let socket = Arc::new(UdpSocket::bind(local).await?);
            socket.connect(server).await?;
            let trouble = Box::pin(trouble(Arc::clone(&socket)));
            Ok(Datagram { socket, trouble: Mutex::new(trouble) })
        })
    }
}

/// Waits until the socket has an error.
async fn trouble(socket: Arc<UdpSocket>) -> io::Error {
    match socket.ready(Interest::ERROR).await.and_then(|_| socket.take_error()) {
        Ok(Some(error)) | Err(error) => error,
        Ok(None) => std::future::pending().await,
    }
}

impl AsyncDgramRecv for Datagram {
    fn poll_recv(&self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(received) = self.socket.poll_recv(context, buffer) {
            return Poll::Ready(received);
        }
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_mut().poll(context).map(Err)
    }
}

impl AsyncDgramSend for Datagram {
    fn poll_send(&self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.socket.poll_send(context, octets)
    }
}
