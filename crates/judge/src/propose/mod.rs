//! A policy and its records for a domain: from its live MX records, or from hosts that are named.
//!
//! Pure: what was seen, what is wished and the time are arguments. Whatever is proposed is read again by the strict
//! readers, and covers every live MX host.

mod id;
mod mail_hosts;
mod notes;
mod preset;
mod presets;
mod proposal;
mod targets;
mod wish;
mod zone_record;

use jiff::Timestamp;
use protocol::Domain;
use protocol::observed::{Evidence, History};
use protocol::sts::{Mode, Policy, PolicyText};

pub use id::{IdRefused, IdStrategy, IdWish, id_of, next_id};
pub use preset::{Delegation, Family, Fits, Preset, Says};
pub use presets::PRESETS;
pub use proposal::{Change, Named, Note, Origin, Proposal, ProposalRefused};
pub use targets::{Target, TargetRefused};
pub use wish::{RECORD_TTL, Wish};
pub use zone_record::{RecordType, ZoneRecord};

use crate::case::{Case, RecordState};

/// The trap of hosts that no preset fits.
const OWN_HOSTS_TRAP: &str = "Backup MX hosts are easily forgotten: the policy has to name every host that the MX \
                              records name, also those that rarely take mail.";

/// A policy and its records for `domain`, by what was seen of it (`None`: nothing was looked at) and what is wished.
///
/// # Errors
/// [`ProposalRefused`] when the domain takes no mail, when it is not known where its mail goes, or when what is wished
/// would not be accepted by senders.
pub fn propose(
    domain: &Domain,
    seen: Option<&Evidence>,
    wish: &Wish,
    now: Timestamp,
) -> Result<Proposal, ProposalRefused> {
    let history = History::default();
    let case = seen.map(|evidence| Case::new(evidence, &history, now));
    let (patterns, preset, hosts) = patterns(domain, case.as_ref(), wish)?;
    let wished = policy_text(&patterns, wish)?;
    let (policy, id, change) = announced(wished, case.as_ref(), wish, now)?;
    let mut proposal = Proposal {
        domain: domain.clone(),
        sts_record: id::record(&id),
        tlsrpt_record: targets::record(&wish.targets),
        records: Vec::new(),
        trap: preset.map_or(OWN_HOSTS_TRAP, |preset| preset.trap),
        notes: Vec::new(),
        policy,
        patterns,
        preset,
        hosts,
        id,
        change,
    };
    proposal.records = records(&proposal, wish)?;
    proposal.notes = notes::of(&proposal, wish, case.as_ref());
    Ok(proposal)
}

