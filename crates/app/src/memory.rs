//! What recorded checks add to a new one: earlier looks, and looks from other places.

use std::path::PathBuf;

use protocol::Domain;
use protocol::observed::{History, Look};

use crate::capsule::{Capsule, Recorded};
use crate::printer::Printer;

/// Capsules given with `--since` and `--with`.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    since: Vec<Recorded>,
    with: Vec<Recorded>,
}

impl Memory {
    /// Reads the capsules.
    pub(crate) fn read(since: &[PathBuf], with: &[PathBuf]) -> anyhow::Result<Self> {
        let all = |paths: &[PathBuf]| -> anyhow::Result<Vec<Recorded>> {
            let mut recorded = Vec::new();
            for path in paths {
                recorded.extend(Capsule::read(path)?.into_parts().0);
            }
            Ok(recorded)
        };
        Ok(Self { since: all(since)?, with: all(with)? })
    }

    /// What they say of one domain.
    pub(crate) fn of(&self, domain: &Domain) -> History {
        let mut looks: Vec<Look> = Vec::new();
        for recorded in self.since.iter().filter(|recorded| recorded.evidence.domain == *domain) {
            looks.extend(recorded.history.looks.iter().cloned());
            looks.push(judge::look(&recorded.evidence));
        }
        looks.sort_by_key(|look| look.taken_at);
        looks.dedup_by_key(|look| look.taken_at);
        let with = self.with.iter().map(|recorded| &recorded.evidence);
        History { looks, vantages: with.filter(|evidence| evidence.domain == *domain).cloned().collect() }
    }

    /// Says which of the domains they know nothing of.
    pub(crate) fn hint(&self, domains: &[Domain], printer: &Printer) {
        for (name, recorded) in [("--since", &self.since), ("--with", &self.with)] {
            for domain in domains {
                if !recorded.is_empty()
                    && !recorded.iter().any(|recorded| recorded.evidence.domain == *domain)
                {
                    printer.talk(format_args!("{name}: nothing recorded about {domain}"));
                }
            }
        }
    }
}
