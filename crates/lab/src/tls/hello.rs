//! The first message of a TLS client, read just far enough (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).

use tokio::io::{AsyncRead, AsyncReadExt};

/// Record type of the handshake protocol (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;
/// Handshake type of a ClientHello.
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const SUPPORTED_VERSIONS: u16 = 43;
/// TLS 1.2 as a protocol version.
pub(crate) const TLS12: u16 = 0x0303;
/// A first flight longer than this is not looked at; real ones stay under 2 KiB with post-quantum keys.
const MAX_RECORD: usize = 16 * 1024 + 256;

/// What a client offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientHello {
    /// The newest version that the client speaks.
    pub(crate) newest: u16,
    /// Cipher suites in the client's order.
    pub(crate) suites: Vec<u16>,
    /// True if the client names the host that it wants.
    pub(crate) names_host: bool,
}

/// Reads the first record. Returns its octets and, if it is a whole ClientHello, what it says.
pub(crate) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
) -> std::io::Result<(Vec<u8>, Option<ClientHello>)> {
    let mut octets = vec![0; 5];
    stream.read_exact(&mut octets).await?;
    let length = match octets.as_slice() {
        [HANDSHAKE, _, _, high, low] => usize::from(u16::from_be_bytes([*high, *low])),
        _ => return Ok((octets, None)),
    };
    if length > MAX_RECORD {
        return Ok((octets, None));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    octets.extend_from_slice(&body);
    Ok((octets, parse(&body)))
}

fn parse(body: &[u8]) -> Option<ClientHello> {
    let (header, rest) = body.split_at_checked(4)?;
    if header.first() != Some(&CLIENT_HELLO) {
        return None;
    }
    let (version, rest) = number(rest)?;
    let rest = rest.get(32..)?;
    let (_, rest) = short_vector(rest)?;
    let (suites, rest) = vector(rest)?;
    let suites = suites.chunks_exact(2).filter_map(|pair| number(pair).map(|(suite, _)| suite)).collect();
    let (_, rest) = short_vector(rest)?;
    let (mut newest, mut names_host) = (version, false);
    let mut extensions = vector(rest).map(|(extensions, _)| extensions).unwrap_or_default();
    while let Some((kind, after)) = number(extensions) {
        let (data, after) = vector(after)?;
        match kind {
            SERVER_NAME => names_host = true,
            SUPPORTED_VERSIONS => {
                let (versions, _) = short_vector(data)?;
                let offered =
                    versions.chunks_exact(2).filter_map(|pair| number(pair).map(|(version, _)| version));
                // RFC 8701 values (0x?a?a) stand for no version.
                newest = offered.filter(|version| version & 0x0f0f != 0x0a0a).max().unwrap_or(newest);
            }
            _ => {}
        }
        extensions = after;
    }
    Some(ClientHello { newest, suites, names_host })
}

fn number(octets: &[u8]) -> Option<(u16, &[u8])> {
    match octets {
        [high, low, rest @ ..] => Some((u16::from_be_bytes([*high, *low]), rest)),
        _ => None,
    }
}

fn short_vector(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

fn vector(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(octets)?;
    rest.split_at_checked(usize::from(length))
}
