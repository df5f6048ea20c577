//! What a server says where its side of a TLS handshake was due.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use protocol::observed::Octets;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Octets kept: a few replies.
const MAX_KEPT: usize = 1024;

/// A stream whose first octets received are kept.
pub(super) struct Overheard<S> {
    stream: S,
    first: Memory,
}

/// The first octets received.
#[derive(Clone, Default)]
pub(super) struct Memory(Arc<Mutex<Vec<u8>>>);

impl<S> Overheard<S> {
    /// The stream, and what will be remembered of it.
    pub(super) fn new(stream: S) -> (Self, Memory) {
        let first = Memory::default();
        (Self { stream, first: first.clone() }, first)
    }
}

impl Memory {
    /// What came in the clear, if it did not begin as TLS does but with text: words of SMTP after the answer to
    /// STARTTLS, in a segment of their own (RFC 3207 §6, RFC 9325 §3.2; rule 75).
    pub(super) fn clear_text(&self) -> Option<Octets> {
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_text = |octet: &u8| octet.is_ascii_graphic() || matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
        let line = first.split_inclusive(|octet| *octet == b'\n').next()?;
        // A TLS record begins with 20 to 23 (RFC 8446 §5.1), which is no text.
        line.iter().all(is_text).then(|| {
            let text = first.iter().take_while(|octet| is_text(octet)).copied().collect();
            Octets(text)
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        let mut first = self.first.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_KEPT.saturating_sub(first.len());
        first.extend(buffer.filled().get(before..).unwrap_or_default().iter().take(room));
        drop(first);
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clear(octets: &[u8]) -> Option<Octets> {
        Memory(Arc::new(Mutex::new(octets.to_vec()))).clear_text()
    }

    #[test]
    fn tells_text_from_tls_and_from_garbage() {
        assert_eq!(clear(b"250 more\r\n").unwrap().as_slice(), b"250 more\r\n");
        assert_eq!(clear(b"250 more\r\n\x16\x03\x03").unwrap().as_slice(), b"250 more\r\n");
        for other in
            [&b""[..], b"\x16\x03\x03\x00\x7a\x02", b"\x15\x03\x01\x00\x02\x02\x46", b"4\x00\xff\r\n"]
        {
            assert_eq!(clear(other), None, "{other:?}");
        }
    }
}
