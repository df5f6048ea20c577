//! What one look leaves to remember for the next.

use protocol::observed::{Evidence, History, Look, PastPolicy};

use crate::case::{Case, RecordState, sha256_of};

/// What to remember of a look, as an entry of [`History::looks`].
#[must_use]
pub fn look(evidence: &Evidence) -> Look {
    let history = History::default();
    let case = Case::new(evidence, &history, evidence.taken_at);
    let policy = case.policy.tolerant().filter(|_| case.policy.is_obtained()).and_then(|policy| {
        let sha256 = sha256_of(case.policy.text.as_deref()?)?;
        Some(PastPolicy { sha256, mode: policy.mode, max_age: policy.max_age })
    });
    Look {
        taken_at: evidence.taken_at,
        id: case.record.id().map(str::to_owned),
        record_absent: matches!(case.record, RecordState::Absent),
        policy,
    }
}
