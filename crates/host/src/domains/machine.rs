//! What comes next for a domain. Pure.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::hosted::HostedDomain;
use super::label::Label;
use super::seen::{FetchSeen, Pointing, RecordSeen, Seen, Sighting};
use super::state::DomainState;
use super::version::PolicyVersion;

/// How long a domain is served whose proof of ownership is gone: names are moved between servers, and records are lost and
/// put back, within days.
const OWNERSHIP_GRACE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// While somebody is likely to wait for the result: how often to look, by how long it has been waited for. Record by
/// record people are done in minutes; the rest waits for other people.
const PATIENCE: [(SignedDuration, SignedDuration); 3] = [
    (SignedDuration::from_mins(10), SignedDuration::from_secs(5)),
    (SignedDuration::from_hours(1), SignedDuration::from_secs(30)),
    (SignedDuration::from_hours(24), SignedDuration::from_mins(5)),
];
/// How often to look at what is settled. 200,000 domains then make 55 looks a second.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);
/// When our own network or resolver gave no answer.
const TROUBLE: SignedDuration = SignedDuration::from_mins(1);
/// When something was begun here that changes what is seen.
const SOON: SignedDuration = SignedDuration::from_secs(5);

/// What comes next for a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How far it has come.
    pub state: DomainState,
    /// When its ownership was last seen.
    pub verified: Option<Timestamp>,
    /// What stands in the way.
    pub because: Vec<Because>,
    /// What is to be done now. Each may be done again.
    pub tasks: Vec<Task>,
    /// When to look again.
    pub wake: Timestamp,
}

/// Something to do for a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// See to it that there is a certificate for the policy host. Asked for only while ownership and address were seen.
    Certificate,
    /// Confirm that the version is served everywhere, and then let our DNS answer its id.
    Announce {
        /// Its number.
        version: u32,
    },
    /// The id of this version was seen in the record: somebody else announced it.
    NoteAnnounced {
        /// Its number.
        version: u32,
    },
}

/// What stands in a domain's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// There is no policy yet.
    NoPolicy,
    /// Neither alias nor token was seen.
    NotProven,
    /// They were seen once, and are not now.
    ProofGone {
        /// When serving ends if they do not come back.
        ends: Timestamp,
    },
    /// The policy host does not point here.
    Pointing(Pointing),
    /// Senders do not get the policy.
    Fetch(FetchSeen),
    /// The record is not the one wanted.
    Record {
        /// What was seen.
        seen: RecordSeen,
        /// The id of the version served.
        wanted: String,
    },
    /// The policy in mode enforce leaves out live MX hosts.
    LeftOut(Vec<String>),
}

/// What comes next for a domain, by what was seen of it. `current` is the version that is to be served.
///
/// What could not be looked up changes nothing: the domain stays as it was (RFC 8461 §3.3 lets senders do the same).
#[must_use]
pub fn step(hosted: &HostedDomain, current: Option<&PolicyVersion>, seen: &Seen, now: Timestamp) -> Step {
    if hosted.state == DomainState::Retired {
        return retired(hosted, current, seen, now);
    }
    let mut because = Vec::new();
    let (proven, verified) = ownership(hosted, seen, now, &mut because);
    let known = problems(hosted, current, seen, &mut because);
    let state = match (proven, current) {
        (false, _) => DomainState::OwnershipPending,
        (true, None) => DomainState::Draft,
        (true, Some(_)) => match (known, hosted.live.is_some()) {
            (Known::Nothing, _) => hosted.state.max(DomainState::DnsPending),
            (Known::Good, _) => DomainState::Live,
            (Known::Missing(_), true) => DomainState::Degraded,
            (Known::Missing(state), false) => state,
        },
    };
    let tasks = if state.is_served() { tasks(hosted, current, seen) } else { Vec::new() };
    let since = if state == hosted.state { hosted.since } else { now };
    let announces = tasks.iter().any(|task| matches!(task, Task::Announce { .. }));
    let wait = match (state, known) {
        _ if announces => SOON,
        (_, Known::Nothing) => TROUBLE,
        (DomainState::Live, _) => settled(&hosted.label),
        // Nothing that is looked at will change that.
        (DomainState::Draft, _) => settled(&hosted.label),
        _ => patience(now.duration_since(since)).unwrap_or_else(|| settled(&hosted.label)),
    };
    Step { state, verified, because, tasks, wake: after(now, wait) }
}

