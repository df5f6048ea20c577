//! The announcing of ids: the one place where a record is changed, and only with the proof that the policy is served.

mod delegated;
mod exchange;
mod failure;
mod key;
mod provider;
mod rfc2136;
mod update;

use jiff::{SignedDuration, Timestamp};
use outside::Served;
use protocol::Domain;
use protocol::observed::Txt;
use protocol::sts::{RECORD_PREFIX, Record, read_records};

pub use delegated::Delegated;
pub use failure::AnnounceError;
pub use key::{KeyFault, TsigKey};
pub use provider::{PROVIDERS, Provider, ProviderFault};
pub use rfc2136::Rfc2136;

/// The oldest proof that is taken: policies are changed by people and programs, and what was served an hour ago says
/// little of now.
const OLDEST_PROOF: SignedDuration = SignedDuration::from_secs(60);

/// What changes records.
#[derive(Debug)]
pub enum Announcer {
    /// A person, who is given the record. The order is kept only up to the printing.
    Printed,
    /// Our own name server, that the name leads to.
    Delegated(Delegated),
    /// A name server that takes dynamic updates.
    Rfc2136(Rfc2136),
    /// A DNS provider's API.
    Provider(Provider),
}

/// The change of the TXT set at one name.
#[derive(Debug, Clone, Copy)]
struct Change<'a> {
    name: &'a str,
    /// What was there when it was last read: if something else is there, nothing is changed.
    seen: &'a [Txt],
    wanted: &'a [Txt],
    /// In seconds.
    ttl: u32,
}

/// The TXT records at the name, as its own servers have them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Present {
    /// All of them, those for other uses too.
    pub texts: Vec<Txt>,
    /// Their TTL in seconds.
    pub ttl: Option<u32>,
    /// How long resolvers keep that there is none, in seconds (RFC 2308 §5).
    pub negative_ttl: Option<u32>,
}

/// What is to be announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The policy domain.
    pub domain: Domain,
    /// The name that has the record: `_mta-sts.` and the domain, or where an alias there leads.
    pub name: String,
    /// SHA-256 of the body that the id stands for.
    pub body_sha256: [u8; 32],
    /// The record.
    pub record: Record,
    /// Its TTL in seconds.
    pub ttl: u32,
}

/// An id was announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// How.
    pub by: AnnouncedBy,
    /// The TXT records at the name now, if it was done and not only printed.
    pub records: usize,
}

/// How an id was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnnouncedBy {
    /// It is on a person to do it.
    Person,
    /// In one message, or by our own name server in one step: nobody ever saw the name without a record.
    OneMessage,
    /// By calls to an API, which may have taken the record away before it put the new one.
    Calls,
}

impl Present {
    /// The id of the one valid record, if there is one.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        self.record().map(|record| record.id)
    }

    /// The one valid record, if there is one.
    #[must_use]
    pub fn record(&self) -> Option<Record> {
        let texts: Vec<Vec<u8>> = self.texts.iter().map(Txt::joined).collect();
        read_records(&texts).ok()
    }

    /// All records after the change: those for other uses as they are, and the one new record instead of whatever
    /// began like one.
    fn with(&self, record: &Record) -> Vec<Txt> {
        let prefix = RECORD_PREFIX.strip_suffix(b";").unwrap_or(RECORD_PREFIX);
        let others = self.texts.iter().filter(|text| !text.joined().starts_with(prefix)).cloned();
        let text = record.to_string().into_bytes();
        // RFC 1035 §3.3: a character-string has 255 octets at most.
        let strings = text.chunks(255).map(Into::into).collect();
        others.chain([Txt { strings }]).collect()
    }
}

impl Announcer {
    /// What is at `name` now, asked where the record is changed; `None` when nobody here can ask there.
    ///
    /// # Errors
    /// [`AnnounceError`] when it cannot be asked, or the record is elsewhere.
    pub async fn present(&self, name: &str) -> Result<Option<Present>, AnnounceError> {
        match self {
            Self::Printed => Ok(None),
            Self::Delegated(zone) => zone.present(name).map(Some),
            Self::Rfc2136(server) => server.present(name).await.map(Some),
            Self::Provider(provider) => provider.present(name).await.map(Some),
        }
    }

    /// Announces an id in place of what is [`Present`].
    ///
    /// # Errors
    /// [`AnnounceError`] when the proof is of another domain or body, or older than a minute; when the record was
    /// changed by someone else since; when the server does not take the change, or a provider's API could not keep other
    /// records at the name as they are.
    pub async fn announce(
        &self,
        served: &Served,
        announcement: &Announcement,
        present: &Present,
        now: Timestamp,
    ) -> Result<Announced, AnnounceError> {
        check(served, announcement, now)?;
        let records = present.with(&announcement.record);
        let change = Change {
            name: &announcement.name,
            seen: &present.texts,
            wanted: &records,
            ttl: announcement.ttl,
        };
        let by = match self {
            Self::Printed => AnnouncedBy::Person,
            Self::Delegated(zone) => {
                zone.replace(&announcement.name, &present.texts, &announcement.record)?;
                AnnouncedBy::OneMessage
            }
            Self::Rfc2136(server) => {
                server.replace(change, now).await?;
                AnnouncedBy::OneMessage
            }
            Self::Provider(provider) => {
                provider.replace(change).await?;
                AnnouncedBy::Calls
            }
        };
        Ok(Announced { by, records: records.len() })
    }
}

/// Whether the proof is of this body, at this domain, and new.
fn check(served: &Served, announcement: &Announcement, now: Timestamp) -> Result<(), AnnounceError> {
    if served.domain() != &announcement.domain || served.body_sha256() != &announcement.body_sha256 {
        return Err(AnnounceError::OtherPolicy);
    }
    let age = served.age(now);
    // A proof from the future says that the clock was set back: its age is not known.
    if age > OLDEST_PROOF || age < -OLDEST_PROOF {
        return Err(AnnounceError::OldProof { seconds: age.as_secs() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txt(text: &str) -> Txt {
        Txt { strings: vec![text.into()] }
    }

    #[test]
    fn records_for_other_uses_stay() {
        let present = Present {
            texts: vec![txt("a=b"), txt("v=STSv1; id=1;"), txt("v=STSv1; id=broken-one;")],
            ..Present::default()
        };
        let record = Record { id: "2".to_owned(), extensions: vec![("a".to_owned(), "1".to_owned())] };
        assert_eq!(present.with(&record), [txt("a=b"), txt("v=STSv1; id=2; a=1;")]);
        assert_eq!(present.id(), None, "two begin alike");
        let replaced = Present { texts: present.with(&record), ..Present::default() };
        assert_eq!(replaced.record(), Some(record));
    }
}
