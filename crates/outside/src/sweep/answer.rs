//! What a message says to a question of the sweep. Pure.

use std::str::FromStr;

use bytes::Bytes;
use domain::base::iana::Rcode;
use domain::base::{Message, Name};
use protocol::observed::{DnsFailure, Octets, Outcome, Txt};

use super::question::HEADER;
use super::{SweepFailure, Swept};
use crate::dns::read_answer;

/// TXT records kept of one name, those that matter first. Names with more are SPF's and verification tokens' wildcards.
const MAX_RECORDS: usize = 16;
/// Octets kept of all records of one name. An MTA-STS record takes fifty, and a list has many names.
const MAX_OCTETS: usize = 4096;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// The answer.
    Answer(Swept),
    /// The answer did not fit; ask again over TCP.
    Truncated,
    /// No answer; another resolver may have one.
    Failed(SweepFailure),
    /// It does not belong to this question: somebody guesses, or it is late.
    Foreign,
}

/// Reads a message that claims to answer the question `asked` (octets of name, type and class) about `name`.
pub(super) fn read(message: &[u8], asked: &[u8], name: &str) -> Said {
    let Some((header, rest)) = message.split_first_chunk::<HEADER>() else { return Said::Foreign };
    let [_, _, flags, more, q_high, q_low, a_high, a_low, ..] = *header;
    let rcode = Rcode::masked_from_int(more);
    let questions = u16::from_be_bytes([q_high, q_low]);
    // RFC 1035 §4.1.1: QR set, and the standard query's opcode.
    if flags & 0xf8 != 0x80 {
        return Said::Foreign;
    }
    // RFC 5452 §9.1: the question must be ours, octet for octet. Servers that refuse may leave it out.
    let ours = questions == 1 && rest.starts_with(asked);
    match rcode {
        _ if !ours && questions != 0 => Said::Foreign,
        Rcode::SERVFAIL => Said::Failed(SweepFailure::ServFail),
        Rcode::REFUSED => Said::Failed(SweepFailure::Refused),
        Rcode::NOERROR | Rcode::NXDOMAIN if !ours => Said::Foreign,
        Rcode::NOERROR | Rcode::NXDOMAIN if flags & 0x02 != 0 => Said::Truncated,
        Rcode::NXDOMAIN if [a_high, a_low] == [0, 0] => Said::Answer(Swept::NxDomain),
        // Neither an authority nor a resolver said so: it only points at other servers.
        Rcode::NOERROR if [a_high, a_low] == [0, 0] && flags & 0x04 == 0 && more & 0x80 == 0 => {
            Said::Failed(SweepFailure::Malformed)
        }
        Rcode::NOERROR if [a_high, a_low] == [0, 0] => Said::Answer(Swept::NoData),
        Rcode::NOERROR | Rcode::NXDOMAIN => read_records(message, name),
        _ => Said::Failed(SweepFailure::Malformed),
    }
}

fn read_records(message: &[u8], name: &str) -> Said {
    let name = Name::<Bytes>::from_str(&format!("_mta-sts.{name}"));
    let message = Message::from_octets(Bytes::copy_from_slice(message));
    let (Ok(name), Ok(message)) = (name, message) else { return Said::Failed(SweepFailure::Malformed) };
    match read_answer::<Txt>(&message, &name, MAX_RECORDS).outcome {
        Outcome::Records(records) => Said::Answer(Swept::Records(kept(&records))),
        Outcome::NoData => Said::Answer(Swept::NoData),
        Outcome::NxDomain => Said::Answer(Swept::NxDomain),
        Outcome::Failed(DnsFailure::ServFail) => Said::Failed(SweepFailure::ServFail),
        Outcome::Failed(DnsFailure::Refused) => Said::Failed(SweepFailure::Refused),
        Outcome::Failed(_) | Outcome::NotTested(_) => Said::Failed(SweepFailure::Malformed),
    }
}

