//! One look at one domain: what depends on what, and everything else side by side.

mod confirmation;
mod elsewhere;
mod mail_hosts;
mod network;
mod policy_host;
mod report_targets;
mod servers;
mod shared_hosts;
mod silent_family;
mod subdomains;
mod surroundings;
mod texts;

use std::sync::Arc;

use jiff::Timestamp;
use protocol::Domain;
use protocol::observed::{
    Answer, EVIDENCE_VERSION, Evidence, MxHost, MxRecord, NotTested, NotTestedReason, Profile, ReportTarget,
    Route, SubdomainLook, Txt, Vantage,
};

use crate::certificate::{Pool, RootSet};
use crate::deadline::Deadline;
use crate::dns::{Asker, Resolver, anchor_name};
use crate::net::Dialer;
use crate::tls::Handshake;
use crate::visits::Visits;
use crate::watcher::{Step, Watcher};
use crate::{Clock, Settings};

/// A look that is going on.
pub(crate) struct Survey {
    settings: Arc<Settings>,
    roots: RootSet,
    pool: Pool,
    domain: Domain,
    taken_at: Timestamp,
    deadline: Deadline,
    watcher: Watcher,
    asker: Asker,
    dialer: Dialer,
    handshake: Handshake,
    resolver: String,
    clock: Clock,
    visits: Option<Visits>,
}

impl Survey {
    pub(crate) fn begin(
        settings: &Arc<Settings>,
        clock: &Clock,
        roots: &RootSet,
        resolver: &Resolver,
        handshake: &Handshake,
        domain: &Domain,
        watcher: &Watcher,
    ) -> Self {
        let deadline = Deadline::new(clock, settings.limits.total);
        Self {
            settings: Arc::clone(settings),
            roots: roots.clone(),
            pool: Pool::default(),
            domain: domain.clone(),
            taken_at: clock.now(),
            asker: Asker::begin(
                resolver.clone(),
                domain.as_str(),
                &settings.limits,
                &deadline,
                watcher,
                clock,
            ),
            dialer: Dialer::new(settings, &deadline, watcher, clock),
            handshake: handshake.clone(),
            deadline,
            watcher: watcher.clone(),
            resolver: resolver.shown.clone(),
            clock: clock.clone(),
            visits: None,
        }
    }

    /// The same look, sharing its visits with others.
    pub(crate) fn sharing(self, visits: &Visits) -> Self {
        Self { dialer: self.dialer.taking(visits.turns()), visits: Some(visits.clone()), ..self }
    }

    pub(crate) async fn run(self) -> Evidence {
        let (
            record,
            surroundings,
            mut policy_host,
            (mx, (mut hosts, mx_hosts_left_out), of_hosts),
            (tlsrpt, mut targets, of_targets),
            mut subdomains,
        ) = tokio::join!(
            self.record(),
            self.surroundings(),
            self.policy_host(),
            self.mail(),
            self.reporting(),
            self.subdomains(),
        );
        for look in of_hosts.into_iter().chain(of_targets) {
            if !subdomains.iter().any(|known| known.name == look.name) {
                subdomains.push(look);
            }
        }
        let mut network = self.network(&hosts).await;
        silent_family::excuse_silent_families(&mut network, &mut policy_host, &mut hosts, &mut targets);
        let mut evidence = Evidence {
            evidence_version: EVIDENCE_VERSION,
            tool: self.settings.tool.clone(),
            domain: self.domain.clone(),
            taken_at: self.taken_at,
            millis: self.deadline.millis(),
            vantage: Vantage {
                name: self.settings.vantage.clone(),
                profile: self.settings.profile,
                resolver: self.resolver.clone(),
                trust_anchor: anchor_name(&self.settings.trust_anchor),
                roots: self.roots.name.clone(),
                helo: self.settings.helo.clone(),
                route: Route { source: self.settings.source_ip, detours: self.dialer.detours() },
                network,
            },
            record,
            surroundings,
            policy_host,
            mx,
            hosts,
            mx_hosts_left_out,
            tlsrpt,
            targets,
            subdomains,
        };
        self.reconsider_paths(&mut evidence);
        self.watcher.tell(|| Step::Done);
        evidence
    }

    /// TXT at `_mta-sts.` (RFC 8461 §3.1; rule 1).
    async fn record(&self) -> Answer<Txt> {
        let name = format!("_mta-sts.{}", self.domain.as_str());
        self.asker.ask_with_alias(&name).await.settle(&self.deadline).await
    }

    /// The MX records, and each host as soon as its name is known; also as a subdomain that may take mail itself.
    async fn mail(&self) -> (Answer<MxRecord>, (Vec<MxHost>, u32), Vec<SubdomainLook>) {
        let name = self.domain.as_str();
        if self.settings.profile == Profile::Basic {
            let answer = Answer::not_tested(name, "MX", self.not_asked("MX records"));
            return (answer, (Vec::new(), 0), Vec::new());
        }
        let heard = self.asker.ask::<MxRecord>(name).await;
        let early = heard.unsettled().clone();
        let names = early.records().iter().map(|mx| mx.host.clone());
        tokio::join!(heard.settle(&self.deadline), self.mail_hosts(&early), self.subdomains_among(names))
    }

    /// TXT at `_smtp._tls.` (RFC 8460 §3), and its targets. The policy domain's own name alone counts, no name above
    /// it (rule 112); CNAMEs are followed and failures told from absence as for any record (rule 113).
    async fn reporting(&self) -> (Answer<Txt>, Vec<ReportTarget>, Vec<SubdomainLook>) {
        let name = format!("_smtp._tls.{}", self.domain.as_str());
        if self.settings.profile == Profile::Basic {
            let answer = Answer::not_tested(name, "TXT", self.not_asked("the TLSRPT record"));
            return (answer, Vec::new(), Vec::new());
        }
        let heard = self.asker.ask_with_alias::<Txt>(&name).await;
        let targets = report_targets::distinct(heard.unsettled());
        let names = report_targets::mail_domains(&targets);
        tokio::join!(
            heard.settle(&self.deadline),
            self.report_targets(&targets),
            self.subdomains_among(names)
        )
    }

    /// The certificates of one server may show that another forgot to send one.
    fn reconsider_paths(&self, evidence: &mut Evidence) {
        let sessions = evidence
            .hosts
            .iter_mut()
            .flat_map(|host| host.sessions.iter_mut())
            .filter_map(|s| s.tls.as_mut());
        let fetches = evidence.policy_host.fetches.iter_mut().filter_map(|fetch| fetch.tls.as_mut());
        for facts in sessions.chain(fetches) {
            self.pool.reconsider(facts, &self.roots);
        }
    }

    /// Stands in the place of the first address beyond the bound, for it and all that follow.
    fn left_out(&self, count: usize) -> NotTested {
        NotTested::new(
            NotTestedReason::Limit,
            format!(
                "only the first {} addresses of each family are visited; {count} more were left out",
                self.settings.limits.addresses
            ),
        )
    }

    fn not_asked(&self, what: &str) -> NotTested {
        let profile = match self.settings.profile {
            Profile::Basic => "basic",
            Profile::Extended => "extended",
            Profile::Full => "full",
        };
        NotTested::new(NotTestedReason::NotAsked, format!("the profile {profile} leaves out {what}"))
    }
}
