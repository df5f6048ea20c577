//! An authoritative name server for the few names that hosted domains lead to.
//!
//! Answers come from memory, from what the database says; nothing that is asked reaches the database. A zone can be signed:
//! signatures are made when they are asked for, and what is not there is denied without listing what is (RFC 9824).
//! Transfers (AXFR, IXFR) are not offered: each node has its zone from the database.

mod answer;
mod bucket;
mod denial;
mod hosted;
mod key;
mod limit;
mod name;
mod origin;
mod place;
mod question;
mod reply;
mod server;
mod set;
mod settings;
mod signer;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use protocol::sts;

use self::answer::{Answering, to_odd};
use self::name::{Asked, is_plain, wire};
use self::origin::Origin;
use self::place::{Place, locate};
use self::question::Question;
use crate::Directory;

pub use answer::Kind;
pub use hosted::{Hosted, Service};
pub use key::{ZoneKey, ZoneKeyFault};
pub use limit::LimitSettings;
pub use reply::Transport;
pub use server::{DnsCounts, DnsServer, DnsServerFault, DnsSettings};
pub use settings::{Caa, NameServer, Times, ZoneFault, ZoneSettings};

/// A zone that is answered for, and the zones that hosted domains delegate to it.
///
/// Reading takes no lock; a change is seen by the next question.
pub struct Zone {
    origin: ArcSwap<Origin>,
    hosted: Directory<Arc<Hosted>>,
    delegated: Directory<Delegation>,
    /// Held while something is changed, so that a change that depends on what is there sees no other in between.
    changes: Mutex<()>,
}

/// A zone that a hosted domain delegates: its apex is the name itself, such as `_mta-sts.example.com`.
#[derive(Clone)]
struct Delegation {
    service: Service,
    label: Arc<str>,
}

/// Buffers for answers, one for each thread that answers.
#[derive(Debug, Default)]
pub struct Desk {
    reply: Vec<u8>,
    scratch: Vec<u8>,
    /// Where the question ends in the reply.
    question_end: usize,
    /// What was asked, lower case: name and type.
    question: Vec<u8>,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'d> {
    /// The message.
    pub octets: &'d [u8],
    /// What it says.
    pub kind: Kind,
}

/// A label or name that cannot be hosted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostedFault {
    /// Not one label of letters, digits and hyphens.
    #[error("{0:?} is no label: 1 to 63 letters, digits, hyphens or underscores are one")]
    Label(String),
    /// The delegated name is not one of those that we answer for.
    #[error("{name} cannot be delegated to us for this purpose: it has to begin with {prefix}.")]
    Delegation {
        /// The name.
        name: String,
        /// What it would have to begin with.
        prefix: &'static str,
    },
}

impl Zone {
    /// A zone without hosted domains.
    ///
    /// # Errors
    /// [`ZoneFault`] says which setting makes no zone.
    pub fn new(settings: ZoneSettings) -> Result<Self, ZoneFault> {
        Ok(Self {
            origin: ArcSwap::from_pointee(Origin::new(settings)?),
            hosted: Directory::new(),
            delegated: Directory::new(),
            changes: Mutex::new(()),
        })
    }

    /// Takes other settings, with the same hosted domains.
    ///
    /// # Errors
    /// [`ZoneFault`]; the settings before stay then.
    pub fn reload(&self, settings: ZoneSettings) -> Result<(), ZoneFault> {
        self.origin.store(Arc::new(Origin::new(settings)?));
        Ok(())
    }

    /// The zone's name.
    #[must_use]
    pub fn apex(&self) -> Box<str> {
        self.origin.load().apex_text.clone()
    }

    /// The DS records that the parent of a zone is to have, as text: of the zone itself, or of a name that is delegated
    /// to us. Empty when nothing is signed.
    #[must_use]
    pub fn ds(&self, zone: &str) -> Vec<String> {
        self.origin.load().ds(zone)
    }

    /// How many signatures were made since the zone was loaded.
    #[must_use]
    pub fn signatures(&self) -> u64 {
        self.origin.load().signer.as_ref().map_or(0, signer::Signer::made)
    }

    /// Replaces all hosted domains, by label: for the start, and after the database was away.
    ///
    /// # Errors
    /// [`HostedFault`] for the first label that cannot be hosted; nothing is replaced then.
    pub fn fill(&self, hosted: impl IntoIterator<Item = (Box<str>, Hosted)>) -> Result<(), HostedFault> {
        let all: Vec<(Box<str>, Arc<Hosted>)> = hosted
            .into_iter()
            .map(|(label, hosted)| check_label(&label).map(|()| (label, Arc::new(hosted))))
            .collect::<Result<_, _>>()?;
        let _changing = self.changing();
        self.hosted.fill(all);
        Ok(())
    }

    /// Adds a hosted domain, or replaces what is answered for it.
    ///
    /// # Errors
    /// [`HostedFault`] when the label is none.
    pub fn put(&self, label: &str, hosted: Hosted) -> Result<(), HostedFault> {
        check_label(label)?;
        let _changing = self.changing();
        self.hosted.put(label, Arc::new(hosted));
        Ok(())
    }

