//! Which MX hosts the policy has to name, and by which patterns.

use protocol::MxPattern;
use protocol::observed::Outcome;

use super::preset::Preset;
use super::presets::PRESETS;
use super::proposal::{Named, Origin, ProposalRefused};
use crate::case::{Case, MAX_MX_NAMES};
use crate::layer::record::failure_words;

/// The names of the live MX hosts, best preference first.
pub(super) fn live(case: &Case<'_>) -> Result<Vec<String>, ProposalRefused> {
    let domain = case.evidence.domain.clone();
    match &case.evidence.mx.outcome {
        Outcome::NotTested(why) => Err(ProposalRefused::MxNotLookedAt { domain, why: why.text.clone() }),
        Outcome::Failed(failure) => Err(ProposalRefused::MxUnknown { domain, why: failure_words(failure).1 }),
        Outcome::NxDomain => Err(ProposalRefused::NoSuchDomain { domain }),
        // RFC 5321 §5.1: mail goes to the domain's own addresses. A policy could name it, but whoever adds an MX record
        // later would not think of that.
        Outcome::NoData => Err(ProposalRefused::NoMx { domain }),
        Outcome::Records(_) if case.takes_no_mail() => Err(ProposalRefused::NullMx { domain }),
        Outcome::Records(records) if records.len() > MAX_MX_NAMES => {
            Err(ProposalRefused::TooMany { domain, records: records.len() })
        }
        Outcome::Records(_) => {
            let (nameable, other): (Vec<_>, Vec<_>) = case
                .candidates
                .iter()
                .map(|candidate| candidate.name.clone())
                .partition(|name| MxPattern::parse(name).is_ok_and(|pattern| pattern.matches(name)));
            match other.is_empty() {
                true => Ok(nameable),
                false => Err(ProposalRefused::Unnameable { domain, hosts: other }),
            }
        }
    }
}

/// The patterns for these hosts: by the preset that fits them all, else the hosts themselves.
pub(super) fn patterns(hosts: &[String]) -> (Vec<Named>, Option<&'static Preset>) {
    let exact = |host: &String| MxPattern::parse(host).ok();
    let found = PRESETS.iter().find_map(|preset| Some((preset, preset.patterns(hosts)?)));
    let preset = found.as_ref().map(|(preset, _)| *preset);
    let (patterns, origin) = match found {
        Some((preset, patterns)) if !preset.says_hosts() => (patterns, Origin::Preset(preset)),
        _ => (hosts.iter().filter_map(exact).collect(), Origin::Exact),
    };
    (patterns.into_iter().map(|pattern| Named { pattern, origin }).collect(), preset)
}
