//! What our own network can do, as far as the look shows.

use std::net::{Ipv4Addr, Ipv6Addr};

use protocol::observed::{
    ConnectFailure, MxHost, NotTested, NotTestedReason, OwnNetwork, Profile, SessionOutcome, Tested,
};

use super::Survey;
use crate::Families;
use crate::net::has_route;

/// Any public address of the family; nothing is ever sent to it. These are root server addresses.
const SOME_V4: Ipv4Addr = Ipv4Addr::new(198, 41, 0, 4);
const SOME_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0x503, 0xba3e, 0, 0, 0, 2, 0x30);

impl Survey {
    pub(super) async fn network(&self, hosts: &[MxHost]) -> OwnNetwork {
        let chosen_out =
            |family: &str| Tested::not(NotTestedReason::NotAsked, format!("only {family} was asked for"));
        OwnNetwork {
            resolver: match self.asker.resolver_works().await {
                Ok(()) => Tested::Seen(()),
                Err(why) => Tested::NotTested(why),
            },
            ipv4: match self.settings.families {
                Families::V6 => chosen_out("IPv6"),
                _ => has_route(SOME_V4.into()),
            },
            ipv6: match self.settings.families {
                Families::V4 => chosen_out("IPv4"),
                _ => has_route(SOME_V6.into()),
            },
            port25: if self.settings.profile == Profile::Full {
                port25(hosts)
            } else {
                Tested::NotTested(self.not_asked("SMTP"))
            },
        }
    }
}

/// Whether connections to port 25 get out. When nothing at all answered, not even with a refusal, it is more likely
/// that our own network holds them back than that every host of the domain is down (rule 73).
fn port25(hosts: &[MxHost]) -> Tested<()> {
    let mut tried = false;
    for session in hosts.iter().flat_map(|host| &host.sessions) {
        match &session.outcome {
            SessionOutcome::NotTested(NotTested { reason: NotTestedReason::PutOff, .. }) => {
                return Tested::Seen(());
            }
            SessionOutcome::NotTested(_) => {}
            SessionOutcome::Connect(ConnectFailure::Timeout | ConnectFailure::Unreachable) => tried = true,
            _ => return Tested::Seen(()),
        }
    }
    if tried {
        Tested::not(
            NotTestedReason::PortBlocked,
            "no connection to port 25 of any MX host got an answer, so this network probably lets none out",
        )
    } else {
        Tested::not(NotTestedReason::Dependency, "there was no address to try")
    }
}
