//! Servers that never stop talking.

use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes the same words until the client has had enough.
pub(crate) async fn lines(stream: &mut (impl AsyncWrite + Unpin), words: &str) {
    let block = words.repeat(64);
    while stream.write_all(block.as_bytes()).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
