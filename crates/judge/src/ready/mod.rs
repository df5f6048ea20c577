//! Is it safe to go from testing to enforce? (R45)

mod reports;
pub(crate) mod time;
pub(crate) mod wire;

use jiff::Timestamp;
use protocol::observed::{Evidence, History};
use protocol::sts::Mode;

pub use reports::{ReportTally, Reports, Thresholds};

use crate::case::{Case, RecordState};
use crate::{Assessment, Gate, GateStatus, Readiness};

/// The gates to enforce with the usual [`Thresholds`]: each with evidence, and with a remedy when it does not pass.
/// Ready only if every gate passes; what was not tested does not pass.
#[must_use]
pub fn ready(
    evidence: &Evidence,
    history: &History,
    assessment: &Assessment,
    reports: Reports<'_>,
    now: Timestamp,
) -> Readiness {
    ready_by(evidence, history, assessment, reports, now, &Thresholds::default())
}

/// The same with thresholds of one's own.
#[must_use]
pub fn ready_by(
    evidence: &Evidence,
    history: &History,
    assessment: &Assessment,
    reports: Reports<'_>,
    now: Timestamp,
    thresholds: &Thresholds,
) -> Readiness {
    let case = Case::new(evidence, history, now);
    let mut gates = wire::gates(&case, &assessment.findings);
    gates.push(time::tested_long_enough(&case, thresholds));
    gates.extend(reports::gates(&case, reports, thresholds));
    let ready = gates.iter().all(|gate| gate.status == GateStatus::Pass);
    Readiness { domain: evidence.domain.clone(), ready, summary: summary(&case, &gates), gates }
}

fn summary(case: &Case<'_>, gates: &[Gate]) -> String {
    let domain = &case.evidence.domain;
    let of = |status| -> Vec<&str> {
        gates.iter().filter(|gate| gate.status == status).map(|gate| gate.question).collect()
    };
    let (blocked, untested) = (of(GateStatus::Fail), of(GateStatus::NotTested));
    let absent = matches!(case.record, RecordState::Absent);
    let enforces = case.used_policy().is_some_and(|policy| policy.mode == Mode::Enforce);
    let (now, not) = match (absent, enforces) {
        (true, _) if case.policy.is_obtained() => {
            return format!(
                "{domain} is not ready for enforce: there is a policy and no record that tells of it."
            );
        }
        (true, _) => {
            return format!(
                "{domain} is not ready for enforce: nothing is published, neither record nor policy."
            );
        }
        (false, true) => ("already enforces", "already enforces, and not every gate to it passes"),
        (false, false) => ("is ready for enforce", "is not ready for enforce"),
    };
    match (blocked.is_empty(), untested.is_empty()) {
        (true, true) => format!("{domain} {now}: every gate passes."),
        (false, true) => format!("{domain} {not}. Answered no: {}", blocked.join(" ")),
        (true, false) if enforces => format!("{domain} {now}. Not tested: {}", untested.join(" ")),
        (true, false) => {
            format!("{domain} is not known to be ready for enforce. Not tested: {}", untested.join(" "))
        }
        (false, false) => {
            format!("{domain} {not}. Answered no: {} Not tested: {}", blocked.join(" "), untested.join(" "))
        }
    }
}
