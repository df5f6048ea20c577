//! Listening on loopback.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};

/// Serves every connection to a port of its own; gives its address. How a connection ends is nobody's concern: the
/// client says what it saw.
pub(crate) async fn listen<S>(serve: impl Fn(TcpStream) -> S + Send + 'static) -> SocketAddr
where
    S: Future<Output: Send> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(serve(tcp));
        }
    });
    address
}
