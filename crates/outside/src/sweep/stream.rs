//! Asking again over TCP what did not fit into a datagram (RFC 7766).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

/// Asks one question over a connection of its own. `None` when no whole message came back in time.
pub(super) async fn ask(
    resolver: SocketAddr,
    source: Option<IpAddr>,
    question: Vec<u8>,
    timeout: Duration,
) -> Option<Vec<u8>> {
    tokio::time::timeout(timeout, exchange(resolver, source, question)).await.ok()?
}

async fn exchange(resolver: SocketAddr, source: Option<IpAddr>, question: Vec<u8>) -> Option<Vec<u8>> {
    let socket = if resolver.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.ok()?;
    if let Some(source) = source.filter(|source| source.is_ipv4() == resolver.is_ipv4()) {
        socket.bind(SocketAddr::new(source, 0)).ok()?;
    }
    let mut stream = socket.connect(resolver).await.ok()?;
    // RFC 1035 §4.2.2: two octets of length in front of each message, which RFC 7766 §8 wants in one segment.
    let mut framed = u16::try_from(question.len()).ok()?.to_be_bytes().to_vec();
    framed.extend_from_slice(&question);
    stream.write_all(&framed).await.ok()?;
    let length = stream.read_u16().await.ok()?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await.ok()?;
    Some(message)
}
