//! Which certification authorities a domain allows (CAA, RFC 8659), as its DNS has it.

use std::sync::Arc;

use bytes::Bytes;
use domain::base::Rtype;
use domain::base::UnknownRecordData;
use domain::base::record::ParsedRecord;
use protocol::observed::{Answer, Outcome};

use crate::deadline::Deadline;
use crate::dns::{Asker, FromRecord, Resolver};
use crate::watcher::Watcher;
use crate::{Clock, Settings};

/// Names asked for on the way up. A name has 127 labels at most, but no real one comes near this.
const MAX_STEPS: usize = 16;

/// One CAA record (RFC 8659 §4.1). Nothing in it was read yet but its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaaRecord {
    /// The flags; the highest bit says that whoever does not know the tag must not issue.
    pub flags: u8,
    /// The property's tag, as written.
    pub tag: String,
    /// Its value.
    pub value: Vec<u8>,
}

/// The CAA records that decide about a name, and how they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaaSeen {
    /// The answers from the name itself upward. The last one decides: it has records, or could not be had, or is that of
    /// the topmost name asked for.
    pub asked: Vec<Answer<CaaRecord>>,
}

impl CaaRecord {
    /// Whether who does not know the tag must not issue (RFC 8659 §4.1).
    #[must_use]
    pub const fn is_critical(&self) -> bool {
        self.flags & 0x80 != 0
    }
}

impl CaaSeen {
    /// The relevant set and the name that it was found at; no records when there are none on the whole way up. `None`
    /// when an answer on the way could not be had: then an authority must not issue (RFC 8659 §3).
    #[must_use]
    pub fn relevant(&self) -> Option<(&str, &[CaaRecord])> {
        let last = self.asked.last()?;
        match &last.outcome {
            Outcome::Records(records) => Some((&last.name, records)),
            Outcome::NoData | Outcome::NxDomain => Some((&last.name, &[])),
            _ => None,
        }
    }
}

impl FromRecord for CaaRecord {
    const RTYPE: Rtype = Rtype::CAA;

    /// RFC 8659 §4.1: flags, the tag's length, the tag, the value.
    fn read(record: &ParsedRecord<'_, Bytes>) -> Option<Self> {
        let record = record.to_record::<UnknownRecordData<_>>().ok().flatten()?;
        let data: &[u8] = record.data().data().as_ref();
        let (flags, rest) = data.split_first()?;
        let (length, rest) = rest.split_first()?;
        let (tag, value) = rest.split_at_checked(usize::from(*length))?;
        let fits = !tag.is_empty() && tag.iter().all(u8::is_ascii_alphanumeric);
        let tag = std::str::from_utf8(tag).ok().filter(|_| fits)?;
        Some(Self { flags: *flags, tag: tag.to_owned(), value: value.to_vec() })
    }
}

/// RFC 8659 §3: the name, and if it has none, the name above it, up to but without the root.
pub(crate) async fn look(
    settings: &Arc<Settings>,
    clock: &Clock,
    resolver: &Resolver,
    name: &str,
    watcher: &Watcher,
) -> CaaSeen {
    let deadline = Deadline::new(clock, settings.limits.total);
    let asker = Asker::begin(resolver.clone(), name, &settings.limits, &deadline, watcher, clock);
    let mut asked = Vec::new();
    let mut at = Some(name);
    while let Some(name) = at.filter(|name| !name.is_empty() && asked.len() < MAX_STEPS) {
        let answer = asker.ask_settled::<CaaRecord>(name).await;
        let goes_on = matches!(answer.outcome, Outcome::NoData | Outcome::NxDomain);
        asked.push(answer);
        at = name.split_once('.').map(|(_, above)| above).filter(|_| goes_on);
    }
    CaaSeen { asked }
}