type Patterns = (Vec<Named>, Option<&'static Preset>, Vec<String>);

fn patterns(domain: &Domain, case: Option<&Case<'_>>, wish: &Wish) -> Result<Patterns, ProposalRefused> {
    if !wish.mx.is_empty() {
        if let Some(pattern) = wish.mx.iter().find(|pattern| pattern.never_matches()) {
            return Err(ProposalRefused::PatternMatchesNothing { pattern: pattern.to_string() });
        }
        let mut given: Vec<Named> = Vec::new();
        for pattern in &wish.mx {
            if given.iter().all(|known| known.pattern != *pattern) {
                given.push(Named { pattern: pattern.clone(), origin: Origin::Given });
            }
        }
        return Ok((given, None, Vec::new()));
    }
    let Some(case) = case else {
        let why = "no look was asked for".to_owned();
        return Err(ProposalRefused::MxNotLookedAt { domain: domain.clone(), why });
    };
    let hosts = match mail_hosts::live(case) {
        // RFC 8461 §3.2: mx is needed but in mode none. A policy is withdrawn whatever became of the hosts.
        Err(_) if wish.mode == Mode::None => Vec::new(),
        hosts => hosts?,
    };
    let (patterns, preset) = mail_hosts::patterns(&hosts);
    Ok((patterns, preset, hosts))
}

fn policy_text(patterns: &[Named], wish: &Wish) -> Result<PolicyText, ProposalRefused> {
    let max_age = wish.max_age();
    if max_age > protocol::sts::MAX_AGE_LIMIT {
        return Err(ProposalRefused::MaxAge { max_age });
    }
    if wish.targets.len() > targets::MAX_TARGETS {
        return Err(ProposalRefused::TooManyTargets { targets: wish.targets.len() });
    }
    let policy = Policy {
        mode: wish.mode,
        max_age,
        // Lower case, as names are compared and written everywhere else. In mode none the hosts could be left out (RFC
        // 8461 §3.2), but not every sender reads a policy without them.
        mx: patterns.iter().map(|named| lower(&named.pattern)).collect(),
        extensions: Vec::new(),
    };
    PolicyText::read(policy.to_string().as_bytes())
        .map_err(|error| ProposalRefused::NotAccepted { why: error.to_string() })
}

fn lower(pattern: &protocol::MxPattern) -> protocol::MxPattern {
    protocol::MxPattern::parse(&pattern.as_str().to_ascii_lowercase()).unwrap_or_else(|_| pattern.clone())
}

/// The octets to serve, the id to announce them with, and what that changes.
fn announced(
    wished: PolicyText,
    case: Option<&Case<'_>>,
    wish: &Wish,
    now: Timestamp,
) -> Result<(PolicyText, String, Change), ProposalRefused> {
    let in_use = case.and_then(|case| case.record.id());
    let previous = wish.previous_id.as_deref().or(in_use);
    let keeps_id = match &wish.id {
        IdWish::Made(_) => true,
        IdWish::Given(id) => Some(id.as_str()) == in_use,
    };
    let served = case.and_then(|case| case.policy.strict.as_ref()?.as_ref().ok());
    // What is served says the same already: octets and id stay as they are.
    if let (Some(served), Some(id)) = (served, in_use)
        && says_same(served.policy(), wished.policy())
        && keeps_id
        && previous == in_use
    {
        return Ok((served.clone(), id.to_owned(), Change::Unchanged));
    }
    let id = match &wish.id {
        IdWish::Given(id) if Some(id.as_str()) == previous => {
            return Err(ProposalRefused::SameId { id: id.clone() });
        }
        IdWish::Given(id) => id.clone(),
        IdWish::Made(strategy) => {
            // A counter without a beginning might count to the id in use; a time cannot.
            let counts_blindly = *strategy == IdStrategy::Counter && id_in_use_is_unknown(case, wish);
            let strategy = if counts_blindly { IdStrategy::Timestamp } else { *strategy };
            next_id(strategy, previous, wished.bytes(), now)
        }
    };
    let change = match previous {
        None => Change::First,
        // A digest: the same octets.
        Some(previous) if previous == id => Change::Unchanged,
        Some(previous) => Change::Changed { previous: previous.to_owned() },
    };
    Ok((wished, id, change))
}

/// Whether the record in use may have any id: nothing was looked at, or the look did not succeed, and nobody said.
fn id_in_use_is_unknown(case: Option<&Case<'_>>, wish: &Wish) -> bool {
    let unseen = |case: &Case<'_>| matches!(case.record, RecordState::Failed(_) | RecordState::NotTested(_));
    wish.previous_id.is_none() && case.is_none_or(unseen)
}

/// Whether two policies mean the same to senders: the order of hosts and the case of their letters do not matter.
fn says_same(one: &Policy, other: &Policy) -> bool {
    let within = |a: &Policy, b: &Policy| a.mx.iter().all(|pattern| b.mx.contains(pattern));
    one.mode == other.mode && one.max_age == other.max_age && within(one, other) && within(other, one)
}

fn records(proposal: &Proposal, wish: &Wish) -> Result<Vec<ZoneRecord>, ProposalRefused> {
    let domain = &proposal.domain;
    // The longest name that is proposed; underscores are no part of a `Domain`.
    let fits = domain.as_str().len() + "_smtp._tls.".len() <= 253;
    if !fits {
        return Err(ProposalRefused::NameTooLong { domain: domain.clone() });
    }
    let record = |name: &str, rtype, value: String| ZoneRecord {
        name: format!("{name}.{domain}"),
        rtype,
        value,
        ttl: wish.ttl,
    };
    let mut records = match &wish.delegate {
        // RFC 8461 §8.2: the record by CNAME, the policy host by CNAME or a proxy. The host first: as long as the
        // record is not there, nobody looks for the policy.
        Some(provider) => vec![
            record("mta-sts", RecordType::Cname, format!("mta-sts.{provider}")),
            record("_mta-sts", RecordType::Cname, format!("_mta-sts.{provider}")),
        ],
        None => vec![record("_mta-sts", RecordType::Txt, proposal.sts_record.clone())],
    };
    let tlsrpt = proposal.tlsrpt_record.clone();
    records.extend(tlsrpt.map(|text| record("_smtp._tls", RecordType::Txt, text)));
    Ok(records)
}
