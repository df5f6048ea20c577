//! One address family over which nobody at all answered: more likely our own network than everybody else's.

use std::collections::BTreeSet;
use std::net::IpAddr;

use protocol::observed::{
    ConnectFailure, FetchOutcome, MxHost, NotTested, NotTestedReason, OwnNetwork, PolicyHost, Reach,
    ReportTarget, SessionOutcome, TargetLook, Tested,
};

/// Hosts that must have been silent before our own network is suspected: one may well be down.
const SUSPICIOUS: usize = 2;

/// What was tried over one family.
#[derive(Default)]
struct Tries<'a> {
    /// Hosts that were silent.
    silent: BTreeSet<&'a str>,
    /// Whether one of them was silent at another port than 25, which many networks hold back alone.
    beside_mail: bool,
    /// Whether anybody answered, be it with a refusal.
    answered: bool,
}

/// Takes the silence of a family for our own trouble when several hosts were tried over it, at other ports than 25
/// too, and not one gave any answer (rule 73). That port alone is told apart in `network.port25`.
pub(super) fn excuse_silent_families(
    network: &mut OwnNetwork,
    policy_host: &mut PolicyHost,
    hosts: &mut [MxHost],
    targets: &mut [ReportTarget],
) {
    for (family, ours, way) in [
        ("IPv4", IpAddr::is_ipv4 as fn(&IpAddr) -> bool, &mut network.ipv4),
        ("IPv6", IpAddr::is_ipv6, &mut network.ipv6),
    ] {
        let tries = tries(ours, policy_host, hosts, targets);
        if tries.answered || !tries.beside_mail || tries.silent.len() < SUSPICIOUS {
            continue;
        }
        let why = NotTested::new(
            NotTestedReason::NoRoute,
            format!(
                "none of the {} hosts tried over {family} gave any answer, so this network probably has no way out \
                 over {family}",
                tries.silent.len()
            ),
        );
        *way = Tested::NotTested(why.clone());
        excuse(&why, ours, policy_host, hosts, targets);
    }
}

fn tries<'a>(
    ours: fn(&IpAddr) -> bool,
    policy_host: &'a PolicyHost,
    hosts: &'a [MxHost],
    targets: &'a [ReportTarget],
) -> Tries<'a> {
    let mut tries = Tries::default();
    for fetch in policy_host.fetches.iter().filter(|fetch| ours(&fetch.address)) {
        match &fetch.outcome {
            FetchOutcome::NotTested(_) => {}
            FetchOutcome::Connect(failure) => tries.failed(&policy_host.name, *failure, true),
            _ => tries.answered = true,
        }
    }
    for host in hosts {
        for session in host.sessions.iter().filter(|session| ours(&session.address)) {
            match &session.outcome {
                SessionOutcome::NotTested(why) => tries.answered |= why.reason == NotTestedReason::PutOff,
                SessionOutcome::Connect(failure) => tries.failed(&host.name, *failure, false),
                _ => tries.answered = true,
            }
        }
    }
    for target in targets {
        let Tested::Seen(TargetLook::Https { host, reach, .. }) = &target.look else { continue };
        for (_, reach) in reach.iter().filter(|(address, _)| ours(address)) {
            match reach {
                Tested::NotTested(_) => {}
                Tested::Seen(Reach::Connect(failure)) => tries.failed(host, *failure, true),
                Tested::Seen(_) => tries.answered = true,
            }
        }
    }
    tries
}

impl<'a> Tries<'a> {
    fn failed(&mut self, host: &'a str, failure: ConnectFailure, beside_mail: bool) {
        if is_silence(failure) {
            self.silent.insert(host);
            self.beside_mail |= beside_mail;
        } else {
            self.answered = true;
        }
    }
}

const fn is_silence(failure: ConnectFailure) -> bool {
    matches!(failure, ConnectFailure::Timeout | ConnectFailure::Unreachable)
}

