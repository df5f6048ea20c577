//! One update message (RFC 2136): the whole set in place of the one that was seen, or nothing. Pure.

use domain::base::iana::{Class, Opcode, Rtype};
use domain::base::message_builder::{AdditionalBuilder, PushError};
use domain::base::{MessageBuilder, Name, Ttl, UnknownRecordData};
use domain::rdata::Txt as TxtData;
use protocol::observed::Txt;

use super::Change;

/// A name on the wire.
pub(super) type Wire = Name<Vec<u8>>;

/// Why no message can be made of it.
#[derive(Debug)]
pub(super) struct TooLarge;

impl From<PushError> for TooLarge {
    fn from(_: PushError) -> Self {
        Self
    }
}

/// The message that makes the change at `name`, not yet signed.
///
/// A server applies it as a whole or not at all (RFC 2136 §3.7), so that nobody sees the name without a record.
pub(super) fn message(
    zone: &Wire,
    name: &Wire,
    Change { seen, wanted, ttl, .. }: Change<'_>,
) -> Result<AdditionalBuilder<Vec<u8>>, TooLarge> {
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_random_id();
    message.header_mut().set_opcode(Opcode::UPDATE);
    // RFC 2136 §2.3: the zone section.
    let mut message = message.question();
    message.push((zone, Rtype::SOA))?;
    let mut message = message.answer();
    let nothing = || UnknownRecordData::from_octets(Rtype::TXT, [].as_slice()).map_err(|_| TooLarge);
    if seen.is_empty() {
        // RFC 2136 §2.4.3: the set does not exist.
        message.push((name, Class::NONE, Ttl::ZERO, nothing()?))?;
    }
    for text in seen {
        // RFC 2136 §2.4.2: the set exists, with exactly these records.
        message.push((name, Class::IN, Ttl::ZERO, data(text)?))?;
    }
    let mut message = message.authority();
    // RFC 2136 §2.5.2: delete the set.
    message.push((name, Class::ANY, Ttl::ZERO, nothing()?))?;
    for text in wanted {
        // RFC 2136 §2.5.1: add to it.
        message.push((name, Class::IN, Ttl::from_secs(ttl), data(text)?))?;
    }
    Ok(message.additional())
}

/// A question for a server that has the zone itself.
pub(super) fn question(name: &Wire, rtype: Rtype) -> Result<Vec<u8>, TooLarge> {
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_random_id();
    let mut message = message.question();
    message.push((name, rtype))?;
    Ok(message.finish())
}

fn data(text: &Txt) -> Result<TxtData<Vec<u8>>, TooLarge> {
    let mut wire = Vec::new();
    for string in &text.strings {
        let octets = string.as_slice();
        wire.push(u8::try_from(octets.len()).map_err(|_| TooLarge)?);
        wire.extend_from_slice(octets);
    }
    TxtData::from_octets(wire).map_err(|_| TooLarge)
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    fn txt(text: &str) -> Txt {
        Txt { strings: vec![text.into()] }
    }

    /// (owner class, TTL, data) of each record, by section.
    fn sections(seen: &[Txt], wanted: &[Txt]) -> (String, Vec<String>, Vec<String>) {
        let zone = Wire::from_str("example.com.").expect("a name");
        let name = Wire::from_str("_mta-sts.example.com.").expect("a name");
        let change = Change { name: "_mta-sts.example.com", seen, wanted, ttl: 300 };
        let message = message(&zone, &name, change).expect("fits").into_message();
        assert_eq!(message.header().opcode(), Opcode::UPDATE);
        let zone = message.sole_question().expect("a zone").to_string();
        let shown = |section: domain::base::RecordSection<'_, Vec<u8>>| {
            section
                .map(|record| {
                    let record = record.expect("readable");
                    assert_eq!(record.owner().to_string(), "_mta-sts.example.com");
                    format!(
                        "{} {} {} {}",
                        record.class(),
                        record.ttl().as_secs(),
                        record.rtype(),
                        record.rdlen()
                    )
                })
                .collect()
        };
        (zone, shown(message.answer().expect("readable")), shown(message.authority().expect("readable")))
    }

    #[test]
    fn the_set_that_was_seen_is_replaced_as_a_whole() {
        let new = [txt("v=STSv1; id=2;")];
        let (zone, prerequisites, updates) = sections(&[txt("v=STSv1; id=1;"), txt("x")], &new);
        assert!(zone.starts_with("example.com"), "{zone}");
        assert_eq!(prerequisites, ["IN 0 TXT 15", "IN 0 TXT 2"]);
        assert_eq!(updates, ["* 0 TXT 0", "IN 300 TXT 15"]);
        let (_, prerequisites, _) = sections(&[], &new);
        assert_eq!(prerequisites, ["NONE 0 TXT 0"]);
    }
}
