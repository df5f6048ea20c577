//! Asking on behalf of one look.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use domain::base::name::ToLabelIter;
use domain::base::{Message, Name, Rtype};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use protocol::observed::{Answer, DnsFailure, NotTested, NotTestedReason, Outcome, Security, SecurityStatus};

use super::heard::Heard;
use super::reading;
use super::record::{AliasTarget, FromRecord};
use super::resolver::Resolver;
use super::transport::ExchangeFailure;
use crate::deadline::{Deadline, Late};
use crate::watcher::{Step, Watcher};
use crate::{Clock, Limits};

/// CNAMEs followed by ourselves when the resolver gives up on a chain.
const MAX_STEPS: usize = 12;
/// Beyond the time that a question may take, so that the transport's own timeout speaks first.
const GRACE: Duration = Duration::from_millis(250);

/// Asks the resolver for one look, and knows whether the resolver works at all.
#[derive(Clone)]
pub(crate) struct Asker {
    resolver: Resolver,
    deadline: Deadline,
    watcher: Watcher,
    clock: Clock,
    limit: Duration,
    txt_records: usize,
    control: Shared<BoxFuture<'static, Result<(), NotTested>>>,
    /// Whether any question of this look was answered.
    answered: Arc<AtomicBool>,
}

impl Asker {
    /// Begins a look: asks the control question and for the keys of `domain` and all zones above it, and does not
    /// wait for either.
    pub(crate) fn begin(
        resolver: Resolver,
        domain: &str,
        limits: &Limits,
        deadline: &Deadline,
        watcher: &Watcher,
        clock: &Clock,
    ) -> Self {
        if resolver.validator.is_some()
            && let Ok(name) = Name::<Bytes>::from_str(domain)
        {
            resolver.flights.prefetch_keys(&name);
        }
        let control = control(resolver.clone()).boxed().shared();
        tokio::spawn(control.clone());
        Self {
            resolver,
            deadline: deadline.clone(),
            watcher: watcher.clone(),
            clock: clock.clone(),
            limit: limits.dns,
            txt_records: limits.txt_records,
            control,
            answered: Arc::default(),
        }
    }

    /// The same, with another end.
    pub(crate) fn until(&self, deadline: &Deadline) -> Self {
        Self { deadline: deadline.clone(), ..self.clone() }
    }

    /// Whether our resolver answers at all.
    pub(crate) async fn resolver_works(&self) -> Result<(), NotTested> {
        match self.deadline.within(self.limit + GRACE, self.control.clone()).await {
            // A resolver of a closed network may know nothing of the root and yet answer.
            Ok(Err(_)) if self.answered.load(Ordering::Relaxed) => Ok(()),
            Ok(result) => result,
            Err(Late::Limit) => {
                Err(NotTested::new(NotTestedReason::ResolverDown, "the resolver does not answer"))
            }
            Err(Late::Deadline) => Err(self.deadline.not_tested()),
        }
    }

    /// Asks one question. Returns as soon as there is an answer; its validation goes on behind.
    pub(crate) async fn ask<T: FromRecord>(&self, name: &str) -> Heard<T> {
        let watch = self.clock.stopwatch();
        let mut heard = self.ask_unmeasured(name).await;
        heard.answer.millis = watch.millis();
        heard
    }

    /// Asks one question and waits for its validation too.
    pub(crate) async fn ask_settled<T: FromRecord>(&self, name: &str) -> Answer<T> {
        self.ask(name).await.settle(&self.deadline).await
    }

    /// Asks for `T` and beside it for the CNAME record, which tells a CNAME beside other data (RFC 1034 §3.6.2), and
    /// loops that the resolver only calls SERVFAIL.
    pub(crate) async fn ask_with_alias<T: FromRecord>(&self, name: &str) -> Heard<T> {
        let (mut heard, alias) = tokio::join!(self.ask::<T>(name), self.ask::<AliasTarget>(name));
        let Some(AliasTarget(target)) = alias.records().first().cloned() else { return heard };
        if !heard.records().is_empty() && heard.answer.aliases.is_empty() {
            heard.answer.alias_beside_data = true;
        }
        if matches!(heard.answer.outcome, Outcome::Failed(DnsFailure::ServFail | DnsFailure::Timeout)) {
            self.follow(&mut heard.answer, target).await;
        }
        heard
    }

    async fn follow<T>(&self, answer: &mut Answer<T>, first: String) {
        let mut chain = vec![answer.name.clone(), first];
        while chain.len() <= MAX_STEPS {
            let Some(last) = chain.last().cloned() else { break };
            let next = self.ask_unmeasured::<AliasTarget>(&last).await;
            let Some(AliasTarget(target)) = next.records().first().cloned() else { break };
            let seen = chain.contains(&target);
            chain.push(target);
            if seen {
                answer.outcome = Outcome::Failed(DnsFailure::CnameLoop);
                break;
            }
        }
        if chain.len() > MAX_STEPS {
            answer.outcome = Outcome::Failed(DnsFailure::CnameLoop);
        }
        answer.aliases = chain.split_off(1);
    }

