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
