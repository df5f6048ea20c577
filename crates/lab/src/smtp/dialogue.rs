//! Command and reply (RFC 5321 §4).

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::endless;
use super::host::{MailHost, Starttls};
use crate::scenario::{AfterStarttls, SmtpManner};
use crate::visits::VisitKind;

/// A command line longer than this ends the session (RFC 5321 §4.5.3.1.4 asks for 512 octets).
const MAX_LINE: usize = 4096;
/// Commands that one session may hold.
const MAX_COMMANDS: usize = 200;

/// How the dialogue ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The client asked for TLS and was told to go ahead.
    Starttls,
    /// The session is over.
    Closed,
}

/// One session on one stream, before or inside TLS.
pub(crate) struct Dialogue<'a, S> {
    host: &'a MailHost,
    stream: S,
    secure: bool,
    unread: Vec<u8>,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Dialogue<'a, S> {
    pub(crate) fn new(host: &'a MailHost, stream: S, secure: bool) -> Self {
        Self { host, stream, secure, unread: Vec::new() }
    }

    /// The stream. What the client sent ahead is dropped, as RFC 3207 §4.2 demands.
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    /// Says the greeting.
    pub(crate) async fn greet(&mut self) -> io::Result<()> {
        self.note("greeting");
        let greeting = self.host.greeting.clone();
        self.reply(&greeting).await
    }

    /// Answers commands until the client leaves or asks for TLS.
    pub(crate) async fn converse(&mut self) -> io::Result<After> {
        for _ in 0..MAX_COMMANDS {
            let Some(line) = self.line().await? else { return Ok(After::Closed) };
            self.note(&line);
            let verb = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => match self.host.manner {
                    SmtpManner::EndlessEhlo => {
                        endless::lines(&mut self.stream, "250-X-AND-ANOTHER keyword\r\n").await;
                        return Ok(After::Closed);
                    }
                    SmtpManner::CloseAfterEhlo => return Ok(After::Closed),
                    SmtpManner::NoEhlo => self.reply("502 5.5.2 EHLO is not known here").await?,
                    _ => self.ehlo().await?,
                },
                "HELO" => {
                    let name = self.host.name.clone();
                    self.reply(&format!("250 {name}")).await?;
                }
                "STARTTLS" if self.secure => self.reply("503 5.5.1 TLS is already active").await?,
                "STARTTLS" => match &self.host.starttls {
                    Starttls::Offered => {
                        self.go_ahead().await?;
                        return Ok(After::Starttls);
                    }
                    Starttls::Missing => self.reply("502 5.5.1 no such command").await?,
                    Starttls::Refused(reply) => {
                        let reply = reply.clone();
                        self.reply(&reply).await?;
                    }
                },
                "QUIT" => {
                    self.reply("221 2.0.0 Bye").await?;
                    self.stream.shutdown().await?;
                    return Ok(After::Closed);
                }
                "NOOP" | "RSET" => self.reply("250 2.0.0 OK").await?,
                _ => self.reply("502 5.5.1 this lab takes no mail").await?,
            }
        }
        Ok(After::Closed)
    }

    async fn ehlo(&mut self) -> io::Result<()> {
        let mut words = vec![self.host.name.clone()];
        words.extend(self.host.ehlo.iter().cloned());
        // RFC 3207 §4.2: STARTTLS is not offered again inside TLS.
        if !self.secure && self.host.starttls != Starttls::Missing {
            words.push("STARTTLS".to_owned());
        }
        let last = words.len() - 1;
        let lines = words.iter().enumerate();
        let text: Vec<String> = lines
            .map(|(index, word)| format!("250{}{word}", if index == last { ' ' } else { '-' }))
            .collect();
        self.reply(&text.join("\r\n")).await
    }

    async fn go_ahead(&mut self) -> io::Result<()> {
        if self.host.after_starttls == AfterStarttls::Injection {
            // One write, so that reply and injected text travel together.
            return self.reply("220 2.0.0 Go ahead\r\n250 2.1.0 injected before the handshake").await;
        }
        self.reply("220 2.0.0 Go ahead").await
    }

    async fn reply(&mut self, text: &str) -> io::Result<()> {
        if !self.host.pause.is_zero() {
            tokio::time::sleep(self.host.pause).await;
        }
        self.stream.write_all(format!("{text}\r\n").as_bytes()).await?;
        self.stream.flush().await
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.unread.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()));
            }
            let mut chunk = [0; 512];
            let count = self.stream.read(&mut chunk).await?;
            if count == 0 || self.unread.len() > MAX_LINE {
                return Ok(None);
            }
            self.unread.extend(chunk.iter().take(count));
        }
    }

    fn note(&self, what: &str) {
        self.host.visits.note(VisitKind::Smtp, &self.host.peer, what.to_owned());
    }
}
