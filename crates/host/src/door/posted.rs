//! What is posted at the door for a policy host.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::Directory;

/// The policies that the door serves, by the name of the policy host: `mta-sts.` and the domain, in lower case.
pub type Policies = Directory<Posted>;

/// A policy as it is served, and the id that it is announced under. A clone costs nothing.
///
/// Kept in one piece of memory, since there may be hundreds of thousands.
#[derive(Clone, PartialEq, Eq)]
pub struct Posted {
    /// Two octets with the length of the id, the id, the policy.
    octets: Arc<[u8]>,
}

/// Octets that hold the length of the id.
const LENGTH: usize = 2;

impl Posted {
    /// A policy, octet for octet as senders get it, and its id.
    ///
    /// RFC 8461 §3.1 allows an id 32 characters; one that is longer than 65,535 octets is cut.
    #[must_use]
    pub fn new(id: &str, text: &[u8]) -> Self {
        let mut id = id;
        while u16::try_from(id.len()).is_err() {
            id = id.get(..id.floor_char_boundary(usize::from(u16::MAX))).unwrap_or_default();
        }
        let length = u16::try_from(id.len()).unwrap_or_default();
        Self { octets: [&length.to_le_bytes(), id.as_bytes(), text].concat().into() }
    }

    /// The policy's octets.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        self.octets.get(self.start()..).unwrap_or_default()
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        let id = self.octets.get(LENGTH..self.start()).unwrap_or_default();
        std::str::from_utf8(id).unwrap_or_default()
    }

    /// SHA-256 of the policy's octets: what a proof of serving speaks of ([`outside::Served`]). Computed at each call.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.text()).into()
    }

    /// Where the policy begins.
    fn start(&self) -> usize {
        let length = self.octets.first_chunk::<LENGTH>().map_or(0, |length| u16::from_le_bytes(*length));
        LENGTH + usize::from(length)
    }
}

impl AsRef<[u8]> for Posted {
    fn as_ref(&self) -> &[u8] {
        self.text()
    }
}

impl std::fmt::Debug for Posted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Posted").field("id", &self.id()).field("octets", &self.text().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_posted_comes_back() {
        let long = "i".repeat(70_000);
        for (id, text, kept) in [
            ("20260429T120000", &b"version: STSv1\n"[..], "20260429T120000"),
            ("", b"", ""),
            ("1", b"\xff\x00", "1"),
            (&long, b"version: STSv1\n", &long[..65_535]),
        ] {
            let posted = Posted::new(id, text);
            assert_eq!((posted.id(), posted.text()), (kept, text));
            assert_eq!(posted.sha256(), <[u8; 32]>::from(Sha256::digest(text)));
        }
    }
}
