//! What a look at a hosted domain means for it.

use std::net::IpAddr;

use protocol::observed::{Answer, Evidence, FetchOutcome, Outcome, Txt};
use protocol::sts::{PolicyText, RecordError, read_records};

use super::hosted::HostedDomain;
use super::mx_guard;
use super::names::ServiceNames;

/// What a look at a hosted domain means for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Whether its policy host is an alias of its own label: nobody else was told that.
    pub label: Sighting,
    /// Whether its token was seen.
    pub token: Sighting,
    /// Where its policy host points to.
    pub pointing: Pointing,
    /// Whether senders get the policy that is to be served.
    pub fetch: FetchSeen,
    /// Its record.
    pub record: RecordSeen,
    /// The live MX hosts that the policy leaves out.
    pub left_out: Vec<String>,
}

/// Whether something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// It was.
    Yes,
    /// It is known not to be there.
    No,
    /// Our own network or resolver, or theirs, does not say.
    Unknown,
}

/// Where a policy host points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointing {
    /// To us, and nowhere else.
    Here,
    /// To something else, too.
    Elsewhere(String),
    /// There are addresses, and nobody has told which are ours.
    Somewhere,
    /// There is no such name, or it has no address.
    Absent,
    /// It could not be looked up.
    Unknown(String),
}

/// What senders get from the policy host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchSeen {
    /// The policy, from every address that was asked.
    Ours,
    /// Something else, or nothing, from at least one address.
    Other(String),
    /// Nothing could be asked.
    Unknown,
}

/// What stands at `_mta-sts.` and the domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordSeen {
    /// One valid record with this id.
    Id(String),
    /// No record; with an alias to the name that we answer for, or without.
    Absent {
        /// Whether it is an alias to the name that we answer for.
        delegated: bool,
    },
    /// Something that senders do not take.
    Invalid(String),
    /// It could not be looked up.
    Unknown(String),
}

impl Seen {
    /// What `evidence` of the domain means, `body` being the policy that is to be served and `token` the answer for TXT at
    /// the name of its token (`None`: nobody asked).
    #[must_use]
    pub fn of(
        hosted: &HostedDomain,
        body: Option<&PolicyText>,
        names: &ServiceNames,
        evidence: &Evidence,
        token: Option<&Answer<Txt>>,
    ) -> Self {
        let hosts = mx_guard::live_hosts(evidence).unwrap_or_default();
        Self {
            label: label(hosted, names, evidence),
            token: token.map_or(Sighting::Unknown, |answer| self::token(hosted, answer)),
            pointing: pointing(hosted, names, evidence),
            fetch: fetch(body, evidence),
            record: record(hosted, names, evidence),
            left_out: body.map(|body| mx_guard::left_out(body.policy(), &hosts)).unwrap_or_default(),
        }
    }
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}

/// The alias itself proves ownership; a longer way to it does not: the names between may be anybody's.
fn label(hosted: &HostedDomain, names: &ServiceNames, evidence: &Evidence) -> Sighting {
    let Some(target) = names.policy_target(&hosted.label) else { return Sighting::No };
    let a = &evidence.policy_host.a;
    match (a.aliases.first(), &a.outcome) {
        (Some(alias), _) if same_name(alias, &target) => Sighting::Yes,
        (_, Outcome::Failed(_) | Outcome::NotTested(_)) => Sighting::Unknown,
        _ => Sighting::No,
    }
}

fn token(hosted: &HostedDomain, answer: &Answer<Txt>) -> Sighting {
    match &answer.outcome {
        Outcome::Records(texts) => {
            if texts.iter().any(|text| text.joined() == hosted.token.as_str().as_bytes()) {
                Sighting::Yes
            } else {
                Sighting::No
            }
        }
        Outcome::NoData | Outcome::NxDomain => Sighting::No,
        Outcome::Failed(_) | Outcome::NotTested(_) => Sighting::Unknown,
    }
}

