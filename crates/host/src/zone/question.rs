//! A question, read from octets that anybody may have sent.

use domain::base::Message;
use domain::base::header::HeaderSection;
use domain::base::iana::{Class, Opcode, Rtype};

use super::name::{Asked, MAX_WIRE};

/// Octets of a message's header (RFC 1035 §4.1.1).
pub(super) const HEADER: usize = 12;
/// RFC 6891 §6.1.4, RFC 9824 §5.1: flags of the OPT record.
const DNSSEC_OK: u16 = 0x8000;
const COMPACT_OK: u16 = 0x4000;

/// A question that can be answered.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// The whole message.
    pub(super) octets: &'a [u8],
    /// Where the question ends in it.
    pub(super) end: usize,
    name: [u8; MAX_WIRE],
    length: usize,
    pub(super) rtype: Rtype,
    pub(super) class: Class,
    pub(super) edns: Option<Edns>,
}

/// What the asker says of itself (RFC 6891 §6.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edns {
    pub(super) version: u8,
    /// The largest answer that it takes by UDP.
    pub(super) size: u16,
    /// It wants signatures (RFC 3225).
    pub(super) dnssec_ok: bool,
    /// It takes NXDOMAIN with a compact proof (RFC 9824 §5.1).
    pub(super) compact_ok: bool,
}

/// A message that is no question to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// No answer at all: not a question, or not DNS.
    Silence,
    /// It cannot be read; `end` is where its question ends, or the header if even that cannot be read.
    Malformed { end: usize },
    /// Not a query: a notification, an update.
    OtherOperation,
}

impl Odd {
    /// Where the question ends that the answer repeats.
    pub(super) const fn question_end(self) -> usize {
        match self {
            Self::Malformed { end } => end,
            Self::Silence | Self::OtherOperation => HEADER,
        }
    }
}

impl<'a> Question<'a> {
    pub(super) fn read(octets: &'a [u8]) -> Result<Self, Odd> {
        let message = Message::from_slice(octets).map_err(|_| Odd::Silence)?;
        let header = message.header();
        // An answer to an answer would go to and fro for ever.
        if header.qr() {
            return Err(Odd::Silence);
        }
        if header.opcode() != Opcode::QUERY {
            return Err(Odd::OtherOperation);
        }
        let malformed = |end| Odd::Malformed { end };
        let counts = HeaderSection::for_message_slice(octets).counts();
        // RFC 9619: one question, no more, no less.
        if counts.qdcount() != 1 {
            return Err(malformed(HEADER));
        }
        let mut name = [0; MAX_WIRE];
        let length =
            copy_name(octets.get(HEADER..).unwrap_or_default(), &mut name).ok_or(malformed(HEADER))?;
        let end = HEADER + length + 4;
        let Some(&[t0, t1, c0, c1]) = octets.get(HEADER + length..end) else { return Err(malformed(HEADER)) };
        let rtype = Rtype::from_int(u16::from_be_bytes([t0, t1]));
        let class = Class::from_int(u16::from_be_bytes([c0, c1]));
        let edns = if counts.arcount() == 0 { None } else { edns(message).map_err(|()| malformed(end))? };
        Ok(Self { octets, end, name, length, rtype, class, edns })
    }

    /// The name, lower case.
    pub(super) fn name(&self) -> Asked<'_> {
        Asked::of(self.name.get(..self.length).unwrap_or_default())
    }
}

/// Copies the name at the front, lower case, and gives its length. `None` when it is cut off, too long or compressed: in
/// a question there is nothing yet that a pointer could point to.
fn copy_name(octets: &[u8], name: &mut [u8; MAX_WIRE]) -> Option<usize> {
    let mut at = 0;
    loop {
        let length = usize::from(*octets.get(at)?);
        // RFC 1035 §4.1.4: the two highest bits mark pointers.
        if length > 63 {
            return None;
        }
        let after = at + 1 + length;
        let target = name.get_mut(at..after)?;
        target.copy_from_slice(octets.get(at..after)?);
        // The length is below 64 and no letter. RFC 4343: only ASCII letters have a case.
        target.make_ascii_lowercase();
        at = after;
        if length == 0 {
            return Some(at);
        }
    }
}

