//! What is answered for one hosted domain.

use std::fmt;
use std::sync::Arc;

use protocol::{sts, tlsrpt};

use super::set::Data;
use super::settings::{Caa, MAX_ANSWER, MAX_CAA, ZoneFault};

/// One of the names that a hosted domain has below the zone's apex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `<label>.s`: the record with the policy's id, where `_mta-sts.<domain>` leads to (RFC 8461 §3.1, §8.2).
    Id,
    /// `<label>.r`: the record that says where reports go, where `_smtp._tls.<domain>` leads to (RFC 8460 §3).
    Reports,
    /// `<label>.p`: the policy host, where `mta-sts.<domain>` leads to (RFC 8461 §3.3).
    Policy,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Id, Self::Reports, Self::Policy];

    /// The label between that of the domain and the apex.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Id => "s",
            Self::Reports => "r",
            Self::Policy => "p",
        }
    }

    /// The name below `apex` for the domain with this label.
    #[must_use]
    pub fn name(self, label: &str, apex: &str) -> String {
        format!("{label}.{}.{apex}", self.label())
    }

    /// What stands before the domain's own name for this service: the alias, or the delegated zone.
    #[must_use]
    pub const fn owner_prefix(self) -> &'static str {
        match self {
            Self::Id => "_mta-sts",
            Self::Reports => "_smtp._tls",
            Self::Policy => "mta-sts",
        }
    }
}

/// What is answered for one hosted domain: nothing at first, so that senders see no record before there is a policy.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hosted {
    pub(super) id: Option<Data>,
    pub(super) reports: Option<Data>,
    pub(super) issuers: Option<Arc<[Data]>>,
}

impl Hosted {
    /// With a record whose id was announced before, as the database has it.
    ///
    /// A new id goes through [`Announcer::announce`](crate::Announcer::announce), which wants the proof that its policy is
    /// served.
    #[must_use]
    pub fn with_announced(mut self, record: &sts::Record) -> Self {
        self.id = Some(text(&record.to_string()));
        self
    }

    /// With a record that says where reports go.
    #[must_use]
    pub fn with_reports(mut self, record: &tlsrpt::Record) -> Self {
        self.reports = Some(text(&record.to_string()));
        self
    }

    /// With CAA records of its own instead of the zone's. They can be shared: clone what one call gave for many domains.
    ///
    /// # Errors
    /// [`ZoneFault`] for records that cannot be written.
    pub fn with_issuers(mut self, issuers: &[Caa]) -> Result<Self, ZoneFault> {
        let mut data = issuers.iter().map(caa).collect::<Result<Vec<Data>, _>>()?;
        data.sort();
        data.dedup();
        if data.iter().map(|data| data.len()).sum::<usize>() > MAX_ANSWER {
            return Err(ZoneFault::TooLarge("CAA records"));
        }
        self.issuers = Some(data.into());
        Ok(self)
    }

    /// The record with the id, if one was announced.
    #[must_use]
    pub fn id_text(&self) -> Option<Vec<u8>> {
        self.id.as_deref().map(joined)
    }

    /// The record that says where reports go.
    #[must_use]
    pub fn reports_text(&self) -> Option<Vec<u8>> {
        self.reports.as_deref().map(joined)
    }
}

impl fmt::Debug for Hosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: Option<Vec<u8>>| text.map(|text| String::from_utf8_lossy(&text).into_owned());
        f.debug_struct("Hosted")
            .field("id", &shown(self.id_text()))
            .field("reports", &shown(self.reports_text()))
            .finish_non_exhaustive()
    }
}

/// The data of a TXT record: strings of at most 255 octets (RFC 1035 §3.3.14).
fn text(text: &str) -> Data {
    let mut data = Vec::with_capacity(text.len() + 1 + text.len() / 255);
    for string in text.as_bytes().chunks(255) {
        data.push(u8::try_from(string.len()).unwrap_or(u8::MAX));
        data.extend_from_slice(string);
    }
    data.into()
}

/// The strings of a TXT record, joined as senders join them.
fn joined(data: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some((length, after)) = rest.split_first() {
        let (string, after) = after.split_at_checked(usize::from(*length)).unwrap_or((after, &[]));
        text.extend_from_slice(string);
        rest = after;
    }
    text
}

/// The data of a CAA record (RFC 8659 §4.1).
pub(super) fn caa(record: &Caa) -> Result<Data, ZoneFault> {
    let Caa { critical, tag, value } = record;
    let fault = || ZoneFault::Caa { tag: tag.clone(), value: value.clone() };
    let plain = !tag.is_empty() && tag.bytes().all(|octet| octet.is_ascii_alphanumeric());
    if !plain || value.len() > MAX_CAA || value.bytes().any(|octet| octet.is_ascii_control()) {
        return Err(fault());
    }
    let mut data = vec![if *critical { 0x80 } else { 0 }, u8::try_from(tag.len()).map_err(|_| fault())?];
    data.extend_from_slice(tag.as_bytes());
    data.extend_from_slice(value.as_bytes());
    Ok(data.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_joined() {
        for length in [0, 1, 254, 255, 256, 600] {
            let whole = "x".repeat(length);
            let data = text(&whole);
            assert_eq!(data.len(), length + length.div_ceil(255), "{length}");
            assert_eq!(joined(&data), whole.as_bytes());
        }
        assert_eq!(joined(&[5, b'a']), b"a", "a string that is cut off");
    }

    #[test]
    fn caa_records_are_bounded() {
        let record = |tag: &str, value: &str| Caa { critical: true, tag: tag.into(), value: value.into() };
        assert_eq!(caa(&record("issue", "ca.example")).as_deref(), Ok(b"\x80\x05issueca.example".as_slice()));
        for (tag, value) in [("", "x"), ("is-sue", "x"), ("issue", "a\nb"), ("issue", &"x".repeat(401))] {
            assert!(caa(&record(tag, value)).is_err(), "{tag} {value}");
        }
    }
}
