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