fn pointing(hosted: &HostedDomain, names: &ServiceNames, evidence: &Evidence) -> Pointing {
    let (a, aaaa) = (&evidence.policy_host.a, &evidence.policy_host.aaaa);
    if let (Some(target), Some(alias)) = (names.policy_target(&hosted.label), a.aliases.first())
        && same_name(alias, &target)
    {
        return Pointing::Here;
    }
    if let Some(outcome) = unknown(&a.outcome).or_else(|| unknown(&aaaa.outcome)) {
        return Pointing::Unknown(outcome);
    }
    let v4 = a.records().iter().copied().map(IpAddr::V4);
    let found: Vec<IpAddr> = v4.chain(aaaa.records().iter().copied().map(IpAddr::V6)).collect();
    if found.is_empty() {
        return Pointing::Absent;
    }
    let stray = found.iter().find(|address| !names.addresses.contains(address));
    match (stray, a.aliases.last()) {
        (None, _) => Pointing::Here,
        (Some(_), _) if names.addresses.is_empty() && names.zone.is_none() => Pointing::Somewhere,
        (Some(_), Some(alias)) => Pointing::Elsewhere(alias.trim_end_matches('.').to_owned()),
        (Some(address), None) => Pointing::Elsewhere(address.to_string()),
    }
}

fn unknown<T>(outcome: &Outcome<T>) -> Option<String> {
    match outcome {
        Outcome::Failed(failure) => Some(format!("{failure:?}")),
        Outcome::NotTested(why) => Some(why.text.clone()),
        Outcome::Records(_) | Outcome::NoData | Outcome::NxDomain => None,
    }
}

fn fetch(body: Option<&PolicyText>, evidence: &Evidence) -> FetchSeen {
    let Some(body) = body else { return FetchSeen::Unknown };
    let mut asked = false;
    for fetch in &evidence.policy_host.fetches {
        let why = match &fetch.outcome {
            FetchOutcome::NotTested(_) => continue,
            FetchOutcome::Connect(failure) => format!("there is no connection ({failure:?})"),
            FetchOutcome::Tls(failure) => format!("there is no TLS session: {}", failure.text),
            FetchOutcome::Http(failure) => format!("there is no answer ({failure:?})"),
            FetchOutcome::Response(response) => {
                asked = true;
                // RFC 8461 §3.3: a certificate that is not valid for the host means no policy, whatever the answer is.
                let trusted = fetch.tls.as_ref().is_some_and(|tls| {
                    tls.name_matches && tls.path.result == protocol::observed::PathResult::Trusted
                });
                if !trusted {
                    "senders do not accept the certificate".to_owned()
                } else if response.status != 200 {
                    format!("the status is {}", response.status)
                } else if response.body.as_slice() == body.bytes() {
                    continue;
                } else {
                    "another policy is served".to_owned()
                }
            }
        };
        return FetchSeen::Other(format!("{}: {why}", fetch.address));
    }
    if asked { FetchSeen::Ours } else { FetchSeen::Unknown }
}

fn record(hosted: &HostedDomain, names: &ServiceNames, evidence: &Evidence) -> RecordSeen {
    let answer = &evidence.record;
    let target = names.record_target(&hosted.label);
    let delegated = target.is_some_and(|target| answer.aliases.iter().any(|alias| same_name(alias, &target)));
    match &answer.outcome {
        Outcome::NoData | Outcome::NxDomain => RecordSeen::Absent { delegated },
        Outcome::Failed(_) | Outcome::NotTested(_) => {
            RecordSeen::Unknown(unknown(&answer.outcome).unwrap_or_default())
        }
        Outcome::Records(texts) => {
            let texts: Vec<Vec<u8>> = texts.iter().map(Txt::joined).collect();
            match read_records(&texts) {
                Ok(record) => RecordSeen::Id(record.id),
                Err(RecordError::None) => RecordSeen::Absent { delegated },
                Err(error) => RecordSeen::Invalid(error.to_string()),
            }
        }
    }
}
