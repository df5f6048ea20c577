//! DNSSEC validation of one answer. The only place that knows the library's validator, whose interface is marked
//! unstable.

use bytes::Bytes;
use domain::base::iana::Class;
use domain::base::opt::ExtendedError;
use domain::base::{Message, MessageBuilder, Name, Rtype, ToName, Ttl};
use domain::dnssec::validator::context::{Config, ValidationContext, ValidationState};
use domain::rdata;
use protocol::observed::{Security, SecurityStatus};
use std::sync::Arc;
use std::time::Duration;

use super::anchors::Anchors;
use super::flights::Flights;

/// How long the validator keeps what it found out about a zone: its shortest setting.
const ZONES_KEPT: Duration = Duration::from_secs(60);
/// How long it keeps a broken zone: its shortest setting, so that a repair is seen at once.
const BROKEN_ZONES_KEPT: Duration = Duration::from_secs(1);
/// Zones kept.
const MAX_ZONES: u64 = 2_000;

/// The library's words for keys that it could not fetch.
const NOT_FETCHED: &str = "request for DS or DNSKEY failed";

/// Validates answers from the trust anchors down.
#[derive(Clone)]
pub(super) struct Validator(Arc<Inner>);

struct Inner {
    context: ValidationContext<Flights>,
    owners: Vec<Name<Bytes>>,
    flights: Flights,
}

impl Validator {
    pub(super) fn new(anchors: Anchors, flights: Flights) -> Self {
        let mut config = Config::new();
        config.set_max_validity(ZONES_KEPT);
        config.set_max_bogus_validity(BROKEN_ZONES_KEPT);
        config.set_max_node_cache(MAX_ZONES);
        let context = ValidationContext::with_config(anchors.records, flights.clone(), config);
        Self(Arc::new(Inner { context, owners: anchors.owners, flights }))
    }

    /// Starts fetching what the validation of `message` will need: the keys of every zone that signed a part of it,
    /// or above a part that nobody signed.
    pub(super) fn prefetch(&self, message: &Message<Bytes>) {
        let (Ok(answer), Ok(authority)) = (message.answer(), message.authority()) else { return };
        let mut signed: Vec<Name<Bytes>> = Vec::new();
        let mut owners: Vec<Name<Bytes>> = Vec::new();
        for record in answer.chain(authority).filter_map(Result::ok).take(MAX_LOOKED_AT) {
            if let Ok(Some(signature)) = record.to_record::<rdata::Rrsig<_, _>>() {
                push_new(&mut signed, signature.data().signer_name().to_name());
            } else {
                push_new(&mut owners, record.owner().to_name());
            }
        }
        if signed.is_empty() {
            signed = owners;
        }
        for name in signed.iter().take(MAX_PREFETCHED) {
            self.0.flights.prefetch_keys(name);
        }
    }

    /// The DNSSEC state of an answer. `alias_beside_data` says that a CNAME stands beside the data asked for, which
    /// the library would follow instead of looking at the data.
    pub(super) async fn validate(&self, message: Message<Bytes>, alias_beside_data: bool) -> Security {
        let message = match alias_beside_data {
            true => without_aliases(&message).unwrap_or(message),
            false => message,
        };
        let this = self.clone();
        // On a task of its own: the library asserts in places what it believes about hostile messages.
        let verdict = tokio::spawn(async move { this.decide(message).await }).await;
        verdict.unwrap_or_else(|_| {
            state(SecurityStatus::Indeterminate, Some("the validation gave up".to_owned()))
        })
    }

    async fn decide(&self, message: Message<Bytes>) -> Security {
        let asked: Option<Name<Bytes>> = message.sole_question().ok().map(|q| q.qname().to_name());
        let Some(asked) = asked else {
            return state(SecurityStatus::Indeterminate, Some("the answer repeats no question".to_owned()));
        };
        let security = self.run(message).await;
        if security.status != SecurityStatus::Bogus {
            return security;
        }
        // Not bogus but unknown, when the keys at the anchor itself do not fit: our setting, our resolver, or
        // somebody between us and it, but nothing that the domain's owner did.
        if let Some(trouble) = self.anchor_trouble(&asked).await {
            return state(SecurityStatus::Indeterminate, Some(trouble));
        }
        // RFC 7672 §2.1.1, §2.1.2: whether a denial is proven decides between "no TLSA records" and "do not use this
        // host" (rule 101). The library calls a negative answer without SOA record bogus even where nothing is signed, which many
        // servers give. What an unsigned record at that name would be worth tells the two apart.
        if let Some(unsigned) = unsigned_answer(&asked)
            && self.run(unsigned).await.status == SecurityStatus::Insecure
        {
            return state(SecurityStatus::Insecure, None);
        }
        security
    }

