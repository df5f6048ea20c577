//! One domain's result, as every format shows it.

use judge::{Assessment, Finding, Layer, LayerReport};
use protocol::observed::Evidence;

use crate::exit::ExitStatus;
use crate::expectation::Compared;

/// One domain's result.
#[derive(Debug)]
pub(crate) struct Report {
    /// What was seen.
    pub(crate) evidence: Evidence,
    /// What to think of it.
    pub(crate) assessment: Assessment,
    /// What `--expect` asked for, compared.
    pub(crate) compared: Vec<Compared>,
    /// The exit status by this domain alone.
    pub(crate) status: ExitStatus,
}

impl Report {
    /// The domain.
    pub(crate) fn domain(&self) -> &str {
        self.assessment.domain.as_str()
    }

    /// What is not as `--expect` says.
    pub(crate) fn unmet(&self) -> impl Iterator<Item = &Compared> {
        self.compared.iter().filter(|compared| !compared.met)
    }

    /// The findings of a layer.
    pub(crate) fn findings_of(&self, layer: Layer) -> impl Iterator<Item = &Finding> {
        self.assessment.findings.iter().filter(move |finding| finding.layer == layer)
    }

    /// The six layers.
    pub(crate) fn layers(&self) -> &[LayerReport] {
        &self.assessment.layers
    }

    /// The findings by what they cost, then by severity: the order in which to mend.
    pub(crate) fn to_do(&self) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self.assessment.findings.iter().collect();
        findings.sort_by_key(|finding| {
            (std::cmp::Reverse(finding.consequence), std::cmp::Reverse(finding.severity), finding.layer)
        });
        findings
    }

    /// `code` or `code: detail`.
    pub(crate) fn full_code(finding: &Finding) -> String {
        match &finding.detail {
            Some(detail) => format!("{}: {detail}", finding.code),
            None => finding.code.to_owned(),
        }
    }
}
