//! One zone: its records, and how (or whether) it is signed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock};

use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde::Deserialize;

use super::denial::Chain;
use super::rrset::{Node, RrSet};
use super::signer::Signer;

/// How a zone is signed, and what its parent says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Signing {
    /// Signed, with a DS record at the parent.
    #[default]
    Signed,
    /// Not signed, and the parent proves that there is no DS record.
    Unsigned,
    /// Signed, but every signature in the zone ended weeks ago.
    Expired,
    /// Signed, but the DS record at the parent belongs to another key.
    WrongDs,
    /// The parent has a DS record, the zone sends no signatures.
    Stripped,
}

/// A zone with its records, ready to be asked.
pub(crate) struct Zone {
    pub(crate) apex: Name,
    pub(crate) signing: Signing,
    nodes: BTreeMap<Name, Node>,
    /// Delegations inside this zone.
    cuts: BTreeSet<Name>,
    signer: Arc<Signer>,
    chain: OnceLock<Chain>,
    signatures: Mutex<HashMap<(Name, RecordType), Record>>,
}

impl Zone {
    /// An empty zone; `signer` holds the one key that all zones of the lab share.
    pub(crate) fn new(apex: Name, signing: Signing, signer: Arc<Signer>) -> Self {
        Self {
            apex: apex.to_lowercase(),
            signing,
            nodes: BTreeMap::new(),
            cuts: BTreeSet::new(),
            signer,
            chain: OnceLock::new(),
            signatures: Mutex::new(HashMap::new()),
        }
    }

    /// Adds one record. The TTL of a set is that of its first record (RFC 2181 §5.2).
    pub(crate) fn add(&mut self, name: &Name, ttl: u32, data: RData) {
        let name = name.to_lowercase();
        if data.record_type() == RecordType::NS && name != self.apex {
            self.cuts.insert(name.clone());
        }
        let node = self.nodes.entry(name).or_default();
        let set = node.entry(data.record_type()).or_insert_with(|| RrSet {
            ttl,
            data: Vec::new(),
            tampered: false,
        });
        set.data.push(data);
    }

    /// Removes a set, or with `None` all that the name holds.
    pub(crate) fn remove(&mut self, name: &Name, kind: Option<RecordType>) {
        let name = name.to_lowercase();
        if let Some(node) = self.nodes.get_mut(&name) {
            node.retain(|found, _| kind.is_some_and(|kind| *found != kind));
            if node.is_empty() {
                self.nodes.remove(&name);
            }
        }
    }

    /// Marks a set as changed after signing. False if there is no such set.
    pub(crate) fn tamper(&mut self, name: &Name, kind: RecordType) -> bool {
        let set = self.nodes.get_mut(&name.to_lowercase()).and_then(|node| node.get_mut(&kind));
        set.is_some_and(|set| {
            set.tampered = true;
            true
        })
    }

    /// What the name holds, if it holds anything.
    pub(crate) fn node(&self, name: &Name) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// True if the name exists: it holds records, or a name below it does (RFC 4592 §2.2.2).
    pub(crate) fn exists(&self, name: &Name) -> bool {
        // `Name` sorts in canonical order (RFC 4034 §6.1): what lies below a name follows it at once.
        self.nodes.range(name..).next().is_some_and(|(found, _)| name.zone_of(found))
    }

    /// The delegation that the name lies at or below, if any.
    pub(crate) fn cut_above(&self, name: &Name) -> Option<&Name> {
        self.cuts.iter().find(|cut| cut.zone_of(name))
    }

    /// Every name with its types, delegated children's own names left out.
    fn names(&self) -> impl Iterator<Item = (&Name, &Node)> {
        self.nodes.iter().filter(|(name, _)| self.cut_above(name).is_none_or(|cut| cut == *name))
    }

    /// True if answers carry signatures and proofs of absence.
    pub(crate) fn sends_proofs(&self) -> bool {
        !matches!(self.signing, Signing::Unsigned | Signing::Stripped)
    }

    /// The NSEC3 chain, made when first needed.
    pub(crate) fn chain(&self) -> &Chain {
        self.chain.get_or_init(|| Chain::of(&self.apex, self.names()))
    }

    /// The signature of a set, made when first asked for, then kept: a real zone's signatures do not change
    /// from one answer to the next. `owner` is the name in the zone: `*.x` for a wildcard.
    pub(crate) fn signature(&self, owner: &Name, kind: RecordType, set: &RrSet) -> Option<Record> {
        if !self.sends_proofs() {
            return None;
        }
        let key = (owner.clone(), kind);
        if let Ok(made) = self.signatures.lock()
            && let Some(record) = made.get(&key)
        {
            return Some(record.clone());
        }
        let record = self.signer.sign(&self.apex, owner, kind, set, self.signing == Signing::Expired)?;
        if let Ok(mut made) = self.signatures.lock() {
            made.insert(key, record.clone());
        }
        Some(record)
    }
}
