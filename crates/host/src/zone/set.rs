//! Records of one type at one name.

use domain::base::iana::Rtype;

/// The data of one record in wire form: nothing compressed, names in lower case (RFC 4034 §6.2).
pub(super) type Data = Box<[u8]>;

/// Records of one type at one name, as they are answered and signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Set<'a> {
    pub(super) rtype: Rtype,
    /// Seconds.
    pub(super) ttl: u32,
    /// In canonical order (RFC 4034 §6.3); never empty.
    pub(super) data: &'a [Data],
}

/// A set that is kept.
#[derive(Debug, Clone)]
pub(super) struct OwnedSet {
    rtype: Rtype,
    ttl: u32,
    data: Box<[Data]>,
}

impl OwnedSet {
    /// A set of these records, in canonical order, no record twice (RFC 4034 §6.3).
    pub(super) fn new(rtype: Rtype, ttl: u32, mut data: Vec<Data>) -> Self {
        data.sort();
        data.dedup();
        Self { rtype, ttl, data: data.into() }
    }

    pub(super) const fn of(&self) -> Set<'_> {
        Set { rtype: self.rtype, ttl: self.ttl, data: &self.data }
    }
}

/// The most sets that one name has: the apex of a delegated zone with SOA, NS, DNSKEY, A, AAAA and CAA, or of ours with
/// SOA, NS, DNSKEY, CDS and CDNSKEY.
const MAX_SETS: usize = 8;

/// All sets of one name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sets<'a> {
    sets: [Option<Set<'a>>; MAX_SETS],
    count: usize,
}

impl<'a> Sets<'a> {
    /// One more set; one without records is none.
    pub(super) fn push(&mut self, set: Set<'a>) {
        if set.data.is_empty() {
            return;
        }
        if let Some(slot) = self.sets.get_mut(self.count) {
            *slot = Some(set);
            self.count += 1;
        }
    }

    pub(super) fn extend(&mut self, sets: &'a [OwnedSet]) {
        sets.iter().for_each(|set| self.push(set.of()));
    }

    pub(super) fn find(&self, rtype: Rtype) -> Option<Set<'a>> {
        self.iter().find(|set| set.rtype == rtype)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Set<'a>> {
        self.sets.iter().flatten().copied()
    }
}
