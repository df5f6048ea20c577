//! Asking a server, over connections made for it, which outdated versions of TLS it still answers (RFC 8996).

use std::hash::{BuildHasher, RandomState};

use std::time::Duration;

use protocol::observed::LegacyOffer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::deadline::{Deadline, Late};

use super::hello::{FIRST_ANSWER, FirstAnswer, OldVersion, client_hello, read_first_answer};

/// Offers TLS 1.1 at most, and TLS 1.0 too when 1.1 was answered; `connect` gives a fresh stream each time, ready for
/// the handshake, and what is to be dropped with it; `limit` is for each answer. A server that knows TLS 1.0 but not 1.1 answers the first offer with 1.0, so that a healthy server
/// is visited once only.
pub(crate) async fn offers_old<S, G, E>(
    sni: &str,
    deadline: &Deadline,
    limit: Duration,
    mut connect: impl AsyncFnMut() -> Result<(S, G), E>,
) -> Result<Result<LegacyOffer, Late>, E>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut answered = Vec::new();
    for version in [OldVersion::Tls11, OldVersion::Tls10] {
        let (stream, _slot) = connect().await?;
        let found = match deadline.within(limit, offer(stream, version, sni)).await {
            Ok(Some(found)) => found,
            Ok(None) => break,
            Err(late) => return Ok(Err(late)),
        };
        answered.push(found.name().to_owned());
        if found == OldVersion::Tls10 {
            break;
        }
    }
    Ok(Ok(LegacyOffer { answered }))
}

/// The outdated version that the server chose, if it chose one.
async fn offer<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    version: OldVersion,
    sni: &str,
) -> Option<OldVersion> {
    let hello = client_hello(version, Some(sni), random());
    stream.write_all(&hello).await.ok()?;
    let mut octets = Vec::with_capacity(FIRST_ANSWER);
    loop {
        match read_first_answer(&octets) {
            FirstAnswer::Hello(major, minor) => return OldVersion::of(major, minor),
            FirstAnswer::Alert(_) | FirstAnswer::Other => return None,
            FirstAnswer::Unfinished => {
                let mut piece = [0; FIRST_ANSWER];
                let count = stream.read(&mut piece).await.ok()?;
                octets.extend(piece.get(..count).filter(|piece| !piece.is_empty())?);
            }
        }
    }
}

/// Not secret: nothing is ever encrypted with it. It only has to differ from one hello to the next.
fn random() -> [u8; 32] {
    let mut octets = [0; 32];
    for chunk in octets.chunks_exact_mut(8) {
        chunk.copy_from_slice(&RandomState::new().hash_one(chunk.len()).to_be_bytes());
    }
    octets
}
