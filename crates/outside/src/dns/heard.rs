//! An answer as heard, while its validation goes on.

use protocol::observed::{Answer, DnsFailure, Outcome, Security, SecurityStatus};
use tokio::task::JoinHandle;

use crate::deadline::Deadline;

/// An answer that may already be acted on; whether it may be believed is known once it has [settled](Heard::settle).
pub(crate) struct Heard<T> {
    pub(super) answer: Answer<T>,
    pub(super) validation: Option<JoinHandle<Security>>,
    /// Records of the type that could not be read.
    pub(crate) unreadable: u32,
    /// The zone that a negative answer came from.
    pub(crate) zone: Option<String>,
}

impl<T> Heard<T> {
    pub(super) fn certain(answer: Answer<T>) -> Self {
        Self { answer, validation: None, unreadable: 0, zone: None }
    }

    /// The records as heard.
    pub(crate) fn records(&self) -> &[T] {
        self.answer.records()
    }

    /// The answer as heard, its DNSSEC state not yet known.
    pub(crate) const fn unsettled(&self) -> &Answer<T> {
        &self.answer
    }

    /// Waits for the validation. A bogus answer is no answer: its records are dropped.
    pub(crate) async fn settle(self, deadline: &Deadline) -> Answer<T> {
        let Self { mut answer, validation, .. } = self;
        if let Some(validation) = validation {
            answer.security = match deadline.within(deadline.remaining(), validation).await {
                Ok(Ok(security)) => security,
                Ok(Err(_)) | Err(_) => Security {
                    status: SecurityStatus::Indeterminate,
                    reason: Some("the validation was not finished in the time allowed".to_owned()),
                },
            };
            if answer.security.status == SecurityStatus::Bogus {
                answer.outcome = Outcome::Failed(DnsFailure::Bogus);
                answer.ttl = None;
            }
        }
        answer
    }
}
