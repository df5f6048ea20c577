//! NSEC3 proofs that a name or a type does not exist (RFC 5155).

use std::collections::BTreeMap;

use hickory_proto::dnssec::Nsec3HashAlgorithm;
use hickory_proto::dnssec::rdata::{DNSSECRData, NSEC3};
use hickory_proto::rr::{Name, RData, RecordType};

use super::rrset::{Node, RrSet};

/// Iterations and salt as RFC 9276 §3.1 wants them: none.
const ITERATIONS: u16 = 0;
const SALT: &[u8] = &[];
/// Negative answers may be kept this long, in seconds (also the SOA's minimum).
pub(crate) const NEGATIVE_TTL: u32 = 300;

type Hash = Vec<u8>;

/// All hashed names of a zone in order, each with its types.
pub(crate) struct Chain {
    links: BTreeMap<Hash, Vec<RecordType>>,
    apex: Name,
}

impl Chain {
    /// The chain of a zone, from its names with their types: every name that exists, empty ones in between too (RFC 5155 §7.1).
    pub(crate) fn of<'a>(apex: &Name, names: impl Iterator<Item = (&'a Name, &'a Node)>) -> Self {
        let mut types: BTreeMap<Name, Vec<RecordType>> = BTreeMap::new();
        for (name, node) in names {
            let mut held: Vec<RecordType> = node.keys().copied().collect();
            let delegated = name != apex && node.contains_key(&RecordType::NS);
            if delegated {
                // Above a cut only the delegation belongs to this zone: not the child's glue.
                held.retain(|kind| matches!(kind, RecordType::NS | RecordType::DS));
            }
            if !delegated || held.contains(&RecordType::DS) {
                held.push(RecordType::RRSIG);
            }
            types.insert(name.clone(), held);
            let mut above = name.base_name();
            while apex.zone_of(&above) && above != *apex {
                types.entry(above.clone()).or_default();
                above = above.base_name();
            }
        }
        if let Some(apex) = types.get_mut(apex) {
            apex.push(RecordType::NSEC3PARAM);
        }
        let links = types.into_iter().map(|(name, held)| (hash(&name), held)).collect();
        Self { links, apex: apex.clone() }
    }

    /// The record whose owner is the name itself: shows which types exist there.
    pub(crate) fn matching(&self, name: &Name) -> Option<(Name, RrSet)> {
        let hashed = hash(name);
        self.links.contains_key(&hashed).then(|| self.link(&hashed))?
    }

    /// The record that spans the place where the name would be: shows that it does not exist.
    pub(crate) fn covering(&self, name: &Name) -> Option<(Name, RrSet)> {
        let hashed = hash(name);
        let before = self.links.range(..hashed).next_back().or_else(|| self.links.last_key_value());
        before.and_then(|(found, _)| self.link(&found.clone()))
    }

    fn link(&self, hashed: &Hash) -> Option<(Name, RrSet)> {
        let types = self.links.get(hashed)?;
        let mut after = self.links.range(hashed.clone()..);
        after.next();
        let next = after.next().or_else(|| self.links.first_key_value()).map(|(next, _)| next.clone())?;
        let nsec3 = NSEC3::new(
            Nsec3HashAlgorithm::SHA1,
            false,
            ITERATIONS,
            SALT.to_vec(),
            next,
            types.iter().copied(),
        );
        let owner = self.apex.prepend_label(base32hex(hashed).as_bytes()).ok()?;
        let data = vec![RData::DNSSEC(DNSSECRData::NSEC3(nsec3))];
        Some((owner, RrSet { ttl: NEGATIVE_TTL, data, tampered: false }))
    }
}

fn hash(name: &Name) -> Hash {
    Nsec3HashAlgorithm::SHA1
        .hash(SALT, name, ITERATIONS)
        .map(|digest| digest.as_ref().to_vec())
        .unwrap_or_default()
}

/// Base 32 with extended hex alphabet, lower case, no padding (RFC 4648 §7); 20 octets give 32 letters.
fn base32hex(octets: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    let mut text = String::with_capacity(octets.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for octet in octets {
        held = (held << 8) | u32::from(*octet);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let index = ((held >> bits) & 31) as usize;
            text.extend(LETTERS.get(index).map(|letter| char::from(*letter)));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        let index = ((held << (5 - bits)) & 31) as usize;
        text.extend(LETTERS.get(index).map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5155 appendix A: `example` hashed with salt aabbccdd and 12 iterations.
    #[test]
    fn hashes_are_written_as_the_rfc_shows() {
        let name = Name::from_ascii("example.").unwrap();
        let digest = Nsec3HashAlgorithm::SHA1.hash(&[0xaa, 0xbb, 0xcc, 0xdd], &name, 12).unwrap();
        assert_eq!(base32hex(digest.as_ref()), "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
    }
}
