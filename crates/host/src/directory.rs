//! A great many names, each with a value, that are read all the time and changed now and then.

mod shard;
#[cfg(test)]
mod tests;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwap;

use self::shard::{Hashed, Shard};

/// Into how many parts the names are divided. A change copies one of them: with 200,000 names that is about 50 entries,
/// a few microseconds. A power of two, so that a hash is cut to size by a mask.
const SHARDS: usize = 4096;

/// Names and their values, kept in memory: what the door and the DNS answers are served from.
///
/// Reading takes no lock and waits for nobody: a reader sees a name as it was before a change or as it is after it. A
/// change copies one small part and puts the copy in place, so that a name can be added, replaced or removed while
/// thousands of questions a second are answered. Clones of a value should be cheap (an `Arc`): each reading makes one.
///
/// A name costs its own octets, the value, and at most 20 octets more.
///
/// Names are compared as they are: callers bring lower-case ones, as [`protocol::Domain`] holds them.
pub struct Directory<V> {
    shards: Box<[ArcSwap<Shard<V>>]>,
    /// Keyed at random for each directory: whoever chooses names cannot make them all meet in one shard.
    hasher: RandomState,
}

impl<V: Clone> Directory<V> {
    /// A directory without names.
    #[must_use]
    pub fn new() -> Self {
        let empty = Arc::new(Shard::empty());
        let shards = (0..SHARDS).map(|_| ArcSwap::new(Arc::clone(&empty))).collect();
        Self { shards, hasher: RandomState::new() }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<V> {
        let (shard, name) = self.find(name);
        shard.load().get(name).cloned()
    }

    /// Whether there is such a name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        let (shard, name) = self.find(name);
        shard.load().get(name).is_some()
    }

    /// Gives a name its value, in place of the one it may have had.
    pub fn put(&self, name: &str, value: V) {
        let (shard, name) = self.find(name);
        shard.rcu(|old| old.with(name, value.clone()));
    }

    /// Forgets a name; false when it was not there.
    pub fn remove(&self, name: &str) -> bool {
        let (shard, name) = self.find(name);
        let old = shard.rcu(|old| match old.without(name) {
            Some(shorter) => Arc::new(shorter),
            None => Arc::clone(old),
        });
        old.get(name).is_some()
    }

    /// Replaces everything by these names; of several values for one name the last stands.
    ///
    /// Much cheaper than one [`put`](Self::put) after another. Each part is replaced as a whole, one part after another:
    /// readers meanwhile find a name as it was before or as it will be, and one that is in both is never missing.
    pub fn fill<N: Into<Box<str>>>(&self, names: impl IntoIterator<Item = (N, V)>) {
        let mut parts: Vec<Vec<(u32, Box<str>, V)>> = (0..SHARDS).map(|_| Vec::new()).collect();
        for (name, value) in names {
            let name = name.into();
            let hash = self.hasher.hash_one(&*name);
            if let Some(part) = parts.get_mut(place(hash)) {
                part.push((within(hash), name, value));
            }
        }
        for (shard, part) in self.shards.iter().zip(parts) {
            shard.store(Arc::new(Shard::of(part)));
        }
    }

    /// How many names there are. Looks at every part: for a gauge, not for each request.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.load().len()).sum()
    }

    /// Whether there is no name at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(|shard| shard.load().len() == 0)
    }

    /// Calls `each` with every name and its value, in no order. Names that come or go meanwhile may be among them or not.
    pub fn each(&self, mut each: impl FnMut(&str, &V)) {
        for shard in &self.shards {
            let shard = shard.load_full();
            shard.iter().for_each(|(name, value)| each(name, value));
        }
    }

    /// The part that a name is in, and what it is found by there.
    fn find<'n>(&self, name: &'n str) -> (&ArcSwap<Shard<V>>, Hashed<'n>) {
        let hash = self.hasher.hash_one(name);
        // In range for every hash: see `place`.
        (&self.shards[place(hash)], Hashed { hash: within(hash), name })
    }
}

/// Which part a name is in: always below [`SHARDS`]. The lowest bits of a hash that is good in all of them.
const fn place(hash: u64) -> usize {
    hash as usize & (SHARDS - 1)
}

/// What a name is found by in its part: the highest bits.
const fn within(hash: u64) -> u32 {
    (hash >> 32) as u32
}

impl<V: Clone> Default for Directory<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V: Clone> std::fmt::Debug for Directory<V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").field("names", &self.len()).finish_non_exhaustive()
    }
}
