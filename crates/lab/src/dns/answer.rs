//! What one zone says to one question, with signatures and proofs (RFC 4035 §3.1).

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::rrset::{Node, RrSet};
use super::zone::Zone;

/// The answer as it grows while CNAMEs are followed.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    pub(crate) code: ResponseCode,
    pub(crate) answers: Vec<Record>,
    pub(crate) authorities: Vec<Record>,
}

/// How to go on after one zone has spoken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The answer is complete.
    Done,
    /// The name is an alias of this one.
    Alias(Name),
}

impl Zone {
    /// Adds this zone's answer to `reply`. With `referrals`, what lies below a delegation is referred to the
    /// child's servers, as an authoritative server does.
    pub(crate) fn answer(&self, name: &Name, kind: RecordType, referrals: bool, reply: &mut Reply) -> Next {
        if referrals
            && let Some(cut) = self.cut_above(name)
            && !(cut == name && kind == RecordType::DS)
        {
            self.refer(cut, reply);
            return Next::Done;
        }
        if self.exists(name) {
            return match self.node(name) {
                Some(node) => self.found(name, name, node, kind, reply),
                None => {
                    self.no_data(name, reply);
                    Next::Done
                }
            };
        }
        let (encloser, closer) = self.closest_encloser(name);
        let wildcard = encloser.prepend_label(b"*".as_slice()).unwrap_or_else(|_| encloser.clone());
        let Some(node) = self.node(&wildcard) else {
            reply.code = ResponseCode::NXDomain;
            self.soa(reply);
            // RFC 5155 §7.2.2: the encloser exists, the name and the wildcard do not.
            self.prove(
                reply,
                [
                    self.chain().matching(&encloser),
                    self.chain().covering(&closer),
                    self.chain().covering(&wildcard),
                ],
            );
            return Next::Done;
        };
        if !node.contains_key(&kind) && !node.contains_key(&RecordType::CNAME) {
            self.soa(reply);
            // RFC 5155 §7.2.5: no data at a wildcard.
            self.prove(
                reply,
                [
                    self.chain().matching(&encloser),
                    self.chain().covering(&closer),
                    self.chain().matching(&wildcard),
                ],
            );
            return Next::Done;
        }
        // RFC 5155 §7.2.6: the wildcard answers, because the name itself does not exist.
        self.prove(reply, [self.chain().covering(&closer)]);
        self.found(name, &wildcard, node, kind, reply)
    }

    fn found(&self, name: &Name, owner: &Name, node: &Node, kind: RecordType, reply: &mut Reply) -> Next {
        // A CNAME beside other data is a fault of the zone (RFC 1034 §3.6.2); this lab then serves what was asked for.
        if let Some(set) = node.get(&kind) {
            self.push(&mut reply.answers, name, owner, kind, set);
            return Next::Done;
        }
        let Some(set) = node.get(&RecordType::CNAME) else {
            self.no_data(owner, reply);
            return Next::Done;
        };
        self.push(&mut reply.answers, name, owner, RecordType::CNAME, set);
        match set.data.first() {
            Some(RData::CNAME(target)) => Next::Alias(target.0.to_lowercase()),
            _ => Next::Done,
        }
    }

    fn no_data(&self, name: &Name, reply: &mut Reply) {
        self.soa(reply);
        self.prove(reply, [self.chain().matching(name)]);
    }

    fn refer(&self, cut: &Name, reply: &mut Reply) {
        let Some(node) = self.node(cut) else { return };
        if let Some(set) = node.get(&RecordType::NS) {
            let records = set.data.iter().map(|data| Record::from_rdata(cut.clone(), set.ttl, data.clone()));
            reply.authorities.extend(records);
        }
        match node.get(&RecordType::DS) {
            Some(set) => self.push(&mut reply.authorities, cut, cut, RecordType::DS, set),
            None => self.prove(reply, [self.chain().matching(cut)]),
        }
    }

    fn soa(&self, reply: &mut Reply) {
        if let Some(set) = self.node(&self.apex).and_then(|node| node.get(&RecordType::SOA)) {
            self.push(&mut reply.authorities, &self.apex, &self.apex, RecordType::SOA, set);
        }
    }

    fn prove<const N: usize>(&self, reply: &mut Reply, proofs: [Option<(Name, RrSet)>; N]) {
        if !self.sends_proofs() {
            return;
        }
        for (owner, set) in proofs.into_iter().flatten() {
            // One NSEC3 record often proves two things; it is sent once.
            if reply.authorities.iter().any(|sent| sent.name == owner) {
                continue;
            }
            self.push(&mut reply.authorities, &owner, &owner, RecordType::NSEC3, &set);
        }
    }

    /// Appends the set under `name`, and its signature, which was made for `owner` in the zone.
    fn push(&self, section: &mut Vec<Record>, name: &Name, owner: &Name, kind: RecordType, set: &RrSet) {
        section.extend(set.data.iter().map(|data| Record::from_rdata(name.clone(), set.ttl, data.clone())));
        if let Some(mut signature) = self.signature(owner, kind, set) {
            signature.name = name.clone();
            section.push(signature);
        }
    }

    /// The longest existing ancestor, and the name one label below it towards `name` (RFC 5155 §1.3).
    fn closest_encloser(&self, name: &Name) -> (Name, Name) {
        let mut closer = name.clone();
        loop {
            let above = closer.base_name();
            if above == self.apex || above.is_root() || self.exists(&above) {
                return (above, closer);
            }
            closer = above;
        }
    }
}