    async fn run(&self, mut message: Message<Bytes>) -> Security {
        match self.0.context.validate_msg::<_, Vec<u8>>(&mut message).await {
            Ok((ValidationState::Secure, _)) => state(SecurityStatus::Secure, None),
            Ok((ValidationState::Insecure, why)) => state(SecurityStatus::Insecure, words(why)),
            Ok((ValidationState::Indeterminate, why)) => state(SecurityStatus::Indeterminate, words(why)),
            Ok((ValidationState::Bogus, why)) => {
                let why = words(why);
                let fetched = !why.as_deref().is_some_and(|why| why.contains(NOT_FETCHED));
                let status = if fetched { SecurityStatus::Bogus } else { SecurityStatus::Indeterminate };
                state(status, why)
            }
            Err(error) => {
                state(SecurityStatus::Indeterminate, Some(format!("the answer cannot be validated: {error}")))
            }
        }
    }

    /// What is wrong with the keys at the anchor above `name`, if anything.
    async fn anchor_trouble(&self, name: &Name<Bytes>) -> Option<String> {
        let owner = self
            .0
            .owners
            .iter()
            .filter(|owner| name.ends_with(owner))
            .max_by_key(|owner| owner.label_count())?;
        let Ok(message) = self.0.flights.ask(owner, Rtype::DNSKEY).await else {
            return Some(format!("the resolver gives no DNSKEY records for the trust anchor at {owner}."));
        };
        let signed = message
            .answer()
            .is_ok_and(|section| section.filter_map(Result::ok).any(|record| record.rtype() == Rtype::RRSIG));
        if !signed {
            return Some("the resolver passes no DNSSEC signatures on".to_owned());
        }
        let security = self.run(message).await;
        (security.status != SecurityStatus::Secure)
            .then(|| format!("the keys at {owner}. do not fit the trust anchor that was given"))
    }
}

/// Records looked at for prefetching, and names prefetched: more only slows the answer down.
const MAX_LOOKED_AT: usize = 500;
const MAX_PREFETCHED: usize = 8;

fn push_new(names: &mut Vec<Name<Bytes>>, name: Name<Bytes>) {
    if !names.contains(&name) {
        names.push(name);
    }
}

fn state(status: SecurityStatus, reason: Option<String>) -> Security {
    Security { status, reason }
}

fn words(error: Option<ExtendedError<Vec<u8>>>) -> Option<String> {
    let error = error?;
    let text = error.text_slice().map(|text| String::from_utf8_lossy(text).into_owned());
    Some(text.unwrap_or_else(|| error.code().to_string()))
}

/// The same message without CNAME records and their signatures in the answer.
fn without_aliases(message: &Message<Bytes>) -> Option<Message<Bytes>> {
    let mut target = MessageBuilder::new_vec();
    *target.header_mut() = message.header();
    let mut target = target.question();
    for question in message.question() {
        target.push(question.ok()?).ok()?;
    }
    let mut target = target.answer();
    for record in message.answer().ok()? {
        let record = record.ok()?;
        let signature = record.to_record::<rdata::Rrsig<_, _>>().ok().flatten();
        let of_alias = signature.is_some_and(|signature| signature.data().type_covered() == Rtype::CNAME);
        if record.rtype() != Rtype::CNAME && !of_alias {
            target.push(record.to_any_record::<rdata::AllRecordData<_, _>>().ok()?).ok()?;
        }
    }
    let mut target = target.authority();
    for record in message.authority().ok()? {
        target.push(record.ok()?.to_any_record::<rdata::AllRecordData<_, _>>().ok()?).ok()?;
    }
    Message::from_octets(Bytes::from(target.finish())).ok()
}

/// An answer such as a server of an unsigned zone would give for any record at `name`.
fn unsigned_answer(name: &Name<Bytes>) -> Option<Message<Bytes>> {
    let mut message = MessageBuilder::new_vec();
    message.header_mut().set_qr(true);
    let mut message = message.question();
    message.push((name, Rtype::TXT)).ok()?;
    let mut message = message.answer();
    let text = rdata::Txt::<Vec<u8>>::build_from_slice(b"unsigned").ok()?;
    message.push((name, Class::IN, Ttl::from_secs(0), text)).ok()?;
    Message::from_octets(Bytes::from(message.finish())).ok()
}