    /// Forgets a hosted domain: there are no such names any more. False when there were none.
    pub fn remove(&self, label: &str) -> bool {
        let _changing = self.changing();
        self.hosted.remove(label)
    }

    /// What is answered for the domain with a label.
    #[must_use]
    pub fn hosted(&self, label: &str) -> Option<Arc<Hosted>> {
        self.hosted.get(label)
    }

    /// How many domains are hosted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hosted.len()
    }

    /// Whether none is hosted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosted.is_empty()
    }

    /// Answers for a name that a domain's owner delegates to us by NS records, such as `_mta-sts.example.com`, as for the
    /// label's own name.
    ///
    /// # Errors
    /// [`HostedFault`] when the label is none, or the name does not begin as the service's names do.
    pub fn delegate(&self, name: &str, service: Service, label: &str) -> Result<(), HostedFault> {
        check_label(label)?;
        let prefix = service.owner_prefix();
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let owner = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
        if owner.is_none() || wire(&name).is_none() {
            return Err(HostedFault::Delegation { name, prefix });
        }
        let _changing = self.changing();
        self.delegated.put(&name, Delegation { service, label: label.into() });
        Ok(())
    }

    /// Answers no more for a name that was delegated. False when it was not.
    pub fn undelegate(&self, name: &str) -> bool {
        let _changing = self.changing();
        self.delegated.remove(&name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase())
    }

    /// Answers one message; `None` when it deserves no answer.
    pub fn answer<'d>(
        &self,
        desk: &'d mut Desk,
        asked: &[u8],
        transport: Transport,
        now: Timestamp,
    ) -> Option<Answer<'d>> {
        desk.question.clear();
        let kind = match Question::read(asked) {
            Err(odd) => {
                desk.question_end = odd.question_end();
                to_odd(odd, asked, transport, &mut desk.reply)?
            }
            Ok(question) => {
                let origin = self.origin.load();
                let found = locate(&origin, &self.hosted, &self.delegated, question.name());
                desk.question_end = question.end;
                desk.question.extend_from_slice(question.name().wire());
                desk.question.extend_from_slice(&question.rtype.to_int().to_be_bytes());
                let answering = Answering { origin: &origin, question: &question, transport, now };
                answering.write(found.as_ref(), &mut desk.reply, &mut desk.scratch)
            }
        };
        Some(Answer { octets: &desk.reply, kind })
    }

    /// The label of the domain whose record with the id is at `name`, if that is answered here.
    fn id_label(&self, name: &str) -> Option<Arc<str>> {
        let name = wire(name)?;
        let asked = Asked::of(&name);
        let origin = self.origin.load();
        match locate(&origin, &self.hosted, &self.delegated, asked)?.place {
            Place::Hosted(Service::Id, _) => {
                let (label, _) = asked.split()?;
                std::str::from_utf8(label).ok().map(Arc::from)
            }
            Place::Delegated(Service::Id, _) => {
                let text = name_text(&name)?;
                self.delegated.get(&text).map(|delegation| delegation.label)
            }
            _ => None,
        }
    }

    /// The record with the id at a name, and its TTL and that of nothing; `None` when the name is not answered here.
    pub(crate) fn announced(&self, name: &str) -> Option<(Option<Vec<u8>>, Times)> {
        let label = self.id_label(name)?;
        let hosted = self.hosted.get(&label)?;
        Some((hosted.id_text(), self.origin.load().times))
    }

    /// Puts a record with an id in place of `seen`; `None` when the name is not answered here, false when another record
    /// is there by now.
    pub(crate) fn announce(&self, name: &str, seen: Option<&[u8]>, record: &sts::Record) -> Option<bool> {
        let label = self.id_label(name)?;
        let _changing = self.changing();
        let hosted = self.hosted.get(&label)?;
        if hosted.id_text().as_deref() != seen {
            return Some(false);
        }
        self.hosted.put(&label, Arc::new(Hosted::clone(&hosted).with_announced(record)));
        Some(true)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Makes of the answer just given one that has no records and asks to come by TCP.
    fn shorten(&mut self) -> &[u8] {
        reply::shorten(&mut self.reply, self.question_end);
        &self.reply
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zone")
            .field("apex", &self.apex())
            .field("hosted", &self.hosted)
            .finish_non_exhaustive()
    }
}

fn check_label(label: &str) -> Result<(), HostedFault> {
    let plain = label.bytes().all(|octet| is_plain(octet) && !octet.is_ascii_uppercase());
    match plain && (1..=63).contains(&label.len()) {
        true => Ok(()),
        false => Err(HostedFault::Label(label.to_owned())),
    }
}

/// The text of a name that [`wire`] made.
fn name_text(wire: &[u8]) -> Option<String> {
    let mut labels = Vec::new();
    let mut name = Asked::of(wire);
    while let Some((label, rest)) = name.split() {
        labels.push(std::str::from_utf8(label).ok()?);
        name = rest;
    }
    Some(labels.join("."))
}
