//! A server of TLS 1.0 and 1.1 that gets as far as its first flight: enough to show that it would answer.

use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::hello::ClientHello;
use super::wire::Wire;

/// TLS 1.1, the newest version that this server speaks.
const TLS11: u16 = 0x0302;
/// TLS 1.0, the oldest.
const TLS10: u16 = 0x0301;
/// Cipher suites that a server of those days chose from (RFC 4346 §A.5, RFC 4492 §6, RFC 5246 §A.5).
const OLD_SUITES: &[u16] = &[0xc00a, 0xc009, 0xc014, 0xc013, 0x0035, 0x002f, 0x000a];
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const FATAL: u8 = 2;
/// Alert descriptions (RFC 5246 §7.2).
pub(crate) const HANDSHAKE_FAILURE: u8 = 40;
/// The client speaks no version that the server speaks.
pub(crate) const PROTOCOL_VERSION: u8 = 70;
/// The client named no host that the server knows (RFC 6066 §3).
pub(crate) const UNRECOGNIZED_NAME: u8 = 112;
/// How long the server waits for the client to go away after its first flight.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Answers the ClientHello as an old server would, then waits until the client goes away.
pub(crate) async fn answer(
    wire: &mut Wire,
    hello: &ClientHello,
    chain: &[CertificateDer<'_>],
) -> std::io::Result<()> {
    let version = hello.newest.min(TLS11);
    if version < TLS10 {
        return alert(wire, PROTOCOL_VERSION).await;
    }
    let Some(suite) = OLD_SUITES.iter().find(|suite| hello.suites.contains(suite)) else {
        return alert(wire, HANDSHAKE_FAILURE).await;
    };
    let mut flight = record(version, &server_hello(version, *suite));
    flight.extend(record(version, &certificate(chain)));
    // ServerHelloDone. A server with an ephemeral key would send that first; a probe reads no further than this.
    flight.extend(record(version, &message(14, &[])));
    wire.write_all(&flight).await?;
    wire.flush().await?;
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, wire.take(4096).read_to_end(&mut rest)).await;
    Ok(())
}

/// Sends a fatal alert.
pub(crate) async fn alert(wire: &mut (impl AsyncWrite + Unpin), description: u8) -> std::io::Result<()> {
    wire.write_all(&[ALERT, 3, 1, 0, 2, FATAL, description]).await?;
    wire.flush().await
}

fn server_hello(version: u16, suite: u16) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    // A fixed "random" value: nothing is ever protected by it.
    body.extend([0x42; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    message(2, &body)
}

fn certificate(chain: &[CertificateDer<'_>]) -> Vec<u8> {
    let list: Vec<u8> = chain.iter().flat_map(|der| [&length24(der.len()), der.as_ref()].concat()).collect();
    message(11, &[&length24(list.len()), list.as_slice()].concat())
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], length24(body.len()).as_slice(), body].concat()
}

fn record(version: u16, body: &[u8]) -> Vec<u8> {
    let [high, low] = version.to_be_bytes();
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[HANDSHAKE, high, low], length.as_slice(), body].concat()
}

fn length24(length: usize) -> [u8; 3] {
    let [_, a, b, c] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [a, b, c]
}
