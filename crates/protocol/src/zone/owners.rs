//! Owner names of a zone file that is too long to be kept in memory. RFC 1035 §5.1.

use serde::{Deserialize, Serialize};

use super::entry::Entries;
use super::{Reader, Zone, ZoneFault};

/// Reads a zone file piece by piece, each of which holds whole entries. What has to be remembered between two pieces is
/// small and can be kept, so that reading may go on later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owners {
    /// Where relative names start.
    origin: String,
    /// The owner that an indented line goes on with.
    owner: Option<String>,
}

/// One entry of class IN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// Its owner, in lower case, without the final dot; not yet known to be a domain name.
    pub owner: String,
    /// Its type as written, in capitals: `NS`, `TYPE2`.
    pub kind: String,
}

impl Owners {
    /// A reader for a file whose relative names start at `origin`, unless it says so itself.
    #[must_use]
    pub fn new(origin: &str) -> Self {
        Self { origin: origin.trim_end_matches('.').to_ascii_lowercase(), owner: None }
    }

    /// Reads the next piece: what its entries are, and what in it is none.
    pub fn read(&mut self, piece: &[u8]) -> Vec<Result<Owned, ZoneFault>> {
        let mut reader = Reader {
            text: piece,
            origin: std::mem::take(&mut self.origin),
            owner: self.owner.take(),
            zone: Zone::default(),
        };
        let mut found = Vec::new();
        for entry in Entries::new(piece) {
            match entry.and_then(|entry| reader.head(&entry)) {
                Ok(Some(head)) => {
                    let kind = String::from_utf8_lossy(&head.kind).into_owned();
                    found.push(Ok(Owned { owner: head.owner, kind }));
                }
                Ok(None) => {}
                Err(fault) => found.push(Err(fault)),
            }
        }
        self.origin = reader.origin;
        self.owner = reader.owner;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_go_on_from_piece_to_piece() {
        let mut owners = Owners::new("com.");
        let mut seen = Vec::new();
        for piece in [
            "$ORIGIN Example.\n",
            "a 300 IN NS ns.b.\n",
            "  NS ns.c.\n",
            "@ IN SOA ns h (1 2\n 3 4 5)\nx.com. CH TXT y\n",
            "no-type\n",
            "d.net. MX 10 m",
        ] {
            seen.extend(owners.read(piece.as_bytes()).into_iter().map(|found| match found {
                Ok(owned) => format!("{} {}", owned.owner, owned.kind),
                Err(fault) => fault.text,
            }));
        }
        let expected =
            ["a.example NS", "a.example NS", "example SOA", "This line has no record type.", "d.net MX"];
        assert_eq!(seen, expected);
    }
}
