//! What was taken from a list, and what was not.

use std::collections::{BTreeMap, HashSet};

use protocol::Domain;
use serde::{Deserialize, Serialize};

use crate::{Entry, Exclusion, Junk};

/// Examples kept of each kind: enough to find out what is meant.
const EXAMPLES: usize = 3;

/// Counts of what was taken from a list, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// Names taken.
    pub names: u64,
    /// Names that were there already.
    pub duplicates: Tally,
    /// Names that asked not to be looked at.
    pub excluded: Tally,
    /// What is no name, by its kind.
    #[serde(with = "pairs")]
    pub junk: BTreeMap<Junk, Tally>,
}

/// A map whose keys are no texts, as a list of pairs.
mod pairs {
    use super::{BTreeMap, Deserialize, Junk, Serialize, Tally};

    pub(super) fn serialize<S: serde::Serializer>(
        map: &BTreeMap<Junk, Tally>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<Junk, Tally>, D::Error> {
        Ok(Vec::<(Junk, Tally)>::deserialize(from)?.into_iter().collect())
    }
}

/// How many of a kind, and the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The first few.
    pub examples: Vec<Example>,
}

/// One of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Its line, from 1.
    pub line: u64,
    /// A bounded piece of it, without control characters.
    pub text: String,
}

impl Tally {
    fn merge(&mut self, later: Self) {
        self.count += later.count;
        let room = EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(later.examples.into_iter().take(room));
    }

    fn add(&mut self, line: u64, text: impl Into<String>) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Example { line, text: text.into() });
        }
    }
}

impl Intake {
    /// Adds the counts of a later part of the list.
    pub(crate) fn add(&mut self, later: Self) {
        self.names += later.names;
        self.duplicates.merge(later.duplicates);
        self.excluded.merge(later.excluded);
        for (kind, tally) in later.junk {
            self.junk.entry(kind).or_default().merge(tally);
        }
    }

    /// Entries of the list that are no names.
    #[must_use]
    pub fn junk_count(&self) -> u64 {
        self.junk.values().map(|tally| tally.count).sum()
    }
}

/// Names under way from the list to the store; each at most once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sieve {
    /// In the order of the list, with their lines.
    names: Vec<(u64, Domain)>,
    /// The same, to find the second of a name.
    held: HashSet<Domain>,
}

impl Sieve {
    /// Takes an entry, or counts why not.
    pub(crate) fn take(&mut self, entry: Entry, exclusion: &Exclusion, intake: &mut Intake) {
        match entry {
            Entry::Nothing => {}
            Entry::Junk { line, why, excerpt } => intake.junk.entry(why).or_default().add(line, excerpt),
            Entry::Name { line, text } => match Domain::parse(&text) {
                Err(error) => {
                    intake.junk.entry(Junk::NoName(error.fault)).or_default().add(line, error.excerpt);
                }
                Ok(domain) if exclusion.has_name(&domain) => intake.excluded.add(line, domain.as_str()),
                Ok(domain) if self.held.contains(&domain) => intake.duplicates.add(line, domain.as_str()),
                Ok(domain) => {
                    self.held.insert(domain.clone());
                    self.names.push((line, domain));
                }
            },
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The names held, in order, with their lines.
    pub(crate) fn names(&self) -> &[(u64, Domain)] {
        &self.names
    }

    /// Of the names held those that the store did not know, in order; the others are counted.
    pub(crate) fn sift(&self, known: &HashSet<String>, intake: &mut Intake) -> Vec<&Domain> {
        let mut kept = Vec::with_capacity(self.names.len());
        for (line, domain) in &self.names {
            if known.contains(domain.as_str()) {
                intake.duplicates.add(*line, domain.as_str());
            } else {
                kept.push(domain);
            }
        }
        intake.names += kept.len() as u64;
        kept
    }
}
