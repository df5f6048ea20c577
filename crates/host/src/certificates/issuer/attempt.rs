//! One name's turn: may it be ordered, the order, and what comes after it.

use std::sync::Arc;

use database::Lease;
use jiff::{SignedDuration, Timestamp};
use outside::Watcher;

use super::super::acme::{self, Authority, Course, Kind, Moment, Suggested, Trouble, carry_out};
use super::super::caa::{Issuance, Permission, judge};
use super::super::queue::{after_failure, renew_at};
use super::super::store::{Counted, Failed};
use super::super::{StoreError, Wanted};
use super::Shared;

/// When a limit of the authority is used up and it does not say for how long.
const RATE_LIMITED: SignedDuration = SignedDuration::from_hours(1);
/// An order that is not the name's fault is looked at again after this.
const SOON: SignedDuration = SignedDuration::from_mins(1);

pub(super) struct Attempt {
    pub(super) shared: Arc<Shared>,
    pub(super) authority: Authority,
    pub(super) lease: Option<Lease>,
    pub(super) moment: Moment,
}

/// How it ended, for all that comes after.
pub(super) enum Ended {
    /// Well.
    Done,
    /// With an account.
    Opened(Authority),
    /// With trouble of this name, which is noted.
    NameTrouble,
    /// Not begun: there are no new orders left until then.
    OrdersOut(Timestamp),
    /// With trouble that stops every name.
    AuthorityTrouble(Trouble),
    /// With nothing noted.
    Store(StoreError),
}

impl Attempt {
    pub(super) async fn make(&self, wanted: &Wanted) -> Ended {
        self.try_to(wanted).await.unwrap_or_else(Ended::Store)
    }

    async fn try_to(&self, wanted: &Wanted) -> Result<Ended, StoreError> {
        let Shared { store, certificates, settings, .. } = self.shared.as_ref();
        let lease = self.lease.as_ref();
        let now = self.moment.now();
        if wanted.order_url.is_none() {
            if let Some(trouble) = self.forbidden(wanted).await {
                return self.note(wanted, trouble).await;
            }
            let order = Counted {
                name: &wanted.name,
                registered: &wanted.registered,
                is_free: self.is_free(wanted, now),
                is_urgent: wanted.urgent_at.is_some_and(|at| at <= now),
            };
            if let Err(refused) = store.spend(&settings.limits, &order, now, lease).await? {
                if refused.for_all {
                    return Ok(Ended::OrdersOut(refused.until));
                }
                tracing::info!(name = wanted.name, limit = refused.limit, until = %refused.until, "waits");
                store.postpone(&wanted.name, refused.until, lease).await?;
                return Ok(Ended::NameTrouble);
            }
        }
        let course = Course {
            authority: &self.authority,
            proofs: &settings.proofs,
            store,
            certificates,
            lease,
            moment: self.moment,
        };
        match carry_out(&course, wanted).await? {
            acme::Ended::Issued => {
                tracing::info!(name = wanted.name, "a certificate was issued");
                Ok(Ended::Done)
            }
            acme::Ended::Unwanted => Ok(Ended::Done),
            acme::Ended::Trouble(trouble) => self.note(wanted, trouble).await,
        }
    }

    /// A certificate that is replaced at the time that its authority suggests, by name, counts for nothing there.
    fn is_free(&self, wanted: &Wanted, now: Timestamp) -> bool {
        self.shared.settings.limits.renewals_are_free
            && wanted.replaces.is_some()
            && wanted.window.is_some_and(|window| window.start <= now)
    }

    /// What the CAA records say against it: the authority would find the same.
    async fn forbidden(&self, wanted: &Wanted) -> Option<Trouble> {
        let outside = self.shared.outside.as_ref()?;
        let method = *self.shared.settings.proofs.methods.first()?;
        if self.authority.identities().is_empty() {
            return None;
        }
        let seen = outside.relevant_caa(&wanted.name, &Watcher::none()).await;
        let Some((at, records)) = seen.relevant() else {
            let asked = seen.asked.last().map_or(wanted.name.as_str(), |answer| answer.name.as_str());
            // RFC 8659 §3: without an answer nothing is issued.
            let text = format!(
                "the CAA records of {asked} cannot be looked up, and an authority must not issue without an answer: see \
                 that its name servers answer questions for CAA"
            );
            return Some(Trouble::new(Kind::Caa, text));
        };
        let issuance = Issuance {
            authorities: self.authority.identities().to_vec(),
            account: self.authority.account_url().to_owned(),
            method,
            wildcard: false,
        };
        match judge(at, records, &issuance) {
            Permission::Allowed => None,
            Permission::Refused(why) => Some(Trouble::new(Kind::Caa, why)),
        }
    }

    /// Keeps what went wrong, and when to try again.
    async fn note(&self, wanted: &Wanted, trouble: Trouble) -> Result<Ended, StoreError> {
        let store = &self.shared.store;
        let now = self.moment.now();
        let kind = trouble.kind;
        let counts = kind.is_of_the_name();
        let pause = |by: SignedDuration| now.saturating_add(by).unwrap_or(Timestamp::MAX);
        let next_at = match kind {
            // Without saying what it replaces, it is tried at once.
            Kind::AlreadyReplaced => now,
            Kind::RateLimited => {
                let said = self.authority.wait().and_then(|wait| SignedDuration::try_from(wait).ok());
                pause(said.unwrap_or(RATE_LIMITED))
            }
            _ if counts => after_failure(&wanted.name, wanted.failures.saturating_add(1), now),
            _ => pause(SOON),
        };
        let failed = Failed {
            text: trouble.text.clone(),
            at: now,
            next_at,
            counts,
            order_is_lost: kind.loses_the_order(),
            without_replacing: kind == Kind::AlreadyReplaced,
        };
        tracing::warn!(name = wanted.name, why = trouble.text, next = %next_at, "no certificate yet");
        store.failed(&wanted.name, &failed, self.lease.as_ref()).await?;
        Ok(if kind.is_of_the_authority() { Ended::AuthorityTrouble(trouble) } else { Ended::NameTrouble })
    }
}

/// Asks the authority when to replace a certificate, and keeps the answer.
pub(super) async fn asked_when(
    shared: &Shared,
    authority: &Authority,
    wanted: &Wanted,
    lease: Option<&Lease>,
    now: Timestamp,
) -> Ended {
    let Some(certificate) = &wanted.replaces else { return Ended::Done };
    let Suggested { window, ask_at, trouble } = acme::ask(authority, certificate, now).await;
    let noted = async {
        let facts = shared.store.certificate(&wanted.name).await?;
        let time = window.zip(facts).map(|(window, facts)| {
            let at = renew_at(&wanted.name, &facts.serial, facts.not_before, facts.not_after, Some(window));
            (window, at)
        });
        shared.store.note_window(&wanted.name, time, ask_at, lease).await
    };
    match (noted.await, trouble) {
        (Err(error), _) => Ended::Store(error),
        (Ok(()), Some(trouble)) if trouble.kind.is_of_the_authority() => Ended::AuthorityTrouble(trouble),
        (Ok(()), Some(_)) => Ended::NameTrouble,
        (Ok(()), None) => Ended::Done,
    }
}
