//! All that is asked of one address of an MX host.
//!
//! A look opens at most three connections to one address at the same time: the session itself, one without a server
//! name, one that offers outdated TLS. Rule 150 asks for politeness, and senders open more. They run side by side, since
//! one after the other each probe would add five round trips to a look whose longest chain has eight, and a greeting may
//! take its time besides. All end with QUIT or, where the handshake makes that impossible, with the connection. Where
//! the TLSA base domain is another name than the host's, one more follows when these are done.

use std::net::IpAddr;
use std::sync::Arc;

use protocol::observed::{
    LegacyOffer, NotTested, NotTestedReason, SessionOutcome, SmtpSession, Stage, Tested, TlsFacts, TlsFailure,
};
use tokio::net::TcpStream;

use super::dialogue::Dialogue;
use super::opening::{Opening, open};
use super::overheard::Overheard;
use crate::Settings;
use crate::certificate::{Pool, RootSet, judge};
use crate::deadline::{Deadline, Late};
use crate::net::{Connected, Dialer, NoConnection, Slot};
use crate::tls::{Handshake, Offer, offers_old};
use crate::watcher::Purpose;

/// RFC 5321 §4.5.4.2.
pub(crate) const SMTP: u16 = 25;

/// Looks at MX hosts.
#[derive(Clone)]
pub(crate) struct Prober {
    pub(crate) settings: Arc<Settings>,
    pub(crate) dialer: Dialer,
    pub(crate) handshake: Handshake,
    pub(crate) roots: RootSet,
    pub(crate) pool: Pool,
    pub(crate) deadline: Deadline,
    /// Whether there are connections beside the session itself.
    pub(crate) probes: bool,
}

impl Prober {
    /// One session with `address` of `host`, and the two probes beside it.
    #[tracing::instrument(name = "mx_session", skip_all, fields(mx = host, %address))]
    pub(crate) async fn look(&self, host: &str, address: IpAddr) -> SmtpSession {
        let mut session =
            not_visited(address, NotTested::new(NotTestedReason::Dependency, "there was no connection"));
        session.outcome = SessionOutcome::Tls;
        let connected = match self.dialer.dial(Purpose::Session, host, address, SMTP).await {
            Ok(connected) => connected,
            Err(NoConnection::NotTested(why)) => {
                session.outcome = SessionOutcome::NotTested(why);
                return session;
            }
            Err(NoConnection::Failed(failure, millis)) => {
                session.outcome = SessionOutcome::Connect(failure);
                session.connect_millis = millis;
                return session;
            }
        };
        session.connect_millis = connected.connect_millis;
        let Connected { stream, since, slot, .. } = connected;
        let conversation = async {
            self.converse(&mut session, host, stream, slot).await;
            since.millis()
        };
        // The probes open their connections once one connection has come about, so that nobody knocks three times
        // at a dead address; they end with the conversation, which has one round trip more.
        let (rest_millis, (without_sni, legacy)) = tokio::join!(conversation, self.probe(host, address));
        session.rest_millis = rest_millis;
        session.without_sni = without_sni;
        session.legacy = legacy;
        session
    }

    /// The connections beside the session.
    async fn probe(
        &self,
        host: &str,
        address: IpAddr,
    ) -> (Tested<Result<TlsFacts, TlsFailure>>, Tested<LegacyOffer>) {
        if !self.probes {
            return (Tested::NotTested(one_connection()), Tested::NotTested(one_connection()));
        }
        tokio::join!(self.without_sni(host, address), self.legacy(host, address))
    }

    async fn converse(&self, session: &mut SmtpSession, host: &str, stream: TcpStream, slot: Slot) {
        let (opening, ready) = self.open(stream, slot).await;
        let Opening { banner, ehlo, starttls, injected } = opening;
        (session.banner, session.ehlo, session.starttls, session.injected) =
            (banner, ehlo, starttls, injected);
        let (stream, slot) = match ready {
            Ok(ready) => ready,
            Err(outcome) => {
                session.outcome = outcome;
                return;
            }
        };
        // RFC 8461 §7.1: the server name sent is the MX host's (rule 68).
        let offer = Offer { sni: Some(host), alpn: None };
        let limit = self.settings.limits.handshake;
        let (stream, first) = Overheard::new(stream);
        match self.handshake.run(stream, offer, &self.deadline, limit).await {
            Ok(Ok((stream, shown))) => {
                session.tls = Some(judge(shown, host, &self.roots, &self.pool));
                let mut dialogue = Dialogue::new(stream, &self.deadline, self.settings.limits.smtp_reply);
                // What comes of this EHLO does not change that TLS works; its absence is in the evidence.
                session.ehlo_in_tls = dialogue.command(&format!("EHLO {}", self.settings.helo)).await.ok();
                dialogue.quit(slot).await;
            }
            Ok(Err(failure)) => {
                session.injected = session.injected.take().or_else(|| first.clear_text());
                session.outcome = SessionOutcome::TlsFailed(failure);
            }
            Err(_) => session.outcome = SessionOutcome::NotTested(self.deadline.not_tested()),
        }
    }

    /// The handshake without a server name, which RFC 8461 §7.1 forbids servers to insist on (rule 70).
    async fn without_sni(&self, host: &str, address: IpAddr) -> Tested<Result<TlsFacts, TlsFailure>> {
        self.shake_hands(Purpose::WithoutServerName, host, address, None).await
    }

