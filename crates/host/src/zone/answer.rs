//! One answer to one question.

use domain::base::iana::{Class, OptRcode, Rtype};
use jiff::Timestamp;

use super::denial::nsec;
use super::name::Asked;
use super::origin::Origin;
use super::place::{Found, Place};
use super::question::{HEADER, Odd, Question};
use super::reply::{Reply, Section, Transport};
use super::set::{Data, Set, Sets};
use super::signer::{Keeping, Making, Request, Unsigned};

/// What kind of answer it became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Records.
    Records,
    /// There is no such record, or no such name.
    Nothing,
    /// Not our zone, or nothing that we do.
    Refused,
    /// The question could not be read.
    Malformed,
    /// The asker is to come by TCP.
    Truncated,
    /// No signature could be made.
    Failed,
}

/// A question that was read, and all it takes to answer it.
pub(super) struct Answering<'a> {
    pub(super) origin: &'a Origin,
    pub(super) question: &'a Question<'a>,
    pub(super) transport: Transport,
    pub(super) now: Timestamp,
}

/// An answer to what is no question; `None` for none.
pub(super) fn to_odd(odd: Odd, asked: &[u8], transport: Transport, out: &mut Vec<u8>) -> Option<Kind> {
    let (rcode, kind) = match odd {
        Odd::Silence => return None,
        Odd::Malformed { .. } => (OptRcode::FORMERR, Kind::Malformed),
        Odd::OtherOperation => (OptRcode::NOTIMP, Kind::Refused),
    };
    let mut reply = Reply::begin(out, asked, odd.question_end(), None, transport);
    reply.set_rcode(rcode);
    reply.finish();
    Some(kind)
}

