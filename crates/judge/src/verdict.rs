//! One word for all (R44). `docs/findings.md` has the table.

use protocol::observed::Outcome;
use protocol::sts::Mode;

use crate::case::{Case, PathState, RecordState};
use crate::draft::stops_delivery;
use crate::layer::fetch;
use crate::ready::{Thresholds, time, wire};
use crate::{Finding, GateStatus, Verdict};

/// The verdict. A careful sender's view decides: blank lines are passed over and `max_age` is capped (to refuse would
/// lose the protection that the owner asked for), and a wrong media type is refused.
pub(crate) fn of(case: &Case<'_>, findings: &[Finding]) -> Verdict {
    match &case.record {
        RecordState::NotTested(_) => return Verdict::Unknown,
        RecordState::Absent => return Verdict::NotDeployed,
        // The domain's own servers fail, or its signatures: senders meet the same, by no trouble of ours.
        RecordState::Faulty(_) | RecordState::Failed(_) => return Verdict::Broken,
        RecordState::Valid { .. } => {}
    }
    if !case.policy.is_obtained() {
        return if fetch::not_tested(case).is_some() { Verdict::Unknown } else { Verdict::Broken };
    }
    let Some(policy) = case.policy.tolerant().filter(|_| case.policy.is_plain()) else {
        return Verdict::Broken;
    };
    match policy.mode {
        Mode::None => Verdict::Disabled,
        Mode::Testing if may_enforce(case, findings) && has_tested(case) => Verdict::ReadyToEnforce,
        Mode::Testing => Verdict::Testing,
        Mode::Enforce if is_broken(case, findings) => Verdict::EnforcingButBroken,
        Mode::Enforce => Verdict::Enforcing,
    }
}

/// Whether nothing on the wire speaks against enforce. Every MX host must have been seen to work at one address at
/// least; an address that our own network cannot reach does not count against the domain here, as it does in `ready`.
pub(crate) fn may_enforce(case: &Case<'_>, findings: &[Finding]) -> bool {
    let gates = wire::gates(case, findings);
    let blocked = gates.iter().any(|gate| gate.status == GateStatus::Fail);
    let covered = gates.iter().any(|gate| gate.name == wire::COVERAGE && gate.status == GateStatus::Pass);
    let seen = case.candidates.iter().all(|candidate| {
        let host = case.hosts.iter().find(|host| host.host.name == candidate.name);
        host.is_some_and(|host| host.paths.iter().any(|path| path.state == PathState::Good))
    });
    !blocked && covered && seen
}

/// Whether earlier looks saw the testing go on for as long as `ready` asks: who has published a minute ago has had no
/// time to hear of failures (R62).
fn has_tested(case: &Case<'_>) -> bool {
    time::tested_long_enough(case, &Thresholds::default()).status == GateStatus::Pass
}

/// Whether senders that honour policy and TLSA records cannot deliver by some or all paths.
fn is_broken(case: &Case<'_>, findings: &[Finding]) -> bool {
    matches!(case.evidence.mx.outcome, Outcome::Failed(_)) || findings.iter().any(stops_delivery)
}
