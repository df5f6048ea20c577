//! What recorded checks add to a new one: earlier looks, and looks from other places.

use std::path::PathBuf;

use protocol::Domain;
use protocol::observed::{Evidence, FetchOutcome, History, Look, PastPolicy, PathResult};
use protocol::sts::{MediaType, PolicyText, media_type};

use crate::capsule::{Capsule, Recorded};
use crate::expectation::record_id;
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
            looks.push(look_of(&recorded.evidence));
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

/// What an earlier look said about record and policy. Certificate dates are left aside: what counts is what the owner
/// published.
pub(crate) fn look_of(evidence: &Evidence) -> Look {
    Look {
        taken_at: evidence.taken_at,
        id: record_id(evidence),
        record_absent: evidence.record.is_absent(),
        policy: evidence.policy_host.fetches.iter().find_map(|fetch| {
            let tls = fetch.tls.as_ref()?;
            let FetchOutcome::Response(response) = &fetch.outcome else { return None };
            let served = response.status == 200
                && !response.too_large
                && tls.name_matches
                && tls.path.result == PathResult::Trusted
                && matches!(media_type(response.header("content-type")), MediaType::TextPlain { .. });
            let text = served.then(|| PolicyText::read(response.body.as_slice()).ok())??;
            Some(PastPolicy {
                sha256: text.body_sha256().iter().map(|octet| format!("{octet:02x}")).collect(),
                mode: text.policy().mode,
                max_age: text.policy().max_age,
            })
        }),
    }
}
