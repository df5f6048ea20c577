//! The TLS handshake: who is asked for, and whether there is such a one.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::{StartHandshake, TlsStream};

use super::service::Service;
use super::tally::Count;
use super::terms::{HTTP2, VALIDATION};
use super::worker::Shared;

/// A client that was let in.
pub(super) struct Greeted {
    pub(super) stream: TlsStream<TcpStream>,
    /// The name that it asked for, in lower case.
    pub(super) name: Box<str>,
    pub(super) service: Service,
    pub(super) http2: bool,
}

/// A TLS alert that ends the handshake.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Alert {
    /// RFC 8446 §9.2: no server name where one is required.
    MissingExtension = 109,
    /// RFC 6066 §3: a server name that is not known.
    UnrecognizedName = 112,
}

/// What a client hello asks for.
enum Wanted {
    Service(Box<str>, Service),
    Validation,
    Nothing(Alert),
}

/// Makes the handshake, within the patience of the door. `None` when the connection is over, which has been counted.
pub(super) async fn greet(stream: TcpStream, shared: &Shared) -> Option<Greeted> {
    match tokio::time::timeout(shared.settings.patience.handshake, handshake(stream, shared)).await {
        Ok(Ok(greeted)) => greeted,
        Ok(Err(_)) => {
            shared.tally.add(Count::Failed);
            None
        }
        Err(_) => {
            shared.tally.add(Count::TooSlow);
            None
        }
    }
}

/// Failure is the client's or the network's and is of no interest beyond its number.
async fn handshake(stream: TcpStream, shared: &Shared) -> std::io::Result<Option<Greeted>> {
    let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
    match wanted(&start, shared) {
        Wanted::Service(name, service) => {
            let stream = start.into_stream(shared.terms.web.clone()).await?;
            shared.tally.add(Count::Greeted);
            let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
            Ok(Some(Greeted { stream, name, service, http2 }))
        }
        Wanted::Validation => {
            // RFC 8737 §3: the handshake is all there is; the authority looks at the certificate and leaves.
            let mut stream = start.into_stream(shared.terms.validation.clone()).await?;
            shared.tally.add(Count::ValidatedTls);
            stream.shutdown().await?;
            Ok(None)
        }
        Wanted::Nothing(alert) => {
            shared.tally.add(match alert {
                Alert::MissingExtension => Count::Nameless,
                Alert::UnrecognizedName => Count::Unknown,
            });
            refuse(start.io, alert).await?;
            Ok(None)
        }
    }
}

fn wanted(start: &StartHandshake<TcpStream>, shared: &Shared) -> Wanted {
    let hello = start.client_hello();
    // RFC 8461 §3.3: a sender names the policy host in its hello (SNI).
    let Some(name) = hello.server_name() else {
        return Wanted::Nothing(Alert::MissingExtension);
    };
    // RFC 8737 §3: the hello of a validation offers this protocol and no other.
    if let Some(mut protocols) = hello.alpn()
        && protocols.next() == Some(VALIDATION)
        && protocols.next().is_none()
    {
        return Wanted::Validation;
    }
    match (shared.interior.router)(name) {
        Some(service) => Wanted::Service(name.into(), service),
        None => Wanted::Nothing(Alert::UnrecognizedName),
    }
}

/// Ends the handshake with an alert of our own: the library has none for names that are unknown.
async fn refuse(mut stream: TcpStream, alert: Alert) -> std::io::Result<()> {
    // RFC 8446 §5.1, §6: a record of type alert (21), version 0x0303, two octets: fatal (2), and which.
    stream.write_all(&[21, 3, 3, 0, 2, 2, alert as u8]).await?;
    stream.shutdown().await
}
