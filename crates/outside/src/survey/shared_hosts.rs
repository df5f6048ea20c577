//! MX hosts that looks at other domains lead to as well.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use protocol::observed::{MxHost, SmtpSession};

use super::Survey;
use super::mail_hosts::{Candidate, other_base};
use crate::deadline::Deadline;
use crate::smtp::{SMTP, not_visited};
use crate::visits::{HostNames, Visits};

impl Survey {
    pub(super) async fn shared_host(&self, candidate: Candidate, visits: &Visits) -> MxHost {
        let Candidate { name, preference, implicit } = candidate;
        let (HostNames { a, aaaa, tlsa }, visited_at) = visits.names(&name, self.host_names(&name)).await;
        let v4: Vec<IpAddr> = a.records().iter().copied().map(IpAddr::V4).collect();
        let v6: Vec<IpAddr> = aaaa.records().iter().copied().map(IpAddr::V6).collect();
        let base = other_base(&name, &tlsa).filter(|_| self.probes());
        let (mut sessions, v6_sessions) =
            tokio::join!(self.sessions(&name, &v4, base), self.sessions(&name, &v6, base));
        sessions.extend(v6_sessions);
        MxHost { name, preference, implicit, a, aaaa, tlsa, sessions, visited_at }
    }

    /// What DNS says of a host, asked on behalf of all who wait for it: in its own time.
    async fn host_names(&self, name: &str) -> HostNames {
        let deadline = self.fresh_deadline();
        let asker = self.asker.until(&deadline);
        let (a, aaaa, tlsa) = tokio::join!(
            asker.ask_settled::<Ipv4Addr>(name),
            asker.ask_settled::<Ipv6Addr>(name),
            self.tlsa(&asker, &deadline, name),
        );
        let tlsa = self.expanded_tlsa(&asker, &deadline, tlsa, &a, &aaaa).await;
        HostNames { a, aaaa, tlsa }
    }

    pub(super) async fn shared_session(
        &self,
        name: &str,
        address: IpAddr,
        base: Option<&str>,
        visits: &Visits,
    ) -> SmtpSession {
        // Whether we may and can go there is asked for each host: rules may lead each elsewhere.
        let target = match self.dialer.place(name, address, SMTP) {
            Ok(target) => target,
            Err(why) => return not_visited(address, why),
        };
        let look = async {
            let prober = self.prober(&self.fresh_deadline());
            let mut session = prober.look(name, address).await;
            if let Some(base) = base {
                prober.ask_at_base(&mut session, name, base).await;
            }
            session
        };
        let session = visits.session(name, address, target, look).await;
        if let Some(facts) = &session.tls {
            self.pool.remember(facts);
        }
        session
    }

    fn fresh_deadline(&self) -> Deadline {
        Deadline::new(&self.clock, self.settings.limits.total)
    }
}
