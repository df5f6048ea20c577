//! A web server that answers every request with the same octets.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Answers over TLS with `response`, then repeats `more` until the client has enough; keeps the connection open when
/// `hold`.
pub(crate) async fn serve(
    config: Arc<ServerConfig>,
    response: Vec<u8>,
    more: Vec<u8>,
    hold: bool,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (response, more) = (Arc::new(response), Arc::new(more));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = TlsAcceptor::from(Arc::clone(&config));
            let (response, more) = (Arc::clone(&response), Arc::clone(&more));
            tokio::spawn(async move {
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
            });
        }
    });
    address
}

/// A response with the usual header of a policy.
pub(crate) fn policy(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}
