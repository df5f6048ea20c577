//! One part of a directory: a sorted list that is never changed, only replaced.

/// Names in order, all their octets in one string, and the values.
pub(super) struct Shard<V> {
    names: Box<str>,
    entries: Box<[Entry<V>]>,
}

struct Entry<V> {
    /// Where the name ends in `names`; it begins where the one before ends.
    end: u32,
    value: V,
}

impl<V> Shard<V> {
    pub(super) fn empty() -> Self {
        Self { names: Box::default(), entries: Box::default() }
    }

    /// From names in any order; of several values for one name the last stands.
    pub(super) fn of(mut named: Vec<(Box<str>, V)>) -> Self {
        // Stable, so that equal names stay in the order they came in.
        named.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut names = String::with_capacity(named.iter().map(|(name, _)| name.len()).sum());
        let mut entries: Vec<Entry<V>> = Vec::with_capacity(named.len());
        let mut last: Box<str> = Box::default();
        for (name, value) in named {
            match entries.last_mut() {
                Some(entry) if last == name => entry.value = value,
                _ => {
                    names.push_str(&name);
                    entries.push(Entry { end: octets(names.len()), value });
                    last = name;
                }
            }
        }
        Self { names: names.into(), entries: entries.into() }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, name: &str) -> Option<&V> {
        let at = self.find(name).ok()?;
        self.entries.get(at).map(|entry| &entry.value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.entries.iter().enumerate().map(|(at, entry)| (self.name(at), &entry.value))
    }

    /// Where a name is, or else where it would have to be put.
    fn find(&self, name: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.entries.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
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
    pub(super) fn with(&self, name: &str, value: V) -> Self {
        match self.find(name) {
            Ok(at) => self.changed(at, at + 1, Some((name, value))),
            Err(at) => self.changed(at, at, Some((name, value))),
        }
    }

    /// The same without a name; `None` when it is not there.
    pub(super) fn without(&self, name: &str) -> Option<Self> {
        self.find(name).ok().map(|at| self.changed(at, at + 1, None))
    }

    /// A copy in which the entries from `from` to before `to` give way to `new`.
    fn changed(&self, from: usize, to: usize, new: Option<(&str, V)>) -> Self {
        let kept = (0..from).chain(to..self.entries.len());
        let length = self.entries.len() - (to - from) + usize::from(new.is_some());
        let added = new.as_ref().map_or(0, |(name, _)| name.len());
        let mut names = String::with_capacity(self.names.len() - (self.start(to) - self.start(from)) + added);
        let mut entries = Vec::with_capacity(length);
        let mut new = new;
        for at in kept {
            if at >= to
                && let Some((name, value)) = new.take()
            {
                push(&mut names, &mut entries, name, value);
            }
            if let Some(entry) = self.entries.get(at) {
                push(&mut names, &mut entries, self.name(at), entry.value.clone());
            }
        }
        if let Some((name, value)) = new {
            push(&mut names, &mut entries, name, value);
        }
        Self { names: names.into(), entries: entries.into() }
    }
}

fn push<V>(names: &mut String, entries: &mut Vec<Entry<V>>, name: &str, value: V) {
    names.push_str(name);
    entries.push(Entry { end: octets(names.len()), value });
}

/// A length within a shard. A name has at most 253 octets, so that a shard would need 17 million of them to pass 4 GiB:
/// many times what fits into memory in all shards together.
fn octets(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
