//! A mail server that says what it is told to.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::loopback::listen;

/// What the server says; healthy by default.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) greeting: &'static str,
    pub(crate) ehlo: &'static str,
    pub(crate) starttls: &'static str,
    /// What is said over and over after the greeting.
    pub(crate) babble: &'static str,
    /// What is said, apart from the answer to STARTTLS, once the client's side of the handshake has begun.
    pub(crate) late: &'static str,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            greeting: "220 mx.lab.test ESMTP\r\n",
            ehlo: "250-mx.lab.test\r\n250-SIZE 1000\r\n250 STARTTLS\r\n",
            starttls: "220 go\r\n",
            babble: "",
            late: "",
        }
    }
}

/// Serves the script; hands every command line to `log`.
pub(crate) async fn serve(
    config: Arc<ServerConfig>,
    script: Script,
    log: tokio::sync::mpsc::UnboundedSender<String>,
) -> SocketAddr {
    listen(move |tcp| session(tcp, Arc::clone(&config), script.clone(), log.clone())).await
}

async fn session(
    mut tcp: TcpStream,
    config: Arc<ServerConfig>,
    script: Script,
    log: tokio::sync::mpsc::UnboundedSender<String>,
) -> std::io::Result<()> {
    tcp.write_all(script.greeting.as_bytes()).await?;
    while !script.babble.is_empty() {
        tcp.write_all(script.babble.as_bytes()).await?;
    }
    let mut stream = BufReader::new(tcp);
    if converse(&mut stream, &script, &log).await? {
        if !script.late.is_empty() {
            // Not before the client has sent something: only then it is sure that it took the answer alone.
            stream.fill_buf().await?;
            stream.write_all(script.late.as_bytes()).await?;
        }
        let tls = TlsAcceptor::from(config).accept(stream.into_inner()).await?;
        converse(&mut BufReader::new(tls), &script, &log).await?;
    }
    Ok(())
}

/// Talks until QUIT or until the handshake is due.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    script: &Script,
    log: &tokio::sync::mpsc::UnboundedSender<String>,
) -> std::io::Result<bool> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(false);
        }
        let _ = log.send(line.trim_end().to_owned());
        match line.trim_end() {
            "STARTTLS" => {
                stream.write_all(script.starttls.as_bytes()).await?;
                if script.starttls.starts_with("220") {
                    return Ok(true);
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(false);
            }
            _ => stream.write_all(script.ehlo.as_bytes()).await?,
        }
        stream.flush().await?;
    }
}
