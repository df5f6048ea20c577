//! One order, from whatever step it is at to its end.

use std::time::Duration;

use database::Lease;
use instant_acme::{
    AuthorizationStatus, CertificateIdentifier, ChallengeStatus, ChallengeType, Identifier, NewOrder, Order,
    OrderStatus,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::pki_types::PrivatePkcs8KeyDer;
use zeroize::Zeroizing;

use super::proofs::{Answering, Stop};
use super::trouble::{Kind, Trouble};
use super::{Authority, Moment, Proofs, again};
use crate::certificates::queue::{renew_at, urgent_at};
use crate::certificates::store::Next;
use crate::certificates::{Certificates, Issued, Method, Store, StoreError, Wanted};

/// How long an authority is asked again and again in one go. One that takes longer is asked again later, about the same
/// order.
const PATIENCE: Duration = Duration::from_secs(120);
/// The pause after the first question, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// Everything that an order needs.
pub(crate) struct Course<'a> {
    pub(crate) authority: &'a Authority,
    pub(crate) proofs: &'a Proofs,
    pub(crate) store: &'a Store,
    pub(crate) certificates: &'a Certificates,
    pub(crate) lease: Option<&'a Lease>,
    pub(crate) moment: Moment,
}

/// How it ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// With a certificate, which is kept and shown.
    Issued,
    /// With a certificate that nobody wanted any more.
    Unwanted,
    /// With trouble.
    Trouble(Trouble),
}

/// What was answered, so that it can be taken back.
struct Answered {
    method: Method,
    dns_value: String,
}

/// Carries an order out: the one that was made, or a new one.
pub(crate) async fn carry_out(course: &Course<'_>, wanted: &Wanted) -> Result<Ended, StoreError> {
    match course.run(wanted).await {
        Ok(true) => Ok(Ended::Issued),
        Ok(false) => Ok(Ended::Unwanted),
        Err(Stop::Trouble(trouble)) => Ok(Ended::Trouble(trouble)),
        Err(Stop::Store(error)) => Err(error),
    }
}

impl Course<'_> {
    async fn run(&self, wanted: &Wanted) -> Result<bool, Stop> {
        let name = wanted.name.as_str();
        let (mut order, mut key) = match &wanted.order_url {
            Some(url) => {
                let order = again!(self.authority.account.order(url.clone()))?;
                (order, self.store.key_of(wanted)?)
            }
            None => (self.order(wanted).await?, None),
        };
        if order.state().status == OrderStatus::Pending {
            self.prove(name, &mut order).await?;
        }
        if order.state().status == OrderStatus::Invalid {
            return Err(reason(&mut order).await.into());
        }
        if order.state().status == OrderStatus::Ready {
            let key = match &key {
                Some(key) => key,
                None => key.insert(self.new_key(name).await?),
            };
            let csr = request(name, key)?;
            again!(order.finalize_csr(&csr))?;
        }
        let chain = poll(&mut order, OrderStatus::Processing).await;
        if order.state().status == OrderStatus::Invalid {
            return Err(reason(&mut order).await.into());
        }
        chain?;
        // An order that was finished with a key that we do not have is of no use.
        let key =
            key.ok_or_else(|| Trouble::new(Kind::OrderLost, "the key of a finished order is not here"))?;
        let chain = again!(order.certificate())?;
        let chain =
            chain.ok_or_else(|| Trouble::new(Kind::AuthorityDown, "the certificate is not there yet"))?;
        self.finish(name, &chain, key).await
    }

    /// A new order, for this name alone: what is wrong with one name must not stop another.
    async fn order(&self, wanted: &Wanted) -> Result<Order, Stop> {
        let names = [Identifier::Dns(wanted.name.clone())];
        let mut new = NewOrder::new(&names);
        // RFC 9773 §5.
        if let Some(replaces) = wanted.replaces.as_deref().and_then(identifier) {
            new = new.replaces(replaces);
        }
        if let Some(profile) = self.authority.profile() {
            new = new.profile(profile);
        }
        let order = match again!(self.authority.account.new_order(&new)) {
            Err(error) if wanted.replaces.is_some() && is_about_replacing(&error) => {
                return Err(Trouble::new(Kind::AlreadyReplaced, error.to_string()).into());
            }
            other => other?,
        };
        self.store.note_order(&wanted.name, order.url(), self.lease).await?;
        Ok(order)
    }

    /// Shows that the name is ours, and waits until the authority has seen it.
    async fn prove(&self, name: &str, order: &mut Order) -> Result<(), Stop> {
        let answering = Answering {
            proofs: self.proofs,
            store: self.store,
            certificates: self.certificates,
            lease: self.lease,
            moment: self.moment,
        };
        let answered = self.answer(name, order, &answering).await?;
        let polled = poll(order, OrderStatus::Pending).await;
        if let Some(Answered { method, dns_value }) = answered
            && let Err(Stop::Store(error)) = answering.end(name, method, &dns_value).await
        {
            return Err(error.into());
        }
        polled
    }

    async fn answer(
        &self,
        name: &str,
        order: &mut Order,
        answering: &Answering<'_>,
    ) -> Result<Option<Answered>, Stop> {
        // One that could not be fetched stays in the order, and is fetched when it is asked for again.
        again!(async {
            order.authorizations().next().await.map(|authorization| authorization.map(drop)).transpose()
        })?;
        let mut authorizations = order.authorizations();
        let Some(authorization) = authorizations.next().await else {
            return Err(Trouble::new(Kind::Nonsense, "the order asks for no proof and is not ready").into());
        };
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Pending => {}
            // What was shown to this authority lately it may believe without looking again.
            AuthorizationStatus::Valid => return Ok(None),
            _ => {
                let text = "the authority has given up this order: a new one is made";
                return Err(Trouble::new(Kind::OrderLost, text).into());
            }
        }
        let offered: Vec<ChallengeType> =
            authorization.challenges.iter().map(|challenge| challenge.r#type.clone()).collect();
        let mut methods = self.proofs.methods.iter();
        let Some(method) = methods.find(|method| offered.contains(&kind_of(**method))).copied() else {
            let wanted: Vec<&str> = self.proofs.methods.iter().map(|method| method.as_str()).collect();
            let text = format!(
                "the authority offers none of the proofs that are set up here ({})",
                wanted.join(", ")
            );
            return Err(Trouble::new(Kind::NeverForThisName, text).into());
        };
        let Some(mut challenge) = authorization.challenge(kind_of(method)) else { return Ok(None) };
        let authorization = challenge.key_authorization();
        let dns_value = authorization.dns_value();
        answering.begin(name, method, &challenge.token, authorization.as_str(), &dns_value).await?;
        // After a crash it may be looking already.
        if challenge.status == ChallengeStatus::Pending {
            again!(challenge.set_ready())?;
        }
        Ok(Some(Answered { method, dns_value }))
    }

    /// A new key for each certificate; on disk before the authority hears of it.
    async fn new_key(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unmakeable)?;
        let key = Zeroizing::new(key.serialize_der());
        self.store.note_key(name, &key, self.lease).await?;
        Ok(key)
    }

    async fn finish(&self, name: &str, chain: &str, key: Zeroizing<Vec<u8>>) -> Result<bool, Stop> {
        let nonsense = |fault| {
            Trouble::new(
                Kind::Nonsense,
                format!("the certificate from the authority cannot be used: {fault}"),
            )
        };
        let issued = Issued::of_pem(chain, key, self.certificates.provider()).map_err(nonsense)?;
        let facts = issued.facts();
        facts.must_cover(name).map_err(nonsense)?;
        let now = self.moment.now();
        if facts.not_after <= now {
            let text =
                "the certificate from the authority has expired already: is the clock of this machine right?";
            return Err(Trouble::new(Kind::Nonsense, text).into());
        }
        let next = Next {
            renew_at: renew_at(name, &facts.serial, facts.not_before, facts.not_after, None),
            urgent_at: urgent_at(facts.not_before, facts.not_after),
            replaces: CertificateIdentifier::try_from(issued.leaf()).ok().map(|id| id.to_string()),
            ask_at: Some(now),
        };
        let kept = self.store.issued(name, &issued, &next, self.lease).await?;
        if kept {
            self.certificates.follow(self.store).await?;
        }
        Ok(kept)
    }
}

