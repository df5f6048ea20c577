//! What all layers ask of the evidence, worked out once.

mod fetch;
mod host;
mod policy;
mod record;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use protocol::observed::{
    Answer, Evidence, FetchOutcome, History, NotTested, Outcome, Profile, Reach, SecurityStatus, TargetLook,
};
use protocol::sts::{Mode, Policy};

pub(crate) use fetch::{FetchFault, FetchState, FetchView};
pub(crate) use host::{HostView, PathState, PathView};
pub(crate) use policy::{PolicyState, sha256_of};
pub(crate) use record::{RecordFault, RecordState};

use crate::MaxAgeProfile;
use crate::draft::quoted;

/// Most MX names that are compared with the patterns: a hostile answer can hold thousands, no mail domain needs
/// more than a few dozen.
pub(crate) const MAX_MX_NAMES: usize = 500;

/// The evidence and what follows from it for all layers.
pub(crate) struct Case<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) history: &'a History,
    pub(crate) now: Timestamp,
    /// Which lifetimes of a policy are short.
    pub(crate) max_age: MaxAgeProfile,
    pub(crate) record: RecordState,
    pub(crate) fetches: Vec<FetchView<'a>>,
    pub(crate) policy: PolicyState,
    /// The names that senders try, best preference first; without the null MX.
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) hosts: Vec<HostView<'a>>,
}

/// A name that senders try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) name: String,
    pub(crate) preference: u16,
    /// Whether a pattern of the policy matches; `None` without a policy that has patterns in use.
    pub(crate) covered: Option<bool>,
    /// Whether it is an address and no name.
    pub(crate) is_literal: bool,
}

impl<'a> Case<'a> {
    pub(crate) fn new(evidence: &'a Evidence, history: &'a History, now: Timestamp) -> Self {
        let record = RecordState::of(&evidence.record);
        let host = &evidence.policy_host;
        let known = |address: IpAddr| is_believed(address, &host.a, &host.aaaa);
        let fetches = host.fetches.iter().filter(|fetch| known(fetch.address));
        let fetches: Vec<_> = fetches.map(|fetch| FetchView::of(fetch, now)).collect();
        let policy = PolicyState::of(&fetches);
        let candidates = candidates(evidence, policy.matched());
        let hosts =
            evidence.hosts.iter().map(|host| HostView::of(evidence, host, &candidates, now)).collect();
        let max_age = MaxAgeProfile::default();
        Self { evidence, history, now, max_age, record, fetches, policy, candidates, hosts }
    }

    /// The name of the record.
    pub(crate) fn record_name(&self) -> String {
        format!("_mta-sts.{}", self.evidence.domain)
    }

    /// The URL of the policy.
    pub(crate) fn policy_url(&self) -> String {
        format!("https://{}/.well-known/mta-sts.txt", quoted(&self.evidence.policy_host.name))
    }

    /// The policy that at least some senders use: a valid record, and a text that they get and understand.
    pub(crate) fn used_policy(&self) -> Option<&Policy> {
        let reached = self.record.is_valid() && self.policy.is_obtained();
        self.policy.some_reading().filter(|_| reached)
    }

    /// Whether at least some senders enforce.
    pub(crate) fn enforced(&self) -> bool {
        self.used_policy().is_some_and(|policy| policy.mode == Mode::Enforce)
    }

    /// Whether the domain says that it takes no mail (RFC 7505).
    pub(crate) fn takes_no_mail(&self) -> bool {
        let records = self.evidence.mx.records();
        !records.is_empty() && records.iter().all(|mx| mx.host.is_empty())
    }

    /// Whether this look proved that our own IPv6 works: some IPv6 address answered.
    pub(crate) fn ipv6_proven(&self) -> bool {
        let policy_host = self.evidence.policy_host.fetches.iter().any(|fetch| {
            fetch.address.is_ipv6()
                && !matches!(fetch.outcome, FetchOutcome::Connect(_) | FetchOutcome::NotTested(_))
        });
        let mail = self.hosts.iter().flat_map(|host| &host.paths).any(|path| {
            path.session.address.is_ipv6() && matches!(path.state, PathState::Good | PathState::Bad)
        });
        let target = self.evidence.targets.iter().filter_map(|target| target.look.seen()).any(|look| {
            let TargetLook::Https { reach, .. } = look else { return false };
            reach.iter().any(|(address, reach)| {
                address.is_ipv6() && matches!(reach.seen(), Some(Reach::Tls(_) | Reach::TlsFailed(_)))
            })
        });
        policy_host || mail || target
    }

