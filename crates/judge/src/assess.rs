//! From evidence to an opinion.

use jiff::Timestamp;
use protocol::observed::{Evidence, History};

use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::draft::Draft;
use crate::{
    Assessment, Finding, SeverityProfile, Yardstick, layer, layers, not_tested, protection, summary, verdict,
};

/// What we think of what was seen.
///
/// `now` is the time to judge for: the time of the look, also when a recorded look is judged again. `history` may be
/// empty; findings that need memory or other vantage points are then not raised. `yardstick` is a severity profile, which
/// changes severities only, or a [`Yardstick`] that also has thresholds for `max_age`; the verdict depends on neither.
#[must_use]
pub fn assess<'a>(
    evidence: &Evidence,
    history: &History,
    now: Timestamp,
    yardstick: impl Into<Yardstick<'a>>,
) -> Assessment {
    let Yardstick { severities, max_age } = yardstick.into();
    let case = Case { max_age, ..Case::new(evidence, history, now) };
    let findings = findings(&case, severities);
    let verdict = verdict::of(&case, &findings);
    Assessment {
        domain: evidence.domain.clone(),
        at: now,
        verdict,
        summary: summary::of(&case, verdict, &findings),
        layers: layers::of(&case, &findings),
        protection: protection::of(&case),
        not_tested: not_tested::of(&case),
        findings,
    }
}

/// Every finding, sorted.
pub(crate) fn findings(case: &Case<'_>, severities: &SeverityProfile) -> Vec<Finding> {
    let rules: [fn(&Case<'_>) -> Vec<Draft>; 9] = [
        layer::record::findings,
        layer::record_place::findings,
        layer::history::findings,
        layer::fetch::findings,
        layer::policy::findings,
        layer::coverage::findings,
        layer::transport::findings,
        layer::dane::findings,
        layer::tlsrpt::findings,
    ];
    let enforce = case.enforced();
    let mut findings: Vec<Finding> = rules
        .iter()
        .flat_map(|rule| rule(case))
        .chain(layer::across::findings(case))
        .filter_map(|draft| draft.finish(enforce, severities))
        .collect();
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then(b.consequence.cmp(&a.consequence))
            .then(a.layer.cmp(&b.layer))
            .then_with(|| a.subject.cmp(&b.subject))
            // The catalogue has causes before what follows from them: no STARTTLS before the TLSA records that demand it.
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| a.detail.cmp(&b.detail))
    });
    findings
}

/// Where the finding's code stands in the catalogue.
fn place(finding: &Finding) -> usize {
    Catalogue::all().position(|entry| entry.code == finding.code).unwrap_or(usize::MAX)
}
