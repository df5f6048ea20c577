//! One message to a name server and its answer, by TCP (RFC 7766).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use domain::base::Message;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::AnnounceError;

/// For connection, question and answer together. A server that signs its zone while it answers may need a second or two.
const LIMIT: Duration = Duration::from_secs(15);

/// By TCP alone: an update is small but must not be sent twice, and is never cut off.
pub(super) async fn exchange(server: SocketAddr, message: &[u8]) -> Result<Message<Vec<u8>>, AnnounceError> {
    let unreachable = |why: String| AnnounceError::Unreachable { server, why };
    match tokio::time::timeout(LIMIT, talk(server, message)).await {
        Ok(Ok(answer)) => {
            let answer =
                Message::from_octets(answer).map_err(|_| unreachable("its answer is no DNS".to_owned()))?;
            match message.get(..2) == answer.as_slice().get(..2) && answer.header().qr() {
                true => Ok(answer),
                false => Err(unreachable("its answer belongs to another question".to_owned())),
            }
        }
        Ok(Err(error)) => {
            Err(unreachable(format!("{error}; --server takes ADDRESS:PORT, and TCP must be let through")))
        }
        Err(_) => Err(unreachable(format!("no answer within {} s", LIMIT.as_secs()))),
    }
}

async fn talk(server: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    // RFC 1035 §4.2.2: two octets of length before the message; in one piece, as RFC 7766 §8 asks.
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    let framed = [length.to_be_bytes().as_slice(), message].concat();
    stream.write_all(&framed).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
