//! A web server that answers every request with the same octets.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::loopback::listen;

/// Answers over TLS with `response`, then repeats `more` until the client has enough; keeps the connection open when
/// `hold`.
pub(crate) async fn serve(
    config: Arc<ServerConfig>,
    response: Vec<u8>,
    more: Vec<u8>,
    hold: bool,
) -> SocketAddr {
    let acceptor = TlsAcceptor::from(config);
    let (response, more) = (Arc::new(response), Arc::new(more));
    listen(move |tcp| {
        let (acceptor, response, more) = (acceptor.clone(), Arc::clone(&response), Arc::clone(&more));
        async move {
            let mut stream = acceptor.accept(tcp).await?;
            let mut request = vec![0; 4096];
            let _ = stream.read(&mut request).await?;
            stream.write_all(&response).await?;
            while !more.is_empty() {
                stream.write_all(&more).await?;
            }
            stream.flush().await?;
            if hold {
                std::future::pending::<()>().await;
            }
            stream.shutdown().await
        }
    })
    .await
}

/// A response with the usual header of a policy.
pub(crate) fn policy(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}
