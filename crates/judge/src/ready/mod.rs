//! Is it safe to go from testing to enforce? (R45)

mod reports;
mod time;
pub(crate) mod wire;

use jiff::Timestamp;
use protocol::observed::{Evidence, History};

pub use reports::{ReportTally, Thresholds};

use crate::case::Case;
use crate::draft::listed;
use crate::{Assessment, Gate, GateStatus, Readiness};

/// The gates to enforce with the usual [`Thresholds`]: each with evidence, and with a remedy when it does not pass.
/// Ready only if every gate passes; what was not tested does not pass.
#[must_use]
pub fn ready(
    evidence: &Evidence,
    history: &History,
    assessment: &Assessment,
    reports: Option<&ReportTally>,
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
    reports: Option<&ReportTally>,
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
    let of = |status| {
        let names: Vec<String> = gates
            .iter()
            .filter(|gate| gate.status == status)
            .map(|gate| words(gate.name).to_owned())
            .collect();
        names
    };
    let (blocked, untested) = (of(GateStatus::Fail), of(GateStatus::NotTested));
    match (blocked.is_empty(), untested.is_empty()) {
        (true, true) => format!("{domain} is ready for enforce: every gate passes."),
        (false, true) => format!("{domain} is not ready for enforce: {} in the way.", are(&blocked)),
        (true, false) => {
            format!("{domain} is not known to be ready for enforce: {} not tested.", are(&untested))
        }
        (false, false) => format!(
            "{domain} is not ready for enforce: {} in the way, and {} not tested.",
            are(&blocked),
            are(&untested)
        ),
    }
}

/// A gate's name in words.
fn words(name: &str) -> &str {
    match name {
        "record" => "the record",
        "policy_host" => "the policy host",
        "policy" => "the policy",
        "mx_covered" => "the naming of the MX hosts",
        "mx_tls" => "TLS of the MX hosts",
        "certificates_last" => "the end of a certificate",
        "dane" => "DANE",
        "tlsrpt" => "TLSRPT",
        "tested_long_enough" => "the time in testing",
        "reports_arrive" => "the arrival of reports",
        "reports_clean" => "what reports say",
        other => other,
    }
}

fn are(names: &[String]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", listed(names))
}
