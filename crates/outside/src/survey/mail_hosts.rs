//! The MX hosts: addresses, TLSA records, sessions.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures_util::future::join_all;
use protocol::dane::Tlsa;
use protocol::observed::{
    Answer, MxHost, MxRecord, NotTestedReason, Outcome, Profile, SmtpSession, TlsaLook,
};

use super::Survey;
use crate::deadline::Deadline;
use crate::dns::{Asker, Heard};
use crate::smtp::{Prober, not_visited};
use crate::visits::Visits;

/// A host to look at.
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) preference: u16,
    pub(super) implicit: bool,
}

impl Survey {
    /// Each distinct host once, best preference first, and how many beyond the bound were left out.
    pub(super) async fn mail_hosts(&self, mx: &Answer<MxRecord>) -> (Vec<MxHost>, u32) {
        let mut candidates = self.candidates(mx);
        let left_out = candidates.len().saturating_sub(self.settings.limits.mx_hosts);
        candidates.truncate(self.settings.limits.mx_hosts);
        let hosts = join_all(candidates.into_iter().map(|candidate| self.mail_host(candidate))).await;
        (hosts, u32::try_from(left_out).unwrap_or(u32::MAX))
    }

    fn candidates(&self, mx: &Answer<MxRecord>) -> Vec<Candidate> {
        // RFC 5321 §5.1: without MX records the domain itself is the host (rule 62).
        if mx.outcome == Outcome::NoData {
            return vec![Candidate { name: self.domain.as_str().to_owned(), preference: 0, implicit: true }];
        }
        let mut records = mx.records().to_vec();
        records.sort();
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for MxRecord { preference, host } in records {
            // RFC 7505 §3: the empty name says that there is no mail.
            if !host.is_empty() && seen.insert(host.clone()) {
                candidates.push(Candidate { name: host, preference, implicit: false });
            }
        }
        candidates
    }

    async fn mail_host(&self, candidate: Candidate) -> MxHost {
        match self.visits.clone() {
            Some(visits) => self.shared_host(candidate, &visits).await,
            None => self.own_host(candidate).await,
        }
    }

    async fn own_host(&self, candidate: Candidate) -> MxHost {
        let name = &candidate.name;
        let v4 = async {
            let heard = self.asker.ask::<Ipv4Addr>(name).await;
            let addresses: Vec<IpAddr> = heard.records().iter().copied().map(IpAddr::V4).collect();
            tokio::join!(heard.settle(&self.deadline), self.sessions(name, &addresses, None))
        };
        let v6 = async {
            let heard = self.asker.ask::<Ipv6Addr>(name).await;
            let addresses: Vec<IpAddr> = heard.records().iter().copied().map(IpAddr::V6).collect();
            tokio::join!(heard.settle(&self.deadline), self.sessions(name, &addresses, None))
        };
        let ((a, mut sessions), (aaaa, v6_sessions), tlsa) =
            tokio::join!(v4, v6, self.tlsa(&self.asker, &self.deadline, name));
        sessions.extend(v6_sessions);
        let tlsa = self.expanded_tlsa(&self.asker, &self.deadline, tlsa, &a, &aaaa).await;
        self.ask_at_base(name, &tlsa, &mut sessions).await;
        let Candidate { name, preference, implicit } = candidate;
        MxHost { name, preference, implicit, a, aaaa, tlsa, sessions, visited_at: None }
    }

    /// The sessions with the addresses of one family, up to the bound. Shared ones also ask at another TLSA base.
    pub(super) async fn sessions(
        &self,
        name: &str,
        addresses: &[IpAddr],
        base: Option<&str>,
    ) -> Vec<SmtpSession> {
        if self.settings.profile != Profile::Full {
            return Vec::new();
        }
        let bound = self.settings.limits.addresses;
        let mut sessions =
            join_all(addresses.iter().take(bound).map(|address| self.session(name, *address, base))).await;
        if let Some(address) = addresses.get(bound) {
            sessions.push(not_visited(*address, self.left_out(addresses.len() - bound)));
        }
        sessions
    }

    async fn session(&self, name: &str, address: IpAddr, base: Option<&str>) -> SmtpSession {
        match &self.visits {
            Some(visits) => self.shared_session(name, address, base, visits).await,
            None => self.prober(&self.deadline).look(name, address).await,
        }
    }

    /// Where the TLSA base domain is not the host's name, what each address shows to senders that ask for it.
    async fn ask_at_base(&self, name: &str, tlsa: &TlsaLook, sessions: &mut [SmtpSession]) {
        let Some(base) = other_base(name, tlsa) else { return };
        let prober = self.prober(&self.deadline);
        join_all(sessions.iter_mut().map(|session| prober.ask_at_base(session, name, base))).await;
    }

    /// Makes sessions that end at `deadline`.
    pub(super) fn prober(&self, deadline: &Deadline) -> Prober {
        Prober {
            settings: self.settings.clone(),
            dialer: self.dialer.until(deadline),
            handshake: self.handshake.clone(),
            roots: self.roots.clone(),
            pool: self.pool.clone(),
            deadline: deadline.clone(),
            probes: self.probes(),
        }
    }

    /// Whether there are connections beside those that a sender would make.
    pub(super) fn probes(&self) -> bool {
        self.visits.as_ref().is_none_or(Visits::probes)
    }

    /// TLSA records for port 25 (RFC 7672 §2.2.3).
    pub(super) async fn tlsa(&self, asker: &Asker, deadline: &Deadline, base: &str) -> TlsaLook {
        let name = format!("_25._tcp.{base}");
        if self.settings.profile != Profile::Full {
            let answer = Answer::not_tested(name, "TLSA", self.not_asked("DANE"));
            return TlsaLook { base: base.to_owned(), answer, unreadable: 0 };
        }
        let heard: Heard<Tlsa> = asker.ask(&name).await;
        let unreadable = heard.unreadable;
        TlsaLook { base: base.to_owned(), answer: heard.settle(deadline).await, unreadable }
    }

    /// RFC 7672 §2.2.2: when the name is a CNAME and the way to its end is secure, the records at the end count, if
    /// there are any; else those at the name itself (rule 93).
    pub(super) async fn expanded_tlsa(
        &self,
        asker: &Asker,
        deadline: &Deadline,
        at_name: TlsaLook,
        a: &Answer<Ipv4Addr>,
        aaaa: &Answer<Ipv6Addr>,
    ) -> TlsaLook {
        let end = |answer_secure: bool, aliases: &[String]| {
            answer_secure.then(|| aliases.last().cloned()).flatten()
        };
        let expanded = end(a.is_secure(), &a.aliases).or_else(|| end(aaaa.is_secure(), &aaaa.aliases));
        let Some(expanded) = expanded else { return at_name };
        let at_end = self.tlsa(asker, deadline, &expanded).await;
        let counts = match &at_end.answer.outcome {
            Outcome::Records(_) => at_end.answer.is_secure(),
            Outcome::Failed(_) => true,
            Outcome::NotTested(why) => why.reason != NotTestedReason::NotAsked,
            Outcome::NoData | Outcome::NxDomain => false,
        };
        if counts { at_end } else { at_name }
    }
}

/// The TLSA base domain where it is not the host's name and has records.
pub(super) fn other_base<'a>(name: &str, tlsa: &'a TlsaLook) -> Option<&'a str> {
    (tlsa.base != name && !tlsa.answer.records().is_empty()).then_some(tlsa.base.as_str())
}
