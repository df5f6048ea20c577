//! Commands and replies over any stream.

use std::time::Duration;

use protocol::observed::{Octets, Reply};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::reply::{self, Progress};
use crate::deadline::{Deadline, Late};
use crate::net::Slot;

/// How long a server may take to say farewell.
const FAREWELL: Duration = Duration::from_secs(2);

/// One side of an SMTP dialogue.
pub(super) struct Dialogue<'a, S> {
    stream: S,
    buffer: Vec<u8>,
    deadline: &'a Deadline,
    limit: Duration,
}

/// Why no reply came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoReply {
    /// Nothing whole in time.
    Timeout,
    /// The connection ended.
    Closed,
    /// What came was no reply, or without end.
    Fault(String),
    /// The look is over.
    Deadline,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Dialogue<'a, S> {
    /// Over an open stream; `limit` is for each reply as a whole, however slowly it drips.
    pub(super) fn new(stream: S, deadline: &'a Deadline, limit: Duration) -> Self {
        Self { stream, buffer: Vec::new(), deadline, limit }
    }

    /// Waits for a reply.
    pub(super) async fn reply(&mut self) -> Result<Reply, NoReply> {
        let (deadline, limit) = (self.deadline, self.limit);
        match deadline.within(limit, self.read()).await {
            Ok(result) => result,
            Err(Late::Limit) => Err(NoReply::Timeout),
            Err(Late::Deadline) => Err(NoReply::Deadline),
        }
    }

    /// Sends a command and waits for its reply. What came before the command is no answer to it, but a talkative
    /// server is still understood as far as its replies come in order.
    pub(super) async fn command(&mut self, line: &str) -> Result<Reply, NoReply> {
        let octets = format!("{line}\r\n");
        let (deadline, limit) = (self.deadline, self.limit);
        match deadline.within(limit, self.stream.write_all(octets.as_bytes())).await {
            Ok(Ok(())) => self.reply().await,
            Ok(Err(_)) => Err(NoReply::Closed),
            Err(Late::Limit) => Err(NoReply::Timeout),
            Err(Late::Deadline) => Err(NoReply::Deadline),
        }
    }

    /// Takes leave: says QUIT, and leaves the wait for the farewell (RFC 5321 §4.1.1.10) to a task of its own, since
    /// nothing depends on it. `slot` stays taken until then.
    pub(super) async fn quit(mut self, slot: Slot)
    where
        S: Send + 'static,
    {
        let said = async {
            self.stream.write_all(b"QUIT\r\n").await?;
            self.stream.flush().await
        };
        if !matches!(self.deadline.within(self.limit, said).await, Ok(Ok(()))) {
            return;
        }
        let mut stream = self.stream;
        tokio::spawn(tokio::time::timeout(FAREWELL, async move {
            let mut farewell = [0; 512];
            drop(stream.read(&mut farewell).await);
            drop(stream.shutdown().await);
            drop(slot);
        }));
    }

    /// The stream, and what had come beyond the last reply.
    pub(super) fn into_parts(self) -> (S, Octets) {
        (self.stream, Octets(self.buffer))
    }

    async fn read(&mut self) -> Result<Reply, NoReply> {
        let mut piece = vec![0; 4096];
        loop {
            match reply::read(&self.buffer) {
                Progress::Complete(reply, taken) => {
                    self.buffer.drain(..taken);
                    return Ok(reply);
                }
                Progress::Fault(text) => return Err(NoReply::Fault(text)),
                Progress::Unfinished => {}
            }
            match self.stream.read(&mut piece).await {
                Ok(0) | Err(_) => return Err(NoReply::Closed),
                Ok(count) => self.buffer.extend(piece.get(..count).unwrap_or_default()),
            }
        }
    }
}
