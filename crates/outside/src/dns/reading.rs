//! From a DNS message to what it says about one question. Pure.

use bytes::Bytes;
use domain::base::iana::OptRcode;
use domain::base::name::ToName;
use domain::base::opt::ExtendedError;
use domain::base::{Message, Name, Rtype};
use domain::rdata;
use protocol::observed::{DnsFailure, Outcome};

use super::record::{FromRecord, presentation};

/// CNAMEs followed in one answer. Resolvers stop at about this number (unbound 11, BIND 16), so a longer chain does
/// not work for senders either.
const MAX_ALIASES: usize = 16;

/// Records kept of one answer. A message has room for about 5,000; no type but TXT has a smaller bound of its own.
const MAX_RECORDS: usize = 6_000;

/// What one message says about its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading<T> {
    pub(crate) outcome: Outcome<T>,
    /// CNAME targets followed, in order.
    pub(crate) aliases: Vec<String>,
    /// A CNAME was seen beside data of the type asked for, at the name asked for.
    pub(crate) alias_beside_data: bool,
    /// The smallest TTL of the records used, in seconds.
    pub(crate) ttl: Option<u32>,
    /// Records of the type that could not be read.
    pub(crate) unreadable: u32,
}

impl<T> Reading<T> {
    pub(crate) fn failed(failure: DnsFailure) -> Self {
        Self {
            outcome: Outcome::Failed(failure),
            aliases: Vec::new(),
            alias_beside_data: false,
            ttl: None,
            unreadable: 0,
        }
    }
}

/// Reads the answer to the question for `T` at `asked`, keeping at most `keep` records, those that matter first.
pub(crate) fn read<T: FromRecord>(message: &Message<Bytes>, asked: &Name<Bytes>, keep: usize) -> Reading<T> {
    match message.opt_rcode() {
        OptRcode::NOERROR => read_answer(message, asked, keep, Outcome::NoData),
        OptRcode::NXDOMAIN => read_answer(message, asked, keep, Outcome::NxDomain),
        OptRcode::SERVFAIL => Reading::failed(DnsFailure::ServFail),
        OptRcode::REFUSED => Reading::failed(DnsFailure::Refused),
        other => Reading::failed(DnsFailure::Rcode(other.to_string())),
    }
}

fn read_answer<T: FromRecord>(
    message: &Message<Bytes>,
    asked: &Name<Bytes>,
    keep: usize,
    nothing: Outcome<T>,
) -> Reading<T> {
    let Ok(section) = message.answer() else {
        return Reading::failed(DnsFailure::Malformed("the answer section cannot be read".to_owned()));
    };
    let mut aliases_seen: Vec<(Name<Bytes>, Name<Bytes>, u32)> = Vec::new();
    let mut found: Vec<(Name<Bytes>, u32, Option<T>)> = Vec::new();
    for record in section {
        let Ok(record) = record else {
            return Reading::failed(DnsFailure::Malformed(
                "a record of the answer cannot be read".to_owned(),
            ));
        };
        if aliases_seen.len() + found.len() > MAX_RECORDS {
            return Reading::failed(DnsFailure::TooLarge);
        }
        let ttl = record.ttl().as_secs();
        if record.rtype() == T::RTYPE {
            found.push((record.owner().to_name(), ttl, T::read(&record)));
        } else if record.rtype() == Rtype::CNAME
            && let Ok(Some(alias)) = record.to_record::<rdata::Cname<_>>()
        {
            aliases_seen.push((record.owner().to_name(), alias.data().cname().to_name(), ttl));
        }
    }

    let mut owner = asked.clone();
    let mut aliases = Vec::new();
    let mut visited = vec![owner.clone()];
    let mut ttl: Option<u32> = None;
    let alias_beside_data = T::RTYPE != Rtype::CNAME
        && aliases_seen.iter().any(|(from, ..)| from == asked)
        && found.iter().any(|(at, ..)| at == asked);
    // RFC 1034 §3.6.2: data at the name itself ends the chain, though no CNAME should stand beside it.
    while !found.iter().any(|(at, ..)| *at == owner) {
        let Some((_, target, alias_ttl)) = aliases_seen.iter().find(|(from, ..)| *from == owner) else {
            break;
        };
        aliases.push(presentation(target));
        if visited.contains(target) || aliases.len() > MAX_ALIASES {
            return Reading { aliases, ..Reading::failed(DnsFailure::CnameLoop) };
        }
        ttl = Some(ttl.map_or(*alias_ttl, |t| t.min(*alias_ttl)));
        owner = target.clone();
        visited.push(owner.clone());
    }

    let mut records = Vec::new();
    let mut unreadable = 0;
    for (at, record_ttl, record) in found {
        if at != owner {
            continue;
        }
        ttl = Some(ttl.map_or(record_ttl, |t| t.min(record_ttl)));
        match record {
            Some(record) => records.push(record),
            None => unreadable += 1,
        }
    }
    if records.len() > keep {
        records.sort_by_key(|r| !r.matters());
        records.truncate(keep);
    }
    let outcome = if records.is_empty() && unreadable == 0 { nothing } else { Outcome::Records(records) };
    Reading { outcome, aliases, alias_beside_data, ttl, unreadable }
}

