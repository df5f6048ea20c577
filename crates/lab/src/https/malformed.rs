//! A web server that breaks HTTP, or its visitor's patience.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::site::Site;
use crate::scenario::HttpsManner;
use crate::visits::VisitKind;

/// Between two octets of a dripping answer.
const DRIP: Duration = Duration::from_millis(500);
/// How long a hanging server hangs.
const HANG: Duration = Duration::from_secs(120);
/// Octets of a request that are read.
const MAX_REQUEST: usize = 16 * 1024;
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

/// Reads one request and answers it in the site's manner.
pub(crate) async fn speak(site: &Site, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    if let Some(line) = request(&mut stream).await {
        site.visits.note(VisitKind::Http, &site.peer, line);
        let _ = misbehave(site, &mut stream).await;
        let _ = stream.shutdown().await;
        // Let the client read what was sent: a close with unread octets would reset the connection.
        let mut rest = Vec::new();
        let _ =
            tokio::time::timeout(Duration::from_secs(5), stream.take(65_536).read_to_end(&mut rest)).await;
    }
}

/// The request line, once the whole head has been read.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut chunk = [0; 1024];
        let count = stream.read(&mut chunk).await.ok()?;
        if count == 0 || head.len() > MAX_REQUEST {
            return None;
        }
        head.extend(chunk.iter().take(count));
    }
    String::from_utf8_lossy(&head).lines().next().map(str::to_owned)
}

async fn misbehave(site: &Site, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    let whole = format!("{HEAD}Content-Length: {}\r\n\r\n", site.body.len());
    match site.manner {
        HttpsManner::Proper | HttpsManner::CloseAtOnce | HttpsManner::Reset => Ok(()),
        HttpsManner::Hang => {
            tokio::time::sleep(HANG).await;
            Ok(())
        }
        HttpsManner::Drip => {
            stream.write_all(whole.as_bytes()).await?;
            drip(stream, &site.body).await
        }
        HttpsManner::DripHead => drip(stream, whole.as_bytes()).await,
        HttpsManner::EndlessBody => {
            stream.write_all(HEAD.as_bytes()).await?;
            stream.write_all(b"Connection: close\r\n\r\n").await?;
            endless(stream, &[b'x'; 4096]).await
        }
        HttpsManner::EndlessChunks => {
            stream.write_all(HEAD.as_bytes()).await?;
            stream.write_all(b"Transfer-Encoding: chunked\r\n\r\n").await?;
            endless(stream, b"10\r\nmx: a.example.x\n\r\n").await
        }
        HttpsManner::EndlessHead => {
            stream.write_all(HEAD.as_bytes()).await?;
            endless(stream, b"X-And-Another: header\r\n").await
        }
        HttpsManner::Garbage => stream.write_all(b"\x1b]0;owned\x07\x00\xffGARBAGE/9.9 yes\r\n\r\n").await,
        HttpsManner::CutShort => {
            let head = format!("{HEAD}Content-Length: {}\r\n\r\n", site.body.len() + 100);
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&site.body).await
        }
        HttpsManner::TwoLengths => {
            let head = format!("{HEAD}Content-Length: 5\r\nContent-Length: {}\r\n\r\n", site.body.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&site.body).await
        }
        HttpsManner::BadChunk => {
            stream.write_all(HEAD.as_bytes()).await?;
            stream.write_all(b"Transfer-Encoding: chunked\r\n\r\nzebra\r\n").await?;
            stream.write_all(&site.body).await
        }
    }?;
    stream.flush().await
}

async fn drip(stream: &mut (impl AsyncWrite + Unpin), octets: &[u8]) -> io::Result<()> {
    for octet in octets {
        stream.write_all(&[*octet]).await?;
        stream.flush().await?;
        tokio::time::sleep(DRIP).await;
    }
    Ok(())
}

async fn endless(stream: &mut (impl AsyncWrite + Unpin), part: &[u8]) -> io::Result<()> {
    loop {
        stream.write_all(part).await?;
        tokio::task::yield_now().await;
    }
}
