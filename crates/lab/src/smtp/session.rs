//! One session with a mail server, from its connection to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::dialogue::{After, Dialogue};
use super::endless;
use super::host::MailHost;
use crate::scenario::{AfterStarttls, SmtpManner};
use crate::tls::Wire;

/// How long a silent server stays silent.
const SILENCE: Duration = Duration::from_secs(120);

/// Serves one connection.
pub(crate) async fn serve(host: Arc<MailHost>, stream: TcpStream) {
    let mut wire = Wire::new(stream, host.delay, host.peer.clone(), host.visits.clone());
    match host.manner {
        SmtpManner::NoGreeting => return tokio::time::sleep(SILENCE).await,
        SmtpManner::EndlessGreeting => return endless::lines(&mut wire, "220-and another thing\r\n").await,
        SmtpManner::EndlessLine => return endless::lines(&mut wire, "220 on and on and on ").await,
        SmtpManner::Garbage => {
            let _ = wire.write_all(b"\x00\x1b[31m\xff\xfe SSH-2.0 or so\r\n").await;
            return tokio::time::sleep(Duration::from_secs(1)).await;
        }
        _ => {}
    }
    let mut plain = Dialogue::new(&host, wire, false);
    if plain.greet().await.is_err() {
        return;
    }
    let Ok(After::Starttls) = plain.converse().await else { return };
    let mut wire = plain.into_inner();
    match host.after_starttls {
        AfterStarttls::Tls | AfterStarttls::Injection => {}
        AfterStarttls::Reset => return wire.reset(),
        AfterStarttls::Close => {
            let _ = wire.shutdown().await;
            return;
        }
        AfterStarttls::Silence => return tokio::time::sleep(SILENCE).await,
    }
    if let Some(stream) = host.terms.accept(wire).await {
        let _ = Dialogue::new(&host, stream, true).converse().await;
    }
}
