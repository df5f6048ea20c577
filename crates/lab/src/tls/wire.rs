//! A TCP connection that answers after a delay: once for each turn, when the server speaks after it has listened.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::visits::{VisitKind, Visits};

/// The connection, and what was already read from it.
pub(crate) struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
    delay: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    listened: bool,
    shaking_hands: Arc<AtomicBool>,
    peer: Arc<str>,
    visits: Visits,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, delay: Duration, peer: Arc<str>, visits: Visits) -> Self {
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            unread: Vec::new(),
            delay,
            waiting: None,
            listened: true,
            shaking_hands: Arc::default(),
            peer,
            visits,
        }
    }

    /// While the flag is set, each turn is logged as one flight of a TLS handshake.
    pub(crate) fn handshake_flag(&self) -> Arc<AtomicBool> {
        self.shaking_hands.clone()
    }

    /// Puts octets back, to be read again.
    pub(crate) fn unread(&mut self, octets: &[u8]) {
        self.unread.splice(0..0, octets.iter().copied());
    }

    /// Makes the end of the connection a reset instead of an orderly close.
    pub(crate) fn reset(self) {
        let _ = self.stream.set_zero_linger();
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.unread.is_empty() {
            let count = this.unread.len().min(buf.remaining());
            let taken: Vec<u8> = this.unread.drain(..count).collect();
            buf.put_slice(&taken);
            this.listened = true;
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            this.listened = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.listened {
            this.listened = false;
            if this.shaking_hands.load(Ordering::Relaxed) {
                this.visits.note(VisitKind::Tls, &this.peer, "flight".to_owned());
            }
            if !this.delay.is_zero() {
                this.waiting = Some(Box::pin(tokio::time::sleep(this.delay)));
            }
        }
        if let Some(waiting) = this.waiting.as_mut() {
            ready!(waiting.as_mut().poll(cx));
            this.waiting = None;
        }
        Pin::new(&mut this.stream).poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
