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

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;
    use crate::Clock;

    /// A server that knows these outdated versions and answers the best one not above the one offered.
    async fn ask(known: &'static [OldVersion]) -> Vec<String> {
        let connect = async || {
            let (ours, mut theirs) = duplex(4096);
            tokio::spawn(async move {
                let mut hello = [0; 1024];
                let count = theirs.read(&mut hello).await.unwrap();
                assert_eq!(&hello[..3], &[22, 3, 1]);
                let offered = [hello[9], hello[10]];
                let best = known.iter().map(|v| v.octets()).filter(|v| *v <= offered).max();
                let answer = match best {
                    Some([major, minor]) => vec![22, major, minor, 0, 50, 2, 0, 0, 46, major, minor, 0, 0],
                    None => vec![21, 3, 3, 0, 2, 2, 70],
                };
                assert!(count > 50);
                for octet in answer {
                    theirs.write_all(&[octet]).await.unwrap();
                }
            });
            Ok::<_, ()>((ours, ()))
        };
        let deadline = Deadline::new(&Clock::system(), Duration::from_secs(30));
        let offer = offers_old("mx.example.com", &deadline, Duration::from_secs(10), connect).await;
        offer.unwrap().unwrap().answered
    }

    #[tokio::test]
    async fn finds_the_outdated_versions() {
        assert!(ask(&[]).await.is_empty());
        assert_eq!(ask(&[OldVersion::Tls10]).await, ["TLSv1.0"]);
        assert_eq!(ask(&[OldVersion::Tls11]).await, ["TLSv1.1"]);
        assert_eq!(ask(&[OldVersion::Tls10, OldVersion::Tls11]).await, ["TLSv1.1", "TLSv1.0"]);
    }
}