    async fn ask_unmeasured<T: FromRecord>(&self, name: &str) -> Heard<T> {
        let mut answer = Answer {
            name: name.to_ascii_lowercase(),
            rtype: T::RTYPE.to_string(),
            outcome: Outcome::NoData,
            security: Security { status: self.unsettled(), reason: None },
            aliases: Vec::new(),
            alias_beside_data: false,
            ttl: None,
            millis: 0,
        };
        let Ok(wire) = Name::<Bytes>::from_str(name) else {
            answer.outcome =
                Outcome::Failed(DnsFailure::Malformed("no question can be made of this name".to_owned()));
            return Heard::certain(answer);
        };
        self.watcher.tell(|| Step::Question { name: answer.name.clone(), rtype: answer.rtype.clone() });
        // TLSA records lie in the zone of their host, whose addresses are asked for at the same time.
        if self.resolver.validator.is_some()
            && T::RTYPE != Rtype::TLSA
            && let Some(zone) = likely_zone(&wire)
        {
            self.resolver.flights.prefetch_keys(&zone);
        }
        let exchange = self.resolver.flights.ask(&wire, T::RTYPE);
        let message = match self.deadline.within(self.limit + GRACE, exchange).await {
            Ok(Ok(message)) => message,
            Ok(Err(failure)) => {
                let failure = match failure {
                    ExchangeFailure::Other(text) => DnsFailure::Malformed(text),
                    ExchangeFailure::Refused | ExchangeFailure::Timeout => DnsFailure::Timeout,
                };
                answer.outcome = self.excuse(Outcome::Failed(failure)).await;
                return Heard::certain(answer);
            }
            Err(Late::Limit) => {
                answer.outcome = self.excuse(Outcome::Failed(DnsFailure::Timeout)).await;
                return Heard::certain(answer);
            }
            Err(Late::Deadline) => {
                answer.outcome = Outcome::NotTested(self.deadline.not_tested());
                return Heard::certain(answer);
            }
        };
        self.heard(answer, message, &wire).await
    }

    async fn heard<T: FromRecord>(
        &self,
        mut answer: Answer<T>,
        message: Message<Bytes>,
        wire: &Name<Bytes>,
    ) -> Heard<T> {
        let keep = if T::RTYPE == Rtype::TXT { self.txt_records } else { usize::MAX };
        let read = reading::read::<T>(&message, wire, keep);
        answer.outcome = read.outcome;
        answer.aliases = read.aliases;
        answer.alias_beside_data = read.alias_beside_data;
        answer.ttl = read.ttl;
        let zone = reading::zone_of_negative(&message);
        if matches!(answer.outcome, Outcome::Failed(_)) {
            answer.security.reason = reading::resolver_words(&message);
            answer.outcome = self.excuse(answer.outcome).await;
            return Heard::certain(answer);
        }
        self.answered.store(true, Ordering::Relaxed);
        let beside = answer.alias_beside_data;
        let validation = self.resolver.validator.clone().map(|validator| {
            validator.prefetch(&message);
            tokio::spawn(async move { validator.validate(message, beside).await })
        });
        Heard { answer, validation, unreadable: read.unreadable, zone }
    }

    /// The state of an answer as long as, or for ever when, nothing is known of it.
    fn unsettled(&self) -> SecurityStatus {
        match self.resolver.validator {
            Some(_) => SecurityStatus::Indeterminate,
            None => SecurityStatus::Unchecked,
        }
    }

    /// A failure counts against the domain only when our resolver answers other questions.
    async fn excuse<T>(&self, outcome: Outcome<T>) -> Outcome<T> {
        let ours = matches!(
            outcome,
            Outcome::Failed(
                DnsFailure::Timeout | DnsFailure::ServFail | DnsFailure::Refused | DnsFailure::Malformed(_)
            )
        );
        if !ours {
            return outcome;
        }
        match self.resolver_works().await {
            Ok(()) => outcome,
            Err(why) => Outcome::NotTested(why),
        }
    }
}

/// Whether the resolver answers the simplest question there is: the SOA record of the trust anchor's zone.
async fn control(resolver: Resolver) -> Result<(), NotTested> {
    let down = |text: String| Err(NotTested::new(NotTestedReason::ResolverDown, text));
    match resolver.flights.ask(&resolver.control, Rtype::SOA).await {
        Ok(message) if message.no_error() => Ok(()),
        Ok(message) => down(format!(
            "the resolver {} answers {} even for the zone of the trust anchor",
            resolver.shown,
            message.opt_rcode()
        )),
        Err(ExchangeFailure::Refused) => down(format!("nothing listens at the resolver {}", resolver.shown)),
        Err(ExchangeFailure::Timeout) => down(format!("the resolver {} does not answer", resolver.shown)),
        Err(ExchangeFailure::Other(why)) => {
            down(format!("the resolver {} cannot be used: {why}", resolver.shown))
        }
    }
}

/// The name above, without labels that begin with an underscore: those are hardly ever zones of their own.
fn likely_zone(name: &Name<Bytes>) -> Option<Name<Bytes>> {
    let mut zone = name.parent()?;
    while zone.iter_labels().next().is_some_and(|label| label.as_slice().starts_with(b"_")) {
        zone = zone.parent()?;
    }
    Some(zone)
}