/// The apex of the zone that a negative answer comes from: the owner of its SOA record (RFC 2308 §2).
pub(crate) fn zone_of_negative(message: &Message<Bytes>) -> Option<String> {
    message
        .authority()
        .ok()?
        .filter_map(Result::ok)
        .find(|record| record.rtype() == Rtype::SOA)
        .map(|record| presentation(&record.owner()))
}

/// The resolver's own words for a failure (RFC 8914), where it gives any.
pub(crate) fn resolver_words(message: &Message<Bytes>) -> Option<String> {
    let opt = message.opt()?;
    let error = opt.opt().iter::<ExtendedError<_>>().find_map(Result::ok)?;
    let code = error.code().to_string();
    Some(match error.text_slice() {
        Some(text) if !text.is_empty() => {
            format!("the resolver says: {code}: {}", String::from_utf8_lossy(text))
        }
        _ => format!("the resolver says: {code}"),
    })
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use domain::base::iana::{Class, Rcode};
    use domain::base::{MessageBuilder, Ttl};
    use protocol::observed::Txt;

    use super::*;

    fn name(text: &str) -> Name<Bytes> {
        Name::from_str(text).unwrap()
    }

    /// A message with CNAME and TXT records: owner, target or text, TTL.
    fn message(rcode: Rcode, aliases: &[(&str, &str, u32)], texts: &[(&str, &str, u32)]) -> Message<Bytes> {
        let mut message = MessageBuilder::new_vec();
        message.header_mut().set_rcode(rcode);
        let mut message = message.question();
        message.push((name("a.test"), Rtype::TXT)).unwrap();
        let mut message = message.answer();
        for (owner, target, ttl) in aliases {
            let data = rdata::Cname::new(name(target));
            message.push((name(owner), Class::IN, Ttl::from_secs(*ttl), data)).unwrap();
        }
        for (owner, text, ttl) in texts {
            let data = rdata::Txt::<Vec<u8>>::build_from_slice(text.as_bytes()).unwrap();
            message.push((name(owner), Class::IN, Ttl::from_secs(*ttl), data)).unwrap();
        }
        Message::from_octets(Bytes::from(message.finish())).unwrap()
    }

    fn reading(message: &Message<Bytes>) -> Reading<Txt> {
        read(message, &name("a.test"), 2)
    }

    fn texts(reading: &Reading<Txt>) -> Vec<String> {
        match &reading.outcome {
            Outcome::Records(all) => all.iter().map(|t| String::from_utf8(t.joined()).unwrap()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn follows_aliases_to_the_data() {
        let chain = [("A.test", "B.test", 50), ("b.test", "c.test", 20)];
        let read = reading(&message(Rcode::NOERROR, &chain, &[("c.test", "x", 90), ("other.test", "y", 1)]));
        assert_eq!(texts(&read), ["x"]);
        assert_eq!((read.aliases, read.ttl), (vec!["b.test".to_owned(), "c.test".to_owned()], Some(20)));
    }

    #[test]
    fn tells_the_ways_of_having_nothing_apart() {
        let alias = [("a.test", "gone.test", 50)];
        assert_eq!(reading(&message(Rcode::NOERROR, &[], &[])).outcome, Outcome::NoData);
        assert_eq!(reading(&message(Rcode::NXDOMAIN, &alias, &[])).outcome, Outcome::NxDomain);
        assert_eq!(reading(&message(Rcode::NXDOMAIN, &alias, &[])).aliases, ["gone.test"]);
        for (rcode, failure) in [
            (Rcode::SERVFAIL, DnsFailure::ServFail),
            (Rcode::REFUSED, DnsFailure::Refused),
            (Rcode::NOTIMP, DnsFailure::Rcode("NOTIMP".to_owned())),
        ] {
            assert_eq!(reading(&message(rcode, &[], &[])).outcome, Outcome::Failed(failure));
        }
    }

    #[test]
    fn stops_in_circles() {
        let circle = [("a.test", "b.test", 5), ("b.test", "a.test", 5)];
        let read = reading(&message(Rcode::NOERROR, &circle, &[]));
        assert_eq!(read.outcome, Outcome::Failed(DnsFailure::CnameLoop));
        assert_eq!(read.aliases, ["b.test", "a.test"]);
    }

    #[test]
    fn sees_an_alias_beside_data() {
        let read = reading(&message(Rcode::NOERROR, &[("a.test", "b.test", 5)], &[("a.test", "x", 5)]));
        assert!(read.alias_beside_data && read.aliases.is_empty());
        assert_eq!(texts(&read), ["x"]);
    }

    #[test]
    fn keeps_what_matters_when_there_is_too_much() {
        let many =
            [("a.test", "p", 5), ("a.test", "q", 5), ("a.test", "v=STSv1; id=1", 5), ("a.test", "r", 5)];
        assert_eq!(texts(&reading(&message(Rcode::NOERROR, &[], &many))), ["v=STSv1; id=1", "p"]);
    }
}