/// What is known of everything that senders need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Something could not be looked up, and nothing of the rest is wrong.
    Nothing,
    /// All of it is there.
    Good,
    /// Something is missing; the state of a domain that was never live says what.
    Missing(DomainState),
}

fn ownership(
    hosted: &HostedDomain,
    seen: &Seen,
    now: Timestamp,
    because: &mut Vec<Because>,
) -> (bool, Option<Timestamp>) {
    if hosted.owner.is_operator() {
        return (true, hosted.verified);
    }
    if seen.label == Sighting::Yes || seen.token == Sighting::Yes {
        return (true, Some(now));
    }
    let Some(verified) = hosted.verified else {
        because.push(Because::NotProven);
        return (false, None);
    };
    let ends = after(verified, OWNERSHIP_GRACE);
    if seen.label == Sighting::Unknown || seen.token == Sighting::Unknown {
        return (hosted.state != DomainState::OwnershipPending, Some(verified));
    }
    if ends <= now || hosted.state == DomainState::OwnershipPending {
        because.push(Because::NotProven);
        return (false, Some(verified));
    }
    because.push(Because::ProofGone { ends });
    (true, Some(verified))
}

/// Everything that is missing, in the order in which it is to be mended.
fn problems(
    hosted: &HostedDomain,
    current: Option<&PolicyVersion>,
    seen: &Seen,
    because: &mut Vec<Because>,
) -> Known {
    let Some(current) = current else {
        because.push(Because::NoPolicy);
        return Known::Good;
    };
    let mut missing = None;
    let mut is_unknown = false;
    let before = because.len();
    // With addresses that nobody told us of, what is fetched from them says whether they are ours.
    let fetched = seen.fetch == FetchSeen::Ours;
    match &seen.pointing {
        Pointing::Here => {}
        Pointing::Somewhere if fetched => {}
        Pointing::Unknown(_) => is_unknown = true,
        other @ (Pointing::Elsewhere(_) | Pointing::Somewhere | Pointing::Absent) => {
            because.push(Because::Pointing(other.clone()));
            missing.get_or_insert(DomainState::DnsPending);
        }
    }
    match &seen.fetch {
        FetchSeen::Ours => {}
        // Of a host that points elsewhere it says nothing new.
        _ if missing.is_some() => {}
        FetchSeen::Unknown => is_unknown = true,
        other @ FetchSeen::Other(_) => {
            because.push(Because::Fetch(other.clone()));
            missing.get_or_insert(DomainState::CertificatePending);
        }
    }
    match &seen.record {
        RecordSeen::Id(id) if *id == current.id => {}
        RecordSeen::Unknown(_) => is_unknown = true,
        // Our own DNS does not answer it yet, and will as soon as the policy is served.
        RecordSeen::Absent { delegated: true }
            if hosted.announced != Some(current.number) && missing.is_some() => {}
        other => {
            because.push(Because::Record { seen: other.clone(), wanted: current.id.clone() });
            missing.get_or_insert(DomainState::DnsPending);
        }
    }
    if !seen.left_out.is_empty() {
        because.push(Because::LeftOut(seen.left_out.clone()));
        missing.get_or_insert(DomainState::DnsPending);
    }
    match missing {
        Some(state) => Known::Missing(state),
        None if is_unknown => Known::Nothing,
        // A proof of ownership that is gone is something that is wrong.
        None if before > 0 => Known::Missing(DomainState::OwnershipPending),
        None => Known::Good,
    }
}