/// The records joined, as many whole ones as there is room for. The reader has put those that matter first when there
/// were too many; here a long stranger must not push them out.
fn kept(records: &[Txt]) -> Vec<Octets> {
    let mut room = MAX_OCTETS;
    let mut kept = Vec::new();
    for record in records {
        let mut joined = record.joined();
        if joined.len() > room {
            let is_ours = joined.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"v=STSv1"));
            if !is_ours {
                continue;
            }
            joined.truncate(room.max(7));
        }
        room = room.saturating_sub(joined.len());
        kept.push(Octets(joined));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::question::Question;
    use super::*;

    const NAME: &str = "example.com";

    /// An answer to the question for `NAME`: the flag octets, and so many TXT records of these strings.
    fn message(flags: [u8; 2], texts: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
        let mut question = Question::default();
        assert!(question.write(7, NAME));
        let asked = question.asked().to_vec();
        let mut message =
            vec![0, 7, flags[0], flags[1], 0, 1, 0, u8::try_from(texts.len()).unwrap(), 0, 0, 0, 0];
        message.extend(&asked);
        for text in texts {
            let data: Vec<u8> =
                text.chunks(255).flat_map(|s| [&[u8::try_from(s.len()).unwrap()], s].concat()).collect();
            message.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 9]);
            message.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            message.extend(data);
        }
        (message, asked)
    }

    #[test]
    fn the_header_decides_first() {
        let texts = [b"v=STSv1; id=1;".to_vec()];
        for (flags, texts, expected) in [
            ([0x81, 0x80], &texts[..], Said::Answer(Swept::Records(vec![Octets::from(&texts[0][..])]))),
            ([0x81, 0x80], &[], Said::Answer(Swept::NoData)),
            // An authority that offers no recursion.
            ([0x84, 0x00], &[], Said::Answer(Swept::NoData)),
            // A referral.
            ([0x80, 0x00], &[], Said::Failed(SweepFailure::Malformed)),
            ([0x81, 0x83], &[], Said::Answer(Swept::NxDomain)),
            ([0x81, 0x82], &[], Said::Failed(SweepFailure::ServFail)),
            ([0x81, 0x85], &[], Said::Failed(SweepFailure::Refused)),
            ([0x81, 0x81], &[], Said::Failed(SweepFailure::Malformed)),
            ([0x83, 0x80], &texts[..], Said::Truncated),
            // A question, and another kind of message.
            ([0x01, 0x00], &[], Said::Foreign),
            ([0xa1, 0x80], &[], Said::Foreign),
        ] {
            let (message, asked) = message(flags, texts);
            assert_eq!(read(&message, &asked, NAME), expected, "{flags:x?}");
        }
    }

    #[test]
    fn only_an_answer_to_our_question_counts() {
        let (message, mut asked) = message([0x81, 0x80], &[]);
        assert_eq!(read(&message[..message.len() - 1], &asked, NAME), Said::Foreign);
        asked[1] ^= 0x20;
        assert_eq!(read(&message, &asked, NAME), Said::Foreign);
        // Without any question a refusal may be believed, an answer may not.
        let bare = |code: u8| [0, 7, 0x81, 0x80 | code, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read(&bare(5), &asked, NAME), Said::Failed(SweepFailure::Refused));
        assert_eq!(read(&bare(3), &asked, NAME), Said::Foreign);
    }

    #[test]
    fn a_long_stranger_does_not_push_the_record_out() {
        let texts = [vec![b'x'; 4090], b"v=STSv1; id=1;".to_vec(), vec![b'y'; 4000]];
        let (message, asked) = message([0x81, 0x80], &texts);
        let Said::Answer(swept) = read(&message, &asked, NAME) else { panic!("it is an answer") };
        assert!(swept.is_hit());
        let Swept::Records(records) = swept else { panic!("it has records") };
        assert_eq!(records.len(), 2);
        assert!(records.iter().map(|record| record.0.len()).sum::<usize>() <= MAX_OCTETS + 7);
    }

    proptest::proptest! {
        /// Whatever comes, nothing breaks.
        #[test]
        fn any_octets_are_read(flags in proptest::prelude::any::<[u8; 2]>(), tail in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let (mut message, asked) = message(flags, &[]);
            message[7] = 3;
            message.extend(tail);
            read(&message, &asked, NAME);
            read(&message[asked.len()..], &asked, NAME);
        }
    }
}
