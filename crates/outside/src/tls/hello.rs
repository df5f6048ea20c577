//! ClientHellos of outdated versions, and what comes back. Our TLS library speaks nothing below TLS 1.2, so this is
//! written out octet by octet (RFC 2246, RFC 4346). Pure.

/// An outdated version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OldVersion {
    /// RFC 2246, 1999.
    Tls10,
    /// RFC 4346, 2006.
    Tls11,
}

/// The first thing that a server says to a ClientHello.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstAnswer {
    /// More octets are needed.
    Unfinished,
    /// A ServerHello of this version.
    Hello(u8, u8),
    /// An alert with this description.
    Alert(u8),
    /// No TLS.
    Other,
}

/// Octets that are enough for every first answer: record header, handshake header, version.
pub(crate) const FIRST_ANSWER: usize = 5 + 4 + 2;

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// Suites that servers of that time have in common: ECDHE and RSA with AES-CBC and SHA-1, and 3DES as the last.
const SUITES: [u16; 9] = [0xc014, 0xc013, 0xc00a, 0xc009, 0x0039, 0x0033, 0x0035, 0x002f, 0x000a];

impl OldVersion {
    pub(crate) const fn octets(self) -> [u8; 2] {
        match self {
            Self::Tls10 => [3, 1],
            Self::Tls11 => [3, 2],
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tls10 => "TLSv1.0",
            Self::Tls11 => "TLSv1.1",
        }
    }

    pub(crate) const fn of(major: u8, minor: u8) -> Option<Self> {
        match (major, minor) {
            (3, 1) => Some(Self::Tls10),
            (3, 2) => Some(Self::Tls11),
            _ => None,
        }
    }
}

/// A ClientHello that offers `version` at most, with the server name where there is one.
pub(crate) fn client_hello(version: OldVersion, sni: Option<&str>, random: [u8; 32]) -> Vec<u8> {
    let mut body = Vec::with_capacity(256);
    body.extend(version.octets());
    body.extend(random);
    body.push(0); // no session to resume
    vector16(&mut body, |suites| SUITES.iter().for_each(|suite| suites.extend(suite.to_be_bytes())));
    body.extend([1, 0]); // no compression
    vector16(&mut body, |extensions| {
        if let Some(name) = sni {
            // RFC 6066 §3.
            extension(extensions, 0, |data| {
                vector16(data, |list| {
                    list.push(0);
                    vector16(list, |host| host.extend(name.as_bytes()));
                });
            });
        }
        // RFC 8422 §5.1: supported groups P-256, P-384, P-521, X25519; uncompressed points.
        extension(extensions, 10, |data| {
            vector16(data, |groups| groups.extend([0, 23, 0, 24, 0, 25, 0, 29]));
        });
        extension(extensions, 11, |data| data.extend([1, 0]));
        // RFC 5746 §3.4: we renegotiate securely, that is, never.
        extension(extensions, 0xff01, |data| data.push(0));
    });
    let mut handshake = vec![CLIENT_HELLO, 0];
    vector16(&mut handshake, |inner| inner.append(&mut body));
    let mut record = vec![HANDSHAKE, 3, 1];
    vector16(&mut record, |inner| inner.append(&mut handshake));
    record
}

/// Reads the first answer from the octets that came so far.
pub(crate) fn read_first_answer(octets: &[u8]) -> FirstAnswer {
    match octets {
        [HANDSHAKE, 3, _, _, _, SERVER_HELLO, _, _, _, major, minor, ..] => {
            FirstAnswer::Hello(*major, *minor)
        }
        [ALERT, 3, _, 0, 2, _, description, ..] => FirstAnswer::Alert(*description),
        [] | [HANDSHAKE | ALERT] => FirstAnswer::Unfinished,
        [HANDSHAKE | ALERT, 3, ..] if octets.len() < FIRST_ANSWER => FirstAnswer::Unfinished,
        _ => FirstAnswer::Other,
    }
}

fn extension(target: &mut Vec<u8>, kind: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    target.extend(kind.to_be_bytes());
    vector16(target, fill);
}

/// Appends what `fill` writes, after its length in two octets. Nothing here comes near 65,535 octets: the longest
/// part is a domain name.
fn vector16(target: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::new();
    fill(&mut inner);
    let length = u16::try_from(inner.len()).unwrap_or(u16::MAX);
    target.extend(length.to_be_bytes());
    target.extend(inner);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_first_answers() {
        for (octets, expected) in [
            (&[][..], FirstAnswer::Unfinished),
            (&[22], FirstAnswer::Unfinished),
            (&[22, 3, 1, 0, 50, 2, 0, 0, 46, 3], FirstAnswer::Unfinished),
            (&[22, 3, 1, 0, 50, 2, 0, 0, 46, 3, 1], FirstAnswer::Hello(3, 1)),
            (&[22, 3, 2, 0, 50, 2, 0, 0, 46, 3, 2, 9, 9], FirstAnswer::Hello(3, 2)),
            (&[21, 3, 3, 0, 2, 2, 70], FirstAnswer::Alert(70)),
            (&[22, 3, 1, 0, 50, 1, 0, 0, 46, 3, 1], FirstAnswer::Other),
            (b"HTTP/1.1 400", FirstAnswer::Other),
            (b"500 what?", FirstAnswer::Other),
        ] {
            assert_eq!(read_first_answer(octets), expected, "{octets:?}");
        }
    }

    #[test]
    fn the_lengths_of_a_hello_agree() {
        for sni in [None, Some("mx.example.com")] {
            let hello = client_hello(OldVersion::Tls11, sni, [7; 32]);
            let record = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
            assert_eq!(record, hello.len() - 5);
            let message = usize::from(u16::from_be_bytes([hello[7], hello[8]]));
            assert_eq!(message, hello.len() - 9);
            assert_eq!(&hello[9..11], &[3, 2]);
        }
    }
}