/// The OPT record, if there is one.
fn edns(message: &Message<[u8]>) -> Result<Option<Edns>, ()> {
    let mut found = None;
    for record in message.additional().map_err(|_| ())? {
        let record = record.map_err(|_| ())?;
        if record.rtype() != Rtype::OPT {
            continue;
        }
        // RFC 6891 §6.1.1: not more than one, and at the root.
        if found.is_some() || !record.owner().is_root() {
            return Err(());
        }
        let [_, version, f0, f1] = record.ttl().as_secs().to_be_bytes();
        let flags = u16::from_be_bytes([f0, f1]);
        found = Some(Edns {
            version,
            size: record.class().to_int(),
            dnssec_ok: flags & DNSSEC_OK != 0,
            compact_ok: flags & COMPACT_OK != 0,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with these counts, and what follows it.
    fn message(flags: u16, counts: [u16; 4], rest: &[u8]) -> Vec<u8> {
        let mut octets = vec![0xab, 0xcd];
        octets.extend(flags.to_be_bytes());
        counts.iter().for_each(|count| octets.extend(count.to_be_bytes()));
        octets.extend_from_slice(rest);
        octets
    }

    const QUESTION: &[u8] = b"\x01A\x04Test\x00\x00\x10\x00\x01";
    const OPT: &[u8] = b"\x00\x00\x29\x04\xd0\x00\x00\xc0\x00\x00\x00";

    fn odd(octets: &[u8]) -> Option<Odd> {
        Question::read(octets).err()
    }

    #[test]
    fn a_question_is_read() {
        let octets = message(0x0100, [1, 0, 0, 1], &[QUESTION, OPT].concat());
        let question = Question::read(&octets).expect("a question");
        assert_eq!(question.name().wire(), b"\x01a\x04test\x00");
        assert_eq!(
            (question.rtype, question.class, question.end),
            (Rtype::TXT, Class::IN, 12 + QUESTION.len())
        );
        let edns = Edns { version: 0, size: 1232, dnssec_ok: true, compact_ok: true };
        assert_eq!(question.edns, Some(edns));
    }

    #[test]
    fn what_is_no_question_is_told_apart() {
        let end = 12 + QUESTION.len();
        let cases: [(Vec<u8>, Odd); 10] = [
            (vec![0; 11], Odd::Silence),
            (message(0x8000, [1, 0, 0, 0], QUESTION), Odd::Silence),
            (message(0x2800, [1, 0, 0, 0], QUESTION), Odd::OtherOperation),
            (message(0, [0, 0, 0, 0], &[]), Odd::Malformed { end: 12 }),
            (message(0, [2, 0, 0, 0], &[QUESTION, QUESTION].concat()), Odd::Malformed { end: 12 }),
            (message(0, [1, 0, 0, 0], b"\xc0\x0c\x00\x10\x00\x01"), Odd::Malformed { end: 12 }),
            (message(0, [1, 0, 0, 0], b"\x01a\x00\x00\x10\x00"), Odd::Malformed { end: 12 }),
            (message(0, [1, 0, 0, 0], &b"\x3f".repeat(300)), Odd::Malformed { end: 12 }),
            (message(0, [1, 0, 0, 1], &[QUESTION, &[0, 0]].concat()), Odd::Malformed { end }),
            (message(0, [1, 0, 0, 2], &[QUESTION, OPT, OPT].concat()), Odd::Malformed { end }),
        ];
        for (octets, wanted) in cases {
            assert_eq!(odd(&octets), Some(wanted), "{octets:02x?}");
        }
    }
}
