//! Our own name server, for names that a domain's owner let lead to it.

use std::sync::Arc;

use protocol::observed::Txt;
use protocol::sts::Record;

use super::{AnnounceError, Present};
use crate::zone::Zone;

/// Our own name server.
///
/// The record is changed in memory, so that the very next question sees it; keeping it is up to whoever announces. Its
/// TTL is the zone's ([`Times`](crate::zone::Times)), whatever the announcement says.
#[derive(Debug, Clone)]
pub struct Delegated(Arc<Zone>);

impl Delegated {
    /// What is answered for this zone.
    #[must_use]
    pub const fn new(zone: Arc<Zone>) -> Self {
        Self(zone)
    }

    pub(super) fn present(&self, name: &str) -> Result<Present, AnnounceError> {
        let (text, times) = self.0.announced(name).ok_or_else(|| self.elsewhere(name))?;
        let texts: Vec<Txt> =
            text.into_iter().map(|text| Txt { strings: vec![protocol::observed::Octets(text)] }).collect();
        let ttl = (!texts.is_empty()).then_some(times.id);
        Ok(Present { texts, ttl, negative_ttl: Some(times.nothing.min(times.zone)) })
    }

    pub(super) fn replace(&self, name: &str, seen: &[Txt], record: &Record) -> Result<(), AnnounceError> {
        let seen: Option<Vec<u8>> = seen.first().map(Txt::joined);
        match self.0.announce(name, seen.as_deref(), record) {
            Some(true) => Ok(()),
            Some(false) => Err(AnnounceError::Changed { name: name.to_owned() }),
            None => Err(self.elsewhere(name)),
        }
    }

    fn elsewhere(&self, name: &str) -> AnnounceError {
        AnnounceError::NotDelegated { name: name.to_owned(), zone: self.0.apex().into() }
    }
}
