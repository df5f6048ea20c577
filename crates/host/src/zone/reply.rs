//! An answer, written into a buffer that is used again and again.

use domain::base::header::HeaderSection;
use domain::base::iana::{Class, OptRcode, Rtype};

use super::question::{Edns, HEADER};
use super::set::Set;

/// The largest answer by UDP: never fragmented on any path that people use.
pub(super) const MAX_DATAGRAM: u16 = 1_232;
/// RFC 1035 §2.3.4: the largest answer that askers take who do not say more.
const PLAIN_DATAGRAM: u16 = 512;
/// The longest answer by TCP.
const MAX_STREAM: u16 = u16::MAX;
/// Octets of our OPT record.
const OPT: usize = 11;
/// RFC 1035 §4.1.4: the name that begins this far into the message.
const POINTER: u16 = 0xc000;

/// How a question came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// One datagram; the sender's address may be forged.
    Udp,
    /// A connection.
    Tcp,
}

/// Sections that records are put into, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Answer,
    Authority,
}

/// An answer in the making.
pub(super) struct Reply<'b> {
    out: &'b mut Vec<u8>,
    /// Where the question ends.
    end: usize,
    limit: usize,
    edns: Option<Edns>,
    rcode: OptRcode,
    authoritative: bool,
    answers: u16,
    authorities: u16,
}

impl<'b> Reply<'b> {
    /// Begins with the header and, up to `end`, the question of what was asked.
    pub(super) fn begin(
        out: &'b mut Vec<u8>,
        asked: &[u8],
        end: usize,
        edns: Option<Edns>,
        transport: Transport,
    ) -> Self {
        out.clear();
        out.extend_from_slice(asked.get(..end).unwrap_or_default());
        let limit = match (transport, edns) {
            (Transport::Tcp, _) => MAX_STREAM,
            (Transport::Udp, None) => PLAIN_DATAGRAM,
            // RFC 6891 §6.2.3: values below 512 are taken as 512.
            (Transport::Udp, Some(edns)) => edns.size.clamp(PLAIN_DATAGRAM, MAX_DATAGRAM),
        };
        Self {
            out,
            end,
            limit: usize::from(limit),
            edns,
            rcode: OptRcode::NOERROR,
            authoritative: false,
            answers: 0,
            authorities: 0,
        }
    }

    pub(super) const fn set_rcode(&mut self, rcode: OptRcode) {
        self.rcode = rcode;
    }

    pub(super) const fn set_authoritative(&mut self) {
        self.authoritative = true;
    }

    /// All records of a set. `owner` is where its name begins in the question: every name that we answer with is in the
    /// question, since the apex ends it.
    pub(super) fn push(&mut self, section: Section, owner: usize, set: &Set<'_>) {
        for data in set.data {
            self.push_one(section, owner, set.rtype, set.ttl, data);
        }
    }

    pub(super) fn push_one(&mut self, section: Section, owner: usize, rtype: Rtype, ttl: u32, data: &[u8]) {
        // At most 12 + 255, so that it always fits into the 14 bits of a pointer.
        let owner = POINTER | u16::try_from(owner).unwrap_or_default();
        self.out.extend_from_slice(&owner.to_be_bytes());
        self.out.extend_from_slice(&rtype.to_int().to_be_bytes());
        self.out.extend_from_slice(&Class::IN.to_int().to_be_bytes());
        self.out.extend_from_slice(&ttl.to_be_bytes());
        self.out.extend_from_slice(&u16::try_from(data.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.out.extend_from_slice(data);
        match section {
            Section::Answer => self.answers += 1,
            Section::Authority => self.authorities += 1,
        }
    }

    /// Asks to come again by TCP, without any record.
    pub(super) fn truncate(mut self) {
        self.cut();
        self.finish_with(true);
    }

    /// Says that it cannot be answered now, without any record.
    pub(super) fn fail(mut self) {
        self.cut();
        self.rcode = OptRcode::SERVFAIL;
        self.finish_with(false);
    }

    /// Writes the header and what else is missing.
    pub(super) fn finish(mut self) {
        let opt = if self.edns.is_some() { OPT } else { 0 };
        let too_long = self.out.len() + opt > self.limit;
        if too_long {
            // RFC 2181 §9: askers throw away what is in a truncated answer, so there is nothing in it.
            self.cut();
        }
        self.finish_with(too_long);
    }

    fn cut(&mut self) {
        self.out.truncate(self.end);
        (self.answers, self.authorities) = (0, 0);
    }

    fn finish_with(self, truncated: bool) {
        let extended = self.rcode.to_int();
        if let Some(edns) = self.edns {
            let flags = u16::from(edns.dnssec_ok) << 15 | u16::from(edns.compact_ok) << 14;
            self.out.push(0);
            self.out.extend_from_slice(&Rtype::OPT.to_int().to_be_bytes());
            self.out.extend_from_slice(&MAX_DATAGRAM.to_be_bytes());
            // RFC 6891 §6.1.3: the upper octet of the code, our version, the flags, no options.
            self.out.extend_from_slice(&[(extended >> 4) as u8, 0]);
            self.out.extend_from_slice(&flags.to_be_bytes());
            self.out.extend_from_slice(&[0, 0]);
        }
        if self.out.len() < HEADER {
            self.out.clear();
            return;
        }
        let section = HeaderSection::for_message_slice_mut(self.out);
        let header = section.header_mut();
        // The id, the operation, RD and CD stay as they were asked (RFC 1035 §4.1.1, RFC 4035 §3.1.6).
        header.set_qr(true);
        header.set_aa(self.authoritative);
        header.set_tc(truncated);
        header.set_ra(false);
        header.set_z(false);
        header.set_ad(false);
        header.set_rcode(self.rcode.rcode());
        let counts = section.counts_mut();
        counts.set_qdcount(u16::from(self.end > HEADER));
        counts.set_ancount(self.answers);
        counts.set_nscount(self.authorities);
        counts.set_arcount(u16::from(self.edns.is_some()));
    }
}

/// Makes of a finished answer one without records that asks to come by TCP.
pub(super) fn shorten(out: &mut Vec<u8>, question_end: usize) {
    out.truncate(question_end);
    if out.len() < HEADER {
        return;
    }
    let section = HeaderSection::for_message_slice_mut(out);
    section.header_mut().set_tc(true);
    let counts = section.counts_mut();
    counts.set_qdcount(u16::from(question_end > HEADER));
    counts.set_ancount(0);
    counts.set_nscount(0);
    counts.set_arcount(0);
}
