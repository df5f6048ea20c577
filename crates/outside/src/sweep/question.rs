//! A question as octets. Pure.

/// The label in front of every name (RFC 8461 §3.1).
const LABEL: &str = "_mta-sts";
/// RFC 1035 §2.3.4: a name on the wire, with its length octets and the root.
const MAX_WIRE: usize = 255;
/// Recursion desired (RFC 1035 §4.1.1); checking disabled (RFC 4035 §3.2.2), since a hit is validated later by
/// ourselves and a resolver that validates would hide it.
const FLAGS: [u8; 2] = [0x01, 0x10];
/// QTYPE TXT, QCLASS IN.
const TXT_IN: [u8; 4] = [0, 16, 0, 1];
/// QTYPE NS, QCLASS IN.
const NS_IN: [u8; 4] = [0, 2, 0, 1];
/// RFC 6891 §6.1.2: the root, OPT, payload 1232 octets (fits every path), version 0, no flags, no data.
const OPT: [u8; 11] = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0];

/// Where the question begins in a message.
pub(super) const HEADER: usize = 12;

/// A message being written, used again for every question.
#[derive(Default)]
pub(super) struct Question {
    octets: Vec<u8>,
    end: usize,
}

impl Question {
    /// Writes the question for TXT at `_mta-sts.` + name. False when that is longer than a name may be.
    pub(super) fn write(&mut self, id: u16, name: &str) -> bool {
        self.begin(id);
        for label in std::iter::once(LABEL).chain(name.split('.')) {
            let Ok(length @ 1..=63) = u8::try_from(label.len()) else { return false };
            self.octets.push(length);
            self.octets.extend_from_slice(label.as_bytes());
        }
        self.finish(TXT_IN)
    }

    /// Writes the control question, which every resolver can answer: for the root's own servers.
    pub(super) fn write_control(&mut self, id: u16) {
        self.begin(id);
        self.finish(NS_IN);
    }

    fn begin(&mut self, id: u16) {
        self.octets.clear();
        self.octets.extend_from_slice(&id.to_be_bytes());
        self.octets.extend_from_slice(&FLAGS);
        // One question, one additional record.
        self.octets.extend_from_slice(&[0, 1, 0, 0, 0, 0, 0, 1]);
    }

    fn finish(&mut self, kind: [u8; 4]) -> bool {
        self.octets.push(0);
        let fits = self.octets.len() - HEADER <= MAX_WIRE;
        self.octets.extend_from_slice(&kind);
        self.end = self.octets.len();
        self.octets.extend_from_slice(&OPT);
        fits
    }

    /// The whole message.
    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Name, type and class alone, as an answer must repeat them.
    pub(super) fn asked(&self) -> &[u8] {
        self.octets.get(HEADER..self.end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use domain::base::iana::Class;
    use domain::base::{Message, Rtype};

    use super::*;

    #[test]
    fn the_library_reads_the_same_question() {
        let mut question = Question::default();
        assert!(question.write(0xabcd, "example.com"));
        let message = Message::from_octets(question.octets()).unwrap();
        assert_eq!(message.header().id(), 0xabcd);
        assert!(message.header().rd() && message.header().cd() && !message.header().qr());
        let asked = message.sole_question().unwrap();
        assert_eq!(asked.qname().to_string(), "_mta-sts.example.com");
        assert_eq!((asked.qtype(), asked.qclass()), (Rtype::TXT, Class::IN));
        assert_eq!(message.opt().unwrap().udp_payload_size(), 1232);
        assert_eq!(question.asked().len(), 9 + 8 + 4 + 1 + 4);
        question.write_control(7);
        let message = Message::from_octets(question.octets()).unwrap();
        assert_eq!(message.sole_question().unwrap().qtype(), Rtype::NS);
        assert!(message.opt().is_some());
    }

    #[test]
    fn a_name_that_leaves_no_room_for_the_label_is_not_sent() {
        // 255 octets on the wire are 253 of text; the label and its dot take nine.
        let long = |last: &str| format!("{}{last}", "a.".repeat(121));
        assert!(Question::default().write(1, &long("bc")));
        assert!(!Question::default().write(1, &long("bcd")));
        assert!(!Question::default().write(1, &"a".repeat(64)));
        assert!(!Question::default().write(1, "a..b"));
    }
}
