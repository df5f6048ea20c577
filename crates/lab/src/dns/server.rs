//! UDP and TCP on one port in front of a [`Responder`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::responder::{Responder, Response, Transport};
use crate::visits::{VisitKind, Visits};

/// Queries that one TCP connection may have in flight before the server stops reading.
const IN_FLIGHT: usize = 64;
/// Tries to find a port that is free for UDP and TCP at once.
const PORT_TRIES: usize = 32;

/// Binds one loopback port for UDP and TCP and answers on it for as long as the task lives in `tasks`.
pub(crate) async fn serve(
    responder: Arc<Responder>,
    name: String,
    delay: Duration,
    visits: Visits,
    tasks: &mut JoinSet<()>,
) -> std::io::Result<SocketAddr> {
    let (udp, tcp) = bind_pair().await?;
    let address = udp.local_addr()?;
    let front = Front { responder, name, delay, visits };
    tasks.spawn(serve_udp(udp, front.clone()));
    tasks.spawn(serve_tcp(tcp, front));
    Ok(address)
}

#[derive(Clone)]
struct Front {
    responder: Arc<Responder>,
    name: String,
    delay: Duration,
    visits: Visits,
}

impl Front {
    async fn respond(&self, octets: &[u8], transport: Transport) -> Response {
        let (asked, response) = self.responder.respond(octets, transport);
        if let Some(asked) = asked {
            self.visits.note_answer(VisitKind::Dns, &self.name, asked.question, asked.told);
        }
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        response
    }
}

async fn bind_pair() -> std::io::Result<(UdpSocket, TcpListener)> {
    let mut last = None;
    for _ in 0..PORT_TRIES {
        let udp = UdpSocket::bind("127.0.0.1:0").await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into()))
}

async fn serve_udp(socket: UdpSocket, front: Front) {
    let socket = Arc::new(socket);
    let mut answers = JoinSet::new();
    let mut buffer = vec![0; 65_535];
    loop {
        while answers.try_join_next().is_some() {}
        // A client that went away shows as an error here on some systems: go on.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        let octets = buffer.get(..length).unwrap_or_default().to_vec();
        let (front, socket) = (front.clone(), socket.clone());
        answers.spawn(async move {
            if let Response::Send(answer) = front.respond(&octets, Transport::Udp).await {
                let _ = socket.send_to(&answer, peer).await;
            }
        });
    }
}

async fn serve_tcp(listener: TcpListener, front: Front) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        front.visits.note(VisitKind::Tcp, &front.name, "connection".to_owned());
        connections.spawn(converse(stream, front.clone()));
    }
}

async fn converse(stream: TcpStream, front: Front) {
    if !front.delay.is_zero() {
        tokio::time::sleep(front.delay).await;
    }
    let (mut reader, mut writer) = stream.into_split();
    let (sender, mut receiver) = mpsc::channel::<Response>(IN_FLIGHT);
    let mut queries = JoinSet::new();
    let reading = async {
        while let Ok(length) = reader.read_u16().await {
            let mut octets = vec![0; usize::from(length)];
            if reader.read_exact(&mut octets).await.is_err() {
                break;
            }
            while queries.len() >= IN_FLIGHT {
                queries.join_next().await;
            }
            let (front, sender) = (front.clone(), sender.clone());
            queries.spawn(async move {
                let response = front.respond(&octets, Transport::Tcp).await;
                let _ = sender.send(response).await;
            });
        }
        while queries.join_next().await.is_some() {}
        drop(sender);
    };
    let writing = async {
        while let Some(response) = receiver.recv().await {
            match response {
                Response::Send(answer) => {
                    // RFC 1035 §4.2.2: a two-octet length before each message; no longer message exists.
                    let Ok(length) = u16::try_from(answer.len()) else { break };
                    let mut framed = length.to_be_bytes().to_vec();
                    framed.extend(answer);
                    if writer.write_all(&framed).await.is_err() {
                        break;
                    }
                }
                Response::Silence => {}
                Response::Close => break,
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}
