//! The versions that the journal tells of.

use jiff::Timestamp;

use super::journal::Entry;

/// All versions, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    versions: Vec<Version>,
}

/// One body with the id that it was, or was to be, announced with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// From 1 on.
    pub number: u32,
    /// The policy's text.
    pub body: String,
    /// Its id.
    pub id: String,
    /// When it was found or its placing began.
    pub since: Timestamp,
    /// The version that it leads back to, when it is a rollback.
    pub back_to: Option<u32>,
    /// How far it came.
    pub stage: Stage,
}

/// How far a version came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its placing began; perhaps it was served, and perhaps its id was announced without our knowing.
    Placing,
    /// Its id was handed to a person.
    Printed(Timestamp),
    /// Its id was announced, or found in the record.
    Announced(Timestamp),
}

impl History {
    /// What these entries tell, in their order. An entry about a version that never began is passed over.
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut history = Self::default();
        entries.iter().for_each(|entry| history.take(entry));
        history
    }

    pub(super) fn take(&mut self, entry: &Entry) {
        let begin = |version: &u32, id: &str, body: &str, at: &Timestamp, stage| Version {
            number: *version,
            body: body.to_owned(),
            id: id.to_owned(),
            since: *at,
            back_to: None,
            stage,
        };
        match entry {
            Entry::Found { at, version, id, body } => {
                self.versions.push(begin(version, id, body, at, Stage::Announced(*at)));
            }
            Entry::Placing { at, version, id, body, back_to } => {
                let begun = begin(version, id, body, at, Stage::Placing);
                self.versions.push(Version { back_to: *back_to, ..begun });
            }
            Entry::Printed { at, version } => self.set(*version, Stage::Printed(*at)),
            Entry::Announced { at, version } => self.set(*version, Stage::Announced(*at)),
        }
    }

    fn set(&mut self, number: u32, stage: Stage) {
        if let Some(version) = self.versions.iter_mut().rev().find(|version| version.number == number) {
            version.stage = stage;
        }
    }

    /// All versions, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The one whose placing began last: what the shelf holds, or half of it does.
    #[must_use]
    pub fn last(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The one with that number.
    #[must_use]
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.number == number)
    }

    /// Where a rollback leads unless told otherwise: to the newest older version with another policy than the last one.
    /// When the last one is a rollback itself, to that: the same command again changes nothing, whether or not it was
    /// cut off, and never leads forward again.
    #[must_use]
    pub fn earlier(&self) -> Option<&Version> {
        let last = self.last()?;
        if last.back_to.is_some() {
            return Some(last);
        }
        self.versions.iter().rev().find(|version| {
            version.body != last.body && matches!(version.stage, Stage::Announced(_) | Stage::Printed(_))
        })
    }

    /// Whether any version had this id.
    #[must_use]
    pub fn has_id(&self, id: &str) -> bool {
        self.versions.iter().any(|version| version.id == id)
    }

    /// The number of the next version.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.last().map_or(1, |last| last.number.saturating_add(1))
    }
}
