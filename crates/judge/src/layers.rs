//! The six layers with their status.

use protocol::observed::Outcome;

use crate::case::{Case, PathState, RecordState, untested};
use crate::draft::stops_delivery;
use crate::layer::{coverage, fetch, policy, record, tlsrpt, transport};
use crate::seen;
use crate::{Finding, Layer, LayerReport, LayerStatus, Severity};

/// The six layers, in order.
pub(crate) fn of(case: &Case<'_>, findings: &[Finding]) -> Vec<LayerReport> {
    [
        (Layer::Record, "MTA-STS record", record_status(case), record::summary(case)),
        (Layer::Fetch, "Policy fetch", fetch_status(case), fetch::summary(case)),
        (Layer::Policy, "Policy", policy_status(case), policy::summary(case)),
        (Layer::Coverage, "MX coverage", coverage_status(case), coverage::summary(case)),
        (
            Layer::Transport,
            "MX transport security",
            transport_status(case, findings),
            transport::summary(case),
        ),
        (Layer::Tlsrpt, "TLSRPT", tlsrpt_status(case), tlsrpt::summary(case)),
    ]
    .into_iter()
    .map(|(layer, name, status, summary)| {
        let status = status.unwrap_or_else(|| by_findings(layer, findings));
        LayerReport {
            layer,
            name,
            status,
            summary: warned(status, summary, layer, findings),
            evidence: seen::of(case, layer),
        }
    })
    .collect()
}

/// A layer that works: does it have something to mend?
fn by_findings(layer: Layer, findings: &[Finding]) -> LayerStatus {
    let to_mend = findings.iter().any(|finding| finding.layer == layer && finding.severity >= Severity::Low);
    if to_mend { LayerStatus::Warn } else { LayerStatus::Pass }
}

/// Whether the layer's line says it already.
fn is_said(finding: &Finding) -> bool {
    matches!(finding.code, "tlsrpt_missing" | "mta_sts_mode_none" | "mta_sts_mode_testing")
}

/// A warning names its reason, and so does a failure of TLS.
fn warned(status: LayerStatus, summary: String, layer: Layer, findings: &[Finding]) -> String {
    let reason = |finding: &&Finding| match status {
        LayerStatus::Warn => finding.severity >= Severity::Low,
        // Where TLS is good and TLSA records do not fit, the count alone would say the opposite of the status.
        LayerStatus::Fail => layer == Layer::Transport && stops_delivery(finding),
        LayerStatus::Pass | LayerStatus::NotTested => false,
    };
    let first =
        findings.iter().find(|finding| finding.layer == layer && reason(finding) && !is_said(finding));
    match (status, first) {
        (LayerStatus::Warn | LayerStatus::Fail, Some(finding)) => {
            match crate::Catalogue::find(finding.code) {
                Some(entry) => format!("{summary}; {}", entry.title),
                None => summary,
            }
        }
        _ => summary,
    }
}

fn record_status(case: &Case<'_>) -> Option<LayerStatus> {
    match &case.record {
        RecordState::Valid { .. } => None,
        RecordState::NotTested(_) => Some(LayerStatus::NotTested),
        RecordState::Absent | RecordState::Faulty(_) | RecordState::Failed(_) => Some(LayerStatus::Fail),
    }
}

fn fetch_status(case: &Case<'_>) -> Option<LayerStatus> {
    if matches!(case.record, RecordState::Absent) || fetch::not_tested(case).is_some() {
        return Some(LayerStatus::NotTested);
    }
    // What strict senders refuse does not work for them.
    (!case.policy.is_obtained() || !case.policy.is_plain() || case.policy.packed).then_some(LayerStatus::Fail)
}

fn policy_status(case: &Case<'_>) -> Option<LayerStatus> {
    if case.policy.text.is_none() || case.policy.packed || matches!(case.record, RecordState::Absent) {
        return Some(LayerStatus::NotTested);
    }
    case.policy.tolerant().is_none().then_some(LayerStatus::Fail)
}

fn coverage_status(case: &Case<'_>) -> Option<LayerStatus> {
    match &case.evidence.mx.outcome {
        Outcome::Failed(_) => return Some(LayerStatus::Fail),
        outcome if untested(outcome).is_some() => return Some(LayerStatus::NotTested),
        _ => {}
    }
    if coverage::extent(case).is_some() {
        return Some(LayerStatus::Fail);
    }
    (case.policy.matched().is_none() || case.candidates.is_empty()).then_some(LayerStatus::NotTested)
}

fn transport_status(case: &Case<'_>, findings: &[Finding]) -> Option<LayerStatus> {
    if findings.iter().any(|finding| finding.layer == Layer::Transport && stops_delivery(finding)) {
        return Some(LayerStatus::Fail);
    }
    let tested = case
        .hosts
        .iter()
        .flat_map(|host| &host.paths)
        .any(|path| matches!(path.state, PathState::Good | PathState::Bad));
    (!tested).then_some(LayerStatus::NotTested)
}

fn tlsrpt_status(case: &Case<'_>) -> Option<LayerStatus> {
    match tlsrpt::TlsrptState::of(case) {
        tlsrpt::TlsrptState::Valid { .. } => None,
        // R43: absence is a warning, never a failure.
        tlsrpt::TlsrptState::Absent => Some(LayerStatus::Warn),
        tlsrpt::TlsrptState::Unknown if untested(&case.evidence.tlsrpt.outcome).is_some() => {
            Some(LayerStatus::NotTested)
        }
        _ => Some(LayerStatus::Fail),
    }
}
