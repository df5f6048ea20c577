//! One part of a directory: a list in the order of the names' hashes that is never changed, only replaced.

/// Names with their hashes and values, all their octets in one string.
///
/// A name is found by its hash, whose place in the order can be guessed closely, since hashes are spread evenly: with a
/// great many names it is the memory that must be fetched which takes time, and so it is three pieces of it, whatever the
/// number of names.
pub(super) struct Shard<V> {
    /// In order; two names may have the same one.
    hashes: Box<[u32]>,
    /// In the same order.
    entries: Box<[Entry<V>]>,
    names: Box<str>,
}

struct Entry<V> {
    /// Where the name ends in `names`; it begins where the one before ends.
    end: u32,
    value: V,
}

/// A name with its hash: those of one shard need not differ in the bits that chose the shard, but in others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hashed<'a> {
    pub(super) hash: u32,
    pub(super) name: &'a str,
}

impl<V> Shard<V> {
    pub(super) fn empty() -> Self {
        Self { hashes: Box::default(), entries: Box::default(), names: Box::default() }
    }

    /// From names in any order; of several values for one name the last stands.
    pub(super) fn of(mut named: Vec<(u32, Box<str>, V)>) -> Self {
        // Stable, so that equal names stay in the order they came in.
        named.sort_by(|(a, name_a, _), (b, name_b, _)| a.cmp(b).then_with(|| name_a.cmp(name_b)));
        let mut making = Making::new(named.len(), named.iter().map(|(_, name, _)| name.len()).sum());
        let mut last: Option<Box<str>> = None;
        for (hash, name, value) in named {
            match making.entries.last_mut() {
                Some(entry) if last.as_ref() == Some(&name) => entry.value = value,
                _ => making.push(Hashed { hash, name: &name }, value),
            }
            last = Some(name);
        }
        making.finish()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, name: Hashed<'_>) -> Option<&V> {
        let at = self.find(name).ok()?;
        self.entries.get(at).map(|entry| &entry.value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.entries.iter().enumerate().map(|(at, entry)| (self.name(at), &entry.value))
    }

    /// Where a name is, or else where it would have to be put.
    fn find(&self, wanted: Hashed<'_>) -> Result<usize, usize> {
        let mut at = self.first(wanted.hash);
        while self.hashes.get(at) == Some(&wanted.hash) {
            if self.name(at) == wanted.name {
                return Ok(at);
            }
            at += 1;
        }
        Err(at)
    }

    /// Where the first of these hashes is, or the first that is larger.
    fn first(&self, hash: u32) -> usize {
        // Where it would be if they were spread quite evenly; from there it is a few steps in one direction.
        let guess = (u64::from(hash) * self.hashes.len() as u64) >> 32;
        let mut at = usize::try_from(guess).unwrap_or_default();
        while self.hashes.get(at).is_some_and(|there| *there < hash) {
            at += 1;
        }
        while at.checked_sub(1).and_then(|before| self.hashes.get(before)).is_some_and(|there| *there >= hash)
        {
            at -= 1;
        }
        at
    }

    fn name(&self, at: usize) -> &str {
        self.names.get(self.start(at)..self.start(at + 1)).unwrap_or_default()
    }

    /// Where the name of the entry at `at` begins: where the one before it ends.
    fn start(&self, at: usize) -> usize {
        let before = at.checked_sub(1).and_then(|at| self.entries.get(at));
        before.map_or(0, |entry| entry.end as usize)
    }
}

impl<V: Clone> Shard<V> {
    /// The same with one name more, or with another value for it.
    pub(super) fn with(&self, name: Hashed<'_>, value: V) -> Self {
        match self.find(name) {
            Ok(at) => self.changed(at, at + 1, Some((name, value))),
            Err(at) => self.changed(at, at, Some((name, value))),
        }
    }

    /// The same without a name; `None` when it is not there.
    pub(super) fn without(&self, name: Hashed<'_>) -> Option<Self> {
        self.find(name).ok().map(|at| self.changed(at, at + 1, None))
    }

    /// A copy in which the entries from `from` to before `to` give way to `new`.
    fn changed(&self, from: usize, to: usize, new: Option<(Hashed<'_>, V)>) -> Self {
        let length = self.entries.len() - (to - from) + usize::from(new.is_some());
        let added = new.as_ref().map_or(0, |(name, _)| name.name.len());
        let octets = self.names.len() - (self.start(to) - self.start(from)) + added;
        let mut making = Making::new(length, octets);
        self.copy(0..from, &mut making);
        if let Some((name, value)) = new {
            making.push(name, value);
        }
        self.copy(to..self.entries.len(), &mut making);
        making.finish()
    }

    fn copy(&self, part: std::ops::Range<usize>, making: &mut Making<V>) {
        for at in part {
            if let (Some(hash), Some(entry)) = (self.hashes.get(at), self.entries.get(at)) {
                making.push(Hashed { hash: *hash, name: self.name(at) }, entry.value.clone());
            }
        }
    }
}

/// A shard that is put together in order.
struct Making<V> {
    hashes: Vec<u32>,
    entries: Vec<Entry<V>>,
    names: String,
}

impl<V> Making<V> {
    fn new(length: usize, octets: usize) -> Self {
        Self {
            hashes: Vec::with_capacity(length),
            entries: Vec::with_capacity(length),
            names: String::with_capacity(octets),
        }
    }

    fn push(&mut self, name: Hashed<'_>, value: V) {
        self.names.push_str(name.name);
        self.hashes.push(name.hash);
        self.entries.push(Entry { end: octets(self.names.len()), value });
    }

    fn finish(self) -> Shard<V> {
        Shard { hashes: self.hashes.into(), entries: self.entries.into(), names: self.names.into() }
    }
}

/// A length within a shard. A name has at most 253 octets, so that a shard would need 17 million of them to pass 4 GiB:
/// many times what fits into memory in all shards together.
fn octets(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