/// Asks until the order is no longer in `state`.
async fn poll(order: &mut Order, state: OrderStatus) -> Result<(), Stop> {
    let asking = async {
        let mut pause = PAUSES.0;
        while order.state().status == state {
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(PAUSES.1);
            again!(async { order.refresh().await.map(drop) })?;
        }
        Ok::<_, Stop>(())
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(ended) => ended,
        Err(_) => {
            let text = format!(
                "the authority did not finish within {} s; the same order is looked at later",
                PATIENCE.as_secs()
            );
            Err(Trouble::new(Kind::AuthorityDown, text).into())
        }
    }
}

/// Why an order became invalid: its own error, or that of a challenge.
async fn reason(order: &mut Order) -> Trouble {
    let own = order.state().error.as_ref().map(Trouble::of_problem);
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if again!(async { authorization.refresh().await.map(drop) }).is_err() {
            break;
        }
        let said = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = said {
            return Trouble::of_problem(problem);
        }
    }
    own.unwrap_or_else(|| {
        Trouble::new(Kind::OrderLost, "the authority has given up this order and does not say why")
    })
}

fn request(name: &str, key: &[u8]) -> Result<Vec<u8>, Stop> {
    let key = PrivatePkcs8KeyDer::from(key);
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256).map_err(unmakeable)?;
    let mut params = CertificateParams::new(vec![name.to_owned()]).map_err(unmakeable)?;
    params.distinguished_name = DistinguishedName::new();
    Ok(params.serialize_request(&key).map_err(unmakeable)?.der().to_vec())
}

fn unmakeable(error: rcgen::Error) -> Trouble {
    Trouble::new(Kind::NeverForThisName, format!("no request can be made for this name: {error}"))
}

fn is_about_replacing(error: &instant_acme::Error) -> bool {
    match error {
        instant_acme::Error::Api(_) => {
            matches!(Trouble::of(error).kind, Kind::AlreadyReplaced | Kind::Nonsense | Kind::OrderLost)
        }
        instant_acme::Error::Unsupported(_) => true,
        // The order was made, but not as a replacement: the library says so in words only.
        other => other.to_string().starts_with("replaces field"),
    }
}

/// RFC 9773 §4.1, as it was kept.
pub(super) fn identifier(text: &str) -> Option<CertificateIdentifier<'_>> {
    let (authority, serial) = text.split_once('.')?;
    Some(CertificateIdentifier { authority_key_identifier: authority.into(), serial: serial.into() })
}

fn kind_of(method: Method) -> ChallengeType {
    match method {
        Method::TlsAlpn01 => ChallengeType::TlsAlpn01,
        Method::Http01 => ChallengeType::Http01,
        Method::Dns01 => ChallengeType::Dns01,
    }
}