    /// What an address that speaks TLS shows at the TLSA base domain.
    // RFC 7672 §8.1: the server name that senders send who use DANE is the TLSA base domain (rule 99).
    pub(crate) async fn ask_at_base(&self, session: &mut SmtpSession, host: &str, base: &str) {
        if matches!(session.outcome, SessionOutcome::Tls | SessionOutcome::TlsFailed(_)) {
            let shown = self.shake_hands(Purpose::TlsaBase, host, session.address, Some(base)).await;
            session.at_tlsa_base = Some(shown);
        }
    }

    /// One more session, as far as the handshake, with this server name.
    async fn shake_hands(
        &self,
        purpose: Purpose,
        host: &str,
        address: IpAddr,
        sni: Option<&str>,
    ) -> Tested<Result<TlsFacts, TlsFailure>> {
        let (stream, slot) = match self.ready(purpose, host, address).await {
            Ok(ready) => ready,
            Err(why) => return Tested::NotTested(why),
        };
        let offer = Offer { sni, alpn: None };
        let limit = self.settings.limits.handshake;
        match self.handshake.run(stream, offer, &self.deadline, limit).await {
            Ok(Ok((stream, shown))) => {
                Dialogue::new(stream, &self.deadline, self.settings.limits.smtp_reply).quit(slot).await;
                Tested::Seen(Ok(judge(shown, sni.unwrap_or(host), &self.roots, &self.pool)))
            }
            Ok(Err(failure)) => Tested::Seen(Err(failure)),
            Err(_) => Tested::NotTested(self.deadline.not_tested()),
        }
    }

    async fn legacy(&self, host: &str, address: IpAddr) -> Tested<LegacyOffer> {
        let limit = self.settings.limits.handshake;
        let connect = async || self.ready(Purpose::OldVersions, host, address).await;
        match offers_old(host, &self.deadline, limit, connect).await {
            Ok(Ok(offer)) => Tested::Seen(offer),
            Ok(Err(Late::Limit)) => {
                Tested::not(NotTestedReason::Dependency, "the server gave no answer to the handshake in time")
            }
            Ok(Err(Late::Deadline)) => Tested::NotTested(self.deadline.not_tested()),
            Err(why) => Tested::NotTested(why),
        }
    }

    async fn open(
        &self,
        stream: TcpStream,
        slot: Slot,
    ) -> (Opening, Result<(TcpStream, Slot), SessionOutcome>) {
        let dialogue = Dialogue::new(stream, &self.deadline, self.settings.limits.smtp_reply);
        open(dialogue, slot, &self.settings.helo, &self.deadline).await
    }

    /// A fresh stream, ready for the handshake.
    async fn ready(
        &self,
        purpose: Purpose,
        host: &str,
        address: IpAddr,
    ) -> Result<(TcpStream, Slot), NotTested> {
        match self.dialer.dial(purpose, host, address, SMTP).await {
            Ok(Connected { stream, slot, .. }) => match self.open(stream, slot).await {
                (_, Ok(ready)) => Ok(ready),
                (_, Err(SessionOutcome::NotTested(why))) => Err(why),
                (_, Err(outcome)) => Err(no_tls(&outcome)),
            },
            Err(NoConnection::NotTested(why)) => Err(why),
            Err(NoConnection::Failed(..)) => {
                Err(NotTested::new(NotTestedReason::Dependency, "there was no connection"))
            }
        }
    }
}

/// Why there was nothing beside the one connection that a look at many domains makes.
pub(crate) fn one_connection() -> NotTested {
    NotTested::new(NotTestedReason::NotAsked, "a look at many domains makes one connection to each address")
}

/// A session that did not take place.
pub(crate) fn not_visited(address: IpAddr, why: NotTested) -> SmtpSession {
    SmtpSession {
        address,
        outcome: SessionOutcome::NotTested(why.clone()),
        banner: None,
        ehlo: None,
        starttls: None,
        ehlo_in_tls: None,
        injected: None,
        tls: None,
        without_sni: Tested::NotTested(why.clone()),
        at_tlsa_base: None,
        legacy: Tested::NotTested(why),
        connect_millis: 0,
        rest_millis: 0,
        visited_at: None,
    }
}

fn no_tls(outcome: &SessionOutcome) -> NotTested {
    let at = |stage: &Stage| match stage {
        Stage::Banner => "the greeting",
        Stage::Ehlo => "EHLO",
        Stage::Starttls | Stage::Handshake | Stage::EhloInTls => "STARTTLS",
    };
    let text = match outcome {
        SessionOutcome::NoStarttls => "the server offers no STARTTLS".to_owned(),
        SessionOutcome::StarttlsRefused => "the server refused STARTTLS".to_owned(),
        SessionOutcome::Refused(stage) => format!("the server refused us at {}", at(stage)),
        SessionOutcome::Timeout(stage) => format!("the server fell silent at {}", at(stage)),
        SessionOutcome::Closed(stage) => format!("the connection ended at {}", at(stage)),
        _ => "the session did not come as far as TLS".to_owned(),
    };
    NotTested::new(NotTestedReason::Dependency, text)
}