    /// Whether any MX host answered at all, so that silence elsewhere is not our own network's.
    pub(crate) fn any_mail_answer(&self) -> bool {
        self.hosts
            .iter()
            .flat_map(|host| &host.paths)
            .any(|path| matches!(path.state, PathState::Good | PathState::Bad))
    }

    /// The names that senders try and that a policy can name: no addresses, nothing that is no host name.
    pub(crate) fn nameable(&self) -> impl Iterator<Item = &Candidate> {
        let can = |candidate: &&Candidate| {
            !candidate.is_literal && protocol::MxPattern::parse(&candidate.name).is_ok()
        };
        self.candidates.iter().filter(can)
    }

    /// Whether answers were taken without validation, so that nothing is known of DNSSEC and DANE.
    pub(crate) fn is_unvalidated(&self) -> bool {
        let evidence = self.evidence;
        let of = |untested: bool, status| (!untested).then_some(status);
        let states = [
            of(untested(&evidence.record.outcome).is_some(), evidence.record.security.status),
            of(untested(&evidence.mx.outcome).is_some(), evidence.mx.security.status),
            of(untested(&evidence.tlsrpt.outcome).is_some(), evidence.tlsrpt.security.status),
        ];
        let mut seen = states.into_iter().flatten().peekable();
        seen.peek().is_some() && seen.all(|status| status == SecurityStatus::Unchecked)
    }

    /// Whether the profile looks at MX hosts by SMTP.
    pub(crate) fn looks_at_mail_hosts(&self) -> bool {
        self.evidence.vantage.profile == Profile::Full
    }

    /// Whether some MX host is left to which a sender that honours the policy can deliver, or may be: a host that
    /// was not tested counts.
    pub(crate) fn some_path_is_left(&self) -> bool {
        self.candidates.iter().filter(|candidate| !candidate.is_literal).any(|candidate| {
            let host = self.hosts.iter().find(|host| host.host.name == candidate.name);
            candidate.covered != Some(false) && host.is_none_or(HostView::may_take_mail)
        })
    }
}

/// Whether senders believe the answer that an address comes from. A look may visit an address before its answer is
/// validated; when the answer turns out bogus, no validating sender gets there.
pub(crate) fn is_believed(address: IpAddr, a: &Answer<Ipv4Addr>, aaaa: &Answer<Ipv6Addr>) -> bool {
    match address {
        IpAddr::V4(_) => !matches!(a.outcome, Outcome::Failed(_)),
        IpAddr::V6(_) => !matches!(aaaa.outcome, Outcome::Failed(_)),
    }
}

fn candidates(evidence: &Evidence, policy: Option<&Policy>) -> Vec<Candidate> {
    let covered = |name: &str| policy.map(|policy| policy.mx.iter().any(|pattern| pattern.matches(name)));
    let candidate = |name: &str, preference| Candidate {
        name: quoted(name),
        preference,
        covered: covered(name),
        is_literal: is_literal(name),
    };
    let mut all: Vec<Candidate> = match &evidence.mx.outcome {
        Outcome::Records(records) => {
            let mut records: Vec<_> = records.iter().filter(|mx| !mx.host.is_empty()).collect();
            records.sort();
            records.iter().take(MAX_MX_NAMES).map(|mx| candidate(&mx.host, mx.preference)).collect()
        }
        // RFC 5321 §5.1: without MX records the domain itself is the target (rule 62).
        Outcome::NoData => vec![candidate(evidence.domain.as_str(), 0)],
        Outcome::NxDomain | Outcome::Failed(_) | Outcome::NotTested(_) => Vec::new(),
    };
    // The same host may stand at several preferences; its best one counts.
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|candidate| seen.insert(candidate.name.clone()));
    all
}

/// Whether an MX target is an IP address, in brackets or not.
fn is_literal(name: &str) -> bool {
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let bare = bare.strip_prefix("ipv6:").or(bare.strip_prefix("IPv6:")).unwrap_or(bare);
    bare.parse::<IpAddr>().is_ok()
}

/// The reason for not testing in an answer, if that is what it holds.
pub(crate) fn untested<T>(outcome: &Outcome<T>) -> Option<&NotTested> {
    match outcome {
        Outcome::NotTested(why) => Some(why),
        _ => None,
    }
}
