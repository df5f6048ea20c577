//! What this node serves, kept in step with the database.

use std::collections::HashMap;
use std::sync::Arc;

use host::Zone;
use host::certificates::{Certificates, LocalAuthority};
use host::domains::{Domains, DomainsError, Label, Posting};
use host::door::{Policies, Posted};
use host::zone::Hosted;
use jiff::{SignedDuration, Timestamp};

use super::naming;

/// Changes read at once.
const PAGE: u32 = 10_000;
/// How long a certificate made here is shown: a small part of its life.
const REMAKE: SignedDuration = SignedDuration::from_hours(24 * 10);

/// What this node serves.
pub(super) struct Snapshot {
    policies: Arc<Policies>,
    certificates: Arc<Certificates>,
    /// The names that our DNS answers, if it does.
    zone: Option<Arc<Zone>>,
    /// Makes certificates here, when there is no other source.
    local: Option<LocalAuthority>,
    /// When the certificates that are shown were made.
    made: Timestamp,
    /// Up to which change.
    revision: i64,
    /// Policy hosts of retired domains, their labels, and until when they are served.
    ends: HashMap<String, (Label, Timestamp)>,
}

impl Snapshot {
    /// Nothing yet.
    pub(super) fn new(
        policies: Arc<Policies>,
        certificates: Arc<Certificates>,
        zone: Option<Arc<Zone>>,
        local: Option<LocalAuthority>,
    ) -> Self {
        Self { policies, certificates, zone, local, made: Timestamp::MIN, revision: 0, ends: HashMap::new() }
    }

    /// Up to which change it goes.
    pub(super) const fn revision(&self) -> i64 {
        self.revision
    }

    /// Takes over what changed since the last time; up to which change that was.
    pub(super) async fn follow(&mut self, domains: &Domains, now: Timestamp) -> Result<i64, DomainsError> {
        let first = self.revision == 0;
        let (mut all, mut named) = (Vec::new(), Vec::new());
        loop {
            let page = domains.postings(self.revision, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            for posting in page {
                // What a domain was called before is answered no more.
                if let (Some(zone), false) = (&self.zone, first) {
                    for former in domains.former_labels(&posting.domain).await? {
                        zone.remove(former.as_str());
                    }
                }
                let revision = posting.revision;
                let host = format!("mta-sts.{}", posting.domain.as_str());
                let over = posting.until.is_some_and(|until| until <= now);
                // The policy first, and then its id: nobody sees an id whose policy is not served here.
                let label = posting.label.clone();
                let answered = (!over).then(|| naming::hosted(&posting));
                match self.posted(&host, posting, now) {
                    Some(posted) if first => all.push((host, posted)),
                    Some(posted) => {
                        self.show_certificate(&host, now);
                        self.policies.put(&host, posted);
                    }
                    None => {
                        self.policies.remove(&host);
                    }
                }
                match answered {
                    Some(answered) if first => named.push((label.as_str().into(), answered)),
                    Some(answered) => self.answer(&label, answered),
                    None => self.forget(&label),
                }
                self.revision = revision;
            }
            if is_last {
                break;
            }
        }
        if first {
            self.policies.fill(all);
            if let Some(zone) = &self.zone
                && let Err(fault) = zone.fill(named)
            {
                tracing::error!(%fault, "no names are answered");
            }
        }
        self.end(now);
        if self.local.is_some() && REMAKE < now.duration_since(self.made) {
            let mut hosts = Vec::new();
            self.policies.each(|host, _| hosts.push(host.to_owned()));
            hosts.iter().for_each(|host| self.show_certificate(host, now));
            self.made = now;
        }
        Ok(self.revision)
    }

    /// What is to be posted; `None`: nothing any more.
    fn posted(&mut self, host: &str, posting: Posting, now: Timestamp) -> Option<Posted> {
        self.ends.remove(host);
        let (id, body) = posting.policy?;
        if let Some(until) = posting.until {
            if until <= now {
                return None;
            }
            self.ends.insert(host.to_owned(), (posting.label, until));
        }
        Some(Posted::new(&id, &body))
    }

    /// Ends what nobody can hold a policy of any more.
    fn end(&mut self, now: Timestamp) {
        let over = |(_, (_, until)): &(&String, &(Label, Timestamp))| *until <= now;
        let ended: Vec<String> = self.ends.iter().filter(over).map(|(host, _)| host.clone()).collect();
        for host in ended {
            if let Some((label, _)) = self.ends.remove(&host) {
                // Its id first: nobody is told of a policy that is no longer served.
                self.forget(&label);
                self.policies.remove(&host);
            }
        }
    }

    fn answer(&self, label: &Label, answered: Hosted) {
        if let Some(zone) = &self.zone
            && let Err(fault) = zone.put(label.as_str(), answered)
        {
            tracing::error!(%fault, "a name is not answered");
        }
    }

    fn forget(&self, label: &Label) {
        if let Some(zone) = &self.zone {
            zone.remove(label.as_str());
        }
    }

    fn show_certificate(&self, host: &str, now: Timestamp) {
        let Some(local) = &self.local else { return };
        let made = local.issue(host, now, self.certificates.provider());
        let shown = made
            .map_err(|fault| fault.to_string())
            .and_then(|issued| self.certificates.put(host, &issued).map_err(|fault| fault.to_string()));
        if let Err(error) = shown {
            tracing::warn!(host, error, "no certificate can be made");
        }
    }
}
