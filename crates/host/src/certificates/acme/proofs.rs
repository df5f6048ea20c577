//! How an authority is shown that a name is ours.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use protocol::observed::Txt;

use super::Moment;
use super::trouble::{Kind, Trouble};
use crate::announcer::{Change, Rfc2136};
use crate::certificates::{Certificates, Method, Store, StoreError};
use database::Lease;

/// How long a node that was told of a challenge may take to know of it, when there are several: they follow the database
/// every second.
const OTHER_NODES: Duration = Duration::from_millis(2_500);
/// How long an answer stands at most. An authority that looks does so within minutes.
const ANSWER_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// TTL of the TXT record, in seconds: nobody needs it for longer than a minute.
const TTL: u32 = 60;

/// The ways to show that a name is ours, the preferred one first.
#[derive(Debug, Default)]
pub struct Proofs {
    /// In order of preference.
    pub methods: Vec<Method>,
    /// For [`Method::Dns01`]: the name server that takes the record, and how long its secondaries need to have it.
    pub dns: Option<(Rfc2136, Duration)>,
}

/// Where challenges are answered.
pub(super) struct Answering<'a> {
    pub(super) proofs: &'a Proofs,
    pub(super) store: &'a Store,
    pub(super) certificates: &'a Certificates,
    pub(super) lease: Option<&'a Lease>,
    pub(super) moment: Moment,
}

/// What stops an order.
#[derive(Debug)]
pub(super) enum Stop {
    Trouble(Trouble),
    Store(StoreError),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<instant_acme::Error> for Stop {
    fn from(error: instant_acme::Error) -> Self {
        Self::Trouble(Trouble::of(&error))
    }
}

impl Answering<'_> {
    /// Answers from now on, on every node.
    pub(super) async fn begin(
        &self,
        name: &str,
        method: Method,
        token: &str,
        key_authorization: &str,
        dns_value: &str,
    ) -> Result<(), Stop> {
        if method == Method::Dns01 {
            return self.place(name, dns_value).await;
        }
        let until = self.moment.now().saturating_add(ANSWER_LIFE).unwrap_or(Timestamp::MAX);
        self.store.ask(name, (method, token, key_authorization), until, self.lease).await?;
        self.certificates.follow(self.store).await?;
        if self.store.database().is_shared() {
            tokio::time::sleep(OTHER_NODES).await;
        }
        Ok(())
    }

    /// Answers no longer. What is left behind does no harm: it answers a question that nobody asks any more.
    pub(super) async fn end(&self, name: &str, method: Method, dns_value: &str) -> Result<(), Stop> {
        if method == Method::Dns01 {
            return self.take_away(name, dns_value).await;
        }
        self.store.stop_asking(name, self.lease).await?;
        self.certificates.follow(self.store).await?;
        Ok(())
    }

    /// RFC 8555 §8.4: the TXT record beside whatever else is at the name.
    async fn place(&self, name: &str, value: &str) -> Result<(), Stop> {
        let Some((server, settle)) = &self.proofs.dns else { return Ok(()) };
        let (owner, text) = (owner(name), text(value));
        let present = server.present(&owner).await.map_err(own_dns)?;
        if !present.texts.contains(&text) {
            let wanted: Vec<Txt> = present.texts.iter().cloned().chain([text]).collect();
            let change = Change { name: &owner, seen: &present.texts, wanted: &wanted, ttl: TTL };
            server.replace(change, self.moment.now()).await.map_err(own_dns)?;
        }
        tokio::time::sleep(*settle).await;
        Ok(())
    }

    async fn take_away(&self, name: &str, value: &str) -> Result<(), Stop> {
        let Some((server, _)) = &self.proofs.dns else { return Ok(()) };
        let (owner, text) = (owner(name), text(value));
        let present = server.present(&owner).await.map_err(own_dns)?;
        if present.texts.contains(&text) {
            let wanted: Vec<Txt> = present.texts.iter().filter(|other| **other != text).cloned().collect();
            let change = Change { name: &owner, seen: &present.texts, wanted: &wanted, ttl: TTL };
            server.replace(change, self.moment.now()).await.map_err(own_dns)?;
        }
        Ok(())
    }
}

fn owner(name: &str) -> String {
    format!("_acme-challenge.{name}")
}

fn text(value: &str) -> Txt {
    Txt { strings: vec![value.into()] }
}

fn own_dns(error: crate::AnnounceError) -> Trouble {
    Trouble::new(Kind::OwnDns, format!("the record that the authority looks for cannot be placed: {error}"))
}
