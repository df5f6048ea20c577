//! The domain's authoritative servers, each asked directly, since a change may have reached only some (rule 20).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use futures_util::future::join_all;
use protocol::observed::{DnsFailure, NotTestedReason, Outcome, ServerAnswer, Tested, Txt};

use super::Survey;
use crate::deadline::Late;
use crate::dns::{ServerName, ask_server};
use crate::watcher::Step;

/// Server addresses asked. Large operators have up to 13 names with one address of each family; eight show a
/// half-propagated change well enough.
const MAX_SERVERS: usize = 8;
/// Zone cuts climbed in search of the zone that holds the name.
const MAX_CLIMBS: usize = 4;
/// RFC 1035 §4.2.
const DNS: u16 = 53;

impl Survey {
    pub(super) async fn servers(&self) -> Tested<Vec<ServerAnswer>> {
        let Some(names) = self.server_names().await else {
            return Tested::not(NotTestedReason::Dependency, "the names of its servers were not found");
        };
        let addresses = join_all(names.iter().map(async |name| {
            let (v4, v6) = tokio::join!(self.asker.ask::<Ipv4Addr>(name), self.asker.ask::<Ipv6Addr>(name));
            let v4 = v4.records().first().copied().map(IpAddr::V4);
            let v6 = v6.records().first().copied().map(IpAddr::V6);
            (name.clone(), v4, v6)
        }))
        .await;
        let first = addresses.iter().filter_map(|(name, v4, v6)| Some((name.clone(), (*v4).or(*v6)?)));
        let second = addresses
            .iter()
            .filter_map(|(name, v4, v6)| Some((name.clone(), (*v6).filter(|_| v4.is_some())?)));
        let asked: Vec<(String, IpAddr)> = first.chain(second).take(MAX_SERVERS).collect();
        let answers =
            join_all(asked.into_iter().map(async |(name, address)| self.ask_directly(name, address).await))
                .await;
        let silent = |answer: &ServerAnswer| {
            matches!(
                &answer.answer,
                Tested::Seen(Outcome::Failed(DnsFailure::Timeout)) | Tested::NotTested(_)
            )
        };
        if !answers.is_empty() && answers.iter().all(silent) {
            // The resolver reaches them; that none answers us is most likely our own network's doing.
            return Tested::not(
                NotTestedReason::PortBlocked,
                "no authoritative server answered us directly; this network may let no questions to port 53 out",
            );
        }
        Tested::Seen(answers)
    }

    /// The NS records of the zone that the domain is in.
    async fn server_names(&self) -> Option<Vec<String>> {
        let mut zone = self.domain.as_str().to_owned();
        for _ in 0..MAX_CLIMBS {
            let heard = self.asker.ask::<ServerName>(&zone).await;
            if !heard.records().is_empty() {
                let mut names: Vec<String> =
                    heard.records().iter().map(|ServerName(name)| name.clone()).collect();
                names.sort();
                names.dedup();
                names.truncate(MAX_SERVERS);
                return Some(names);
            }
            // RFC 2308 §2: a negative answer names the apex of its zone.
            let apex = heard.zone.filter(|apex| *apex != zone && !apex.is_empty())?;
            zone = apex;
        }
        None
    }

    async fn ask_directly(&self, server: String, address: IpAddr) -> ServerAnswer {
        let place = match self.dialer.place(&server, address, DNS) {
            Ok(place) => place,
            Err(why) => return ServerAnswer { server, address, answer: Tested::NotTested(why) },
        };
        self.watcher
            .tell(|| Step::DirectQuestion { server: server.clone(), address: SocketAddr::new(address, DNS) });
        let name = format!("_mta-sts.{}", self.domain.as_str());
        let limits = &self.settings.limits;
        let question = ask_server::<Txt>(place, &name, limits.dns, limits.txt_records);
        let answer = match self.deadline.within(limits.dns, question).await {
            Ok(outcome) => Tested::Seen(outcome),
            Err(Late::Limit) => Tested::Seen(Outcome::Failed(DnsFailure::Timeout)),
            Err(Late::Deadline) => Tested::NotTested(self.deadline.not_tested()),
        };
        ServerAnswer { server, address, answer }
    }
}