fn tasks(hosted: &HostedDomain, current: Option<&PolicyVersion>, seen: &Seen) -> Vec<Task> {
    let Some(current) = current else { return Vec::new() };
    let mut tasks = Vec::new();
    if seen.pointing == Pointing::Here {
        tasks.push(Task::Certificate);
    }
    if hosted.announced != Some(current.number) {
        if seen.fetch == FetchSeen::Ours {
            tasks.push(Task::Announce { version: current.number });
        }
    } else if current.announced.is_none() && matches!(&seen.record, RecordSeen::Id(id) if *id == current.id) {
        tasks.push(Task::NoteAnnounced { version: current.number });
    }
    tasks
}

/// Mode none is announced like any other policy, and then it is waited until nobody holds an older one.
fn retired(hosted: &HostedDomain, current: Option<&PolicyVersion>, seen: &Seen, now: Timestamp) -> Step {
    let step = |tasks: Vec<Task>, wake| Step {
        state: DomainState::Retired,
        verified: hosted.verified,
        because: Vec::new(),
        tasks,
        wake,
    };
    if !hosted.is_served(now) {
        return step(Vec::new(), Timestamp::MAX);
    }
    let tasks = tasks(hosted, current, seen);
    let wait = if tasks.iter().any(|task| matches!(task, Task::Announce { .. })) { SOON } else { SETTLED };
    let until = hosted.served_until.unwrap_or(Timestamp::MAX);
    step(tasks, after(now, wait).min(until))
}

fn patience(waited: SignedDuration) -> Option<SignedDuration> {
    PATIENCE.iter().find(|(until, _)| waited < *until).map(|(_, pause)| *pause)
}

/// Spread by the label, so that domains that were added together are not looked at together for ever.
fn settled(label: &Label) -> SignedDuration {
    let sum = label.as_str().bytes().fold(0_i64, |sum, octet| (sum * 31 + i64::from(octet)) % 1_000);
    SETTLED - SignedDuration::from_millis(SETTLED.as_secs() * sum / 4)
}

fn after(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_add(span).unwrap_or(Timestamp::MAX)
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPolicy => f.write_str("it has no policy yet"),
            Self::NotProven => f.write_str("nothing shows yet that the domain is its owner's"),
            Self::ProofGone { ends } => write!(
                f,
                "nothing shows any more that the domain is its owner's; from {} on it is not served",
                ends.strftime("%Y-%m-%dT%H:%M:%SZ")
            ),
            Self::Pointing(Pointing::Absent) => f.write_str("its policy host has no address"),
            Self::Pointing(Pointing::Elsewhere(target)) => {
                write!(f, "its policy host points to {target}, which is not here")
            }
            Self::Pointing(Pointing::Unknown(why)) => write!(f, "its policy host cannot be looked up: {why}"),
            Self::Pointing(Pointing::Here | Pointing::Somewhere) => {
                f.write_str("its policy host has addresses at which its policy is not found")
            }
            Self::Fetch(FetchSeen::Other(why)) => write!(f, "senders do not get its policy: {why}"),
            Self::Fetch(FetchSeen::Ours | FetchSeen::Unknown) => {
                f.write_str("its policy could not be fetched")
            }
            Self::Record { seen: RecordSeen::Absent { delegated: true }, .. } => {
                f.write_str("its record is not answered yet")
            }
            Self::Record { seen: RecordSeen::Absent { .. }, wanted } => {
                write!(f, "it has no record; the id is {wanted}")
            }
            Self::Record { seen: RecordSeen::Id(id), wanted } => {
                write!(f, "its record has the id {id}, and the policy that is served has {wanted}")
            }
            Self::Record { seen: RecordSeen::Invalid(why), .. } => {
                write!(f, "its record is not valid: {why}")
            }
            Self::Record { seen: RecordSeen::Unknown(why), .. } => {
                write!(f, "its record cannot be looked up: {why}")
            }
            Self::LeftOut(hosts) => write!(
                f,
                "its policy in mode enforce leaves out {}: senders that honour it deliver no mail there",
                hosts.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests;