impl Answering<'_> {
    /// Writes the answer; `found` is where the name is, if it is in one of our zones.
    pub(super) fn write(&self, found: Option<&Found>, out: &mut Vec<u8>, scratch: &mut Vec<u8>) -> Kind {
        let question = self.question;
        let mut reply = Reply::begin(out, question.octets, question.end, question.edns, self.transport);
        let refusal = match question.rtype {
            // RFC 6891 §6.1.3.
            _ if question.edns.is_some_and(|edns| edns.version != 0) => {
                Some((OptRcode::BADVERS, Kind::Malformed))
            }
            // RFC 9824 §3.5; the others never are what is asked for.
            Rtype::NXNAME | Rtype::OPT | Rtype::TSIG | Rtype::TKEY => {
                Some((OptRcode::FORMERR, Kind::Malformed))
            }
            // Each node has its zone from the database: nothing is transferred.
            Rtype::AXFR | Rtype::IXFR => Some((OptRcode::REFUSED, Kind::Refused)),
            _ if question.class != Class::IN => Some((OptRcode::REFUSED, Kind::Refused)),
            _ => None,
        };
        let (rcode, kind) = match (refusal, found) {
            (Some(refusal), _) => refusal,
            (None, None) => (OptRcode::REFUSED, Kind::Refused),
            (None, Some(found)) => {
                reply.set_authoritative();
                return self.write_found(found, reply, scratch);
            }
        };
        reply.set_rcode(rcode);
        reply.finish();
        kind
    }

    fn write_found(&self, found: &Found, mut reply: Reply<'_>, scratch: &mut Vec<u8>) -> Kind {
        match self.records(found, &mut reply, scratch) {
            Ok(kind) => {
                reply.finish();
                kind
            }
            Err(Unsigned::Busy) => {
                reply.truncate();
                Kind::Truncated
            }
            Err(Unsigned::Failed) => {
                reply.fail();
                Kind::Failed
            }
        }
    }

    fn records(&self, found: &Found, reply: &mut Reply<'_>, scratch: &mut Vec<u8>) -> Result<Kind, Unsigned> {
        let sets = found.place.sets(self.origin);
        let chosen = sets.as_ref().and_then(|sets| match self.question.rtype {
            // RFC 8482 §4.1: one set is enough for whoever asks for any.
            Rtype::ANY => sets.iter().next(),
            rtype => sets.find(rtype),
        });
        if let Some(set) = chosen {
            reply.push(Section::Answer, HEADER, &set);
            self.sign(found, self.question.name(), HEADER, &set, set.ttl, Section::Answer, reply, scratch)?;
            return Ok(Kind::Records);
        }
        self.nothing(found, sets.as_ref(), reply, scratch)
    }

    /// RFC 2308: the zone's SOA record says how long that holds; RFC 9824: an NSEC record proves it.
    fn nothing(
        &self,
        found: &Found,
        sets: Option<&Sets<'_>>,
        reply: &mut Reply<'_>,
        scratch: &mut Vec<u8>,
    ) -> Result<Kind, Unsigned> {
        let name = self.question.name();
        let ttl = self.origin.times.nothing.min(self.origin.times.zone);
        let proof: Option<Data> = match self.signs() {
            true => Some(nsec(name, sets).ok_or(Unsigned::Failed)?),
            false => None,
        };
        let proof =
            proof.as_ref().map(|data| Set { rtype: Rtype::NSEC, ttl, data: std::slice::from_ref(data) });
        // RFC 9824 §3.4: who asks for the proof itself gets it as an answer.
        if let Some(set) = proof.filter(|_| self.question.rtype == Rtype::NSEC) {
            reply.push(Section::Answer, HEADER, &set);
            self.sign(found, name, HEADER, &set, ttl, Section::Answer, reply, scratch)?;
            return Ok(Kind::Records);
        }
        if sets.is_none() && (proof.is_none() || self.question.edns.is_some_and(|edns| edns.compact_ok)) {
            // RFC 9824 §5: with the proof, only who can read it there is told by the code too.
            reply.set_rcode(OptRcode::NXDOMAIN);
        }
        let apex_at = found.apex_at;
        let apex = Asked::of(name.wire().get(apex_at..).unwrap_or_default());
        if let Some(soa) = self.origin.zone.first().map(super::set::OwnedSet::of) {
            for data in soa.data {
                reply.push_one(Section::Authority, HEADER + apex_at, soa.rtype, ttl, data);
            }
            self.sign(found, apex, HEADER + apex_at, &soa, ttl, Section::Authority, reply, scratch)?;
        }
        if let Some(set) = proof {
            reply.push(Section::Authority, HEADER, &set);
            self.sign(found, name, HEADER, &set, ttl, Section::Authority, reply, scratch)?;
        }
        Ok(Kind::Nothing)
    }

    /// Whether signatures are wanted and can be made.
    fn signs(&self) -> bool {
        self.origin.signer.is_some() && self.question.edns.is_some_and(|edns| edns.dnssec_ok)
    }

    #[expect(clippy::too_many_arguments, reason = "one place for all signatures of an answer")]
    fn sign(
        &self,
        found: &Found,
        owner: Asked<'_>,
        owner_at: usize,
        set: &Set<'_>,
        ttl: u32,
        section: Section,
        reply: &mut Reply<'_>,
        scratch: &mut Vec<u8>,
    ) -> Result<(), Unsigned> {
        let Some(signer) = self.origin.signer.as_ref().filter(|_| self.signs()) else { return Ok(()) };
        let request = Request {
            owner,
            apex: self.question.name().wire().get(found.apex_at..).unwrap_or_default(),
            set: *set,
            now: self.now,
            making: match self.transport {
                Transport::Udp => Making::Sparingly,
                Transport::Tcp => Making::Freely,
            },
            keeping: match found.place {
                // Of names that do not exist there is no end: only what the zone itself has is kept.
                Place::Missing if set.rtype == Rtype::NSEC => Keeping::Forget,
                _ => Keeping::Keep,
            },
        };
        signer.sign(&request, scratch, |data| reply.push_one(section, owner_at, Rtype::RRSIG, ttl, data))
    }
}