/// Puts `why` in the place of each silence. There was no answer over this family, so every failure is one.
fn excuse(
    why: &NotTested,
    ours: fn(&IpAddr) -> bool,
    policy_host: &mut PolicyHost,
    hosts: &mut [MxHost],
    targets: &mut [ReportTarget],
) {
    for fetch in policy_host.fetches.iter_mut().filter(|fetch| ours(&fetch.address)) {
        if matches!(fetch.outcome, FetchOutcome::Connect(_)) {
            fetch.outcome = FetchOutcome::NotTested(why.clone());
        }
    }
    let sessions = hosts.iter_mut().flat_map(|host| &mut host.sessions);
    for session in sessions.filter(|session| ours(&session.address)) {
        if matches!(session.outcome, SessionOutcome::Connect(_)) {
            session.outcome = SessionOutcome::NotTested(why.clone());
        }
    }
    for target in targets {
        let Tested::Seen(TargetLook::Https { reach, .. }) = &mut target.look else { continue };
        for (_, reach) in reach.iter_mut().filter(|(address, _)| ours(address)) {
            if matches!(reach, Tested::Seen(Reach::Connect(_))) {
                *reach = Tested::NotTested(why.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::observed::{Answer, TlsaLook};

    use super::super::policy_host::not_fetched;
    use super::*;
    use crate::smtp::not_visited;

    const V4: &str = "192.0.2.1";
    const V6: &str = "2001:db8::1";

    fn asked_not() -> NotTested {
        NotTested::new(NotTestedReason::NotAsked, "nobody asked")
    }

    /// A look whose policy host and MX host were visited at one address each.
    fn look(
        web: (&str, ConnectFailure),
        mail: (&str, ConnectFailure),
    ) -> (OwnNetwork, PolicyHost, Vec<MxHost>) {
        let network = OwnNetwork {
            resolver: Tested::Seen(()),
            ipv4: Tested::Seen(()),
            ipv6: Tested::Seen(()),
            port25: Tested::Seen(()),
        };
        let mut fetch = not_fetched(web.0.parse().unwrap(), asked_not());
        fetch.outcome = FetchOutcome::Connect(web.1);
        let mut session = not_visited(mail.0.parse().unwrap(), asked_not());
        session.outcome = SessionOutcome::Connect(mail.1);
        let policy_host = PolicyHost {
            name: "mta-sts.lab.test".to_owned(),
            a: Answer::not_tested("", "A", asked_not()),
            aaaa: Answer::not_tested("", "AAAA", asked_not()),
            fetches: vec![fetch],
            elsewhere: Vec::new(),
        };
        let answer = Answer::not_tested("", "TLSA", asked_not());
        let host = MxHost {
            name: "mx.lab.test".to_owned(),
            preference: 0,
            implicit: false,
            a: Answer::not_tested("", "A", asked_not()),
            aaaa: Answer::not_tested("", "AAAA", asked_not()),
            tlsa: TlsaLook { base: String::new(), answer, unreadable: 0 },
            sessions: vec![session],
            visited_at: None,
        };
        (network, policy_host, vec![host])
    }

    #[test]
    fn silence_of_all_over_one_family_is_ours_and_that_of_one_is_not() {
        use ConnectFailure::{Refused, Timeout, Unreachable};
        for (web, mail, ours) in [
            ((V4, Timeout), (V4, Timeout), true),
            ((V6, Unreachable), (V6, Timeout), true),
            ((V4, Timeout), (V4, Refused), false),
            ((V4, Refused), (V4, Timeout), false),
            ((V4, Timeout), (V6, Timeout), false),
        ] {
            let (mut network, mut policy_host, mut hosts) = look(web, mail);
            excuse_silent_families(&mut network, &mut policy_host, &mut hosts, &mut []);
            let fetch = matches!(policy_host.fetches[0].outcome, FetchOutcome::NotTested(_));
            let session = matches!(hosts[0].sessions[0].outcome, SessionOutcome::NotTested(_));
            let way = if web.0 == V4 { &network.ipv4 } else { &network.ipv6 };
            assert_eq!((fetch, session, way.seen().is_none()), (ours, ours, ours), "{web:?} {mail:?}");
        }
    }

    #[test]
    fn mail_alone_is_left_to_port_25() {
        let silent = (V4, ConnectFailure::Timeout);
        let (mut network, mut policy_host, mut hosts) = look(silent, silent);
        policy_host.fetches.clear();
        let mut second = hosts[0].clone();
        second.name = "mx2.lab.test".to_owned();
        hosts.push(second);
        excuse_silent_families(&mut network, &mut policy_host, &mut hosts, &mut []);
        assert_eq!(network.ipv4, Tested::Seen(()));
    }
}
