//! JUnit XML: one suite per domain, one case per layer.

use judge::{Finding, Layer, LayerStatus};

use super::escape::html as text;
use super::report::Report;
use super::words::{layer_name, severity_word};
use crate::cli::FailOn;
use crate::expectation::Compared;

/// All results; a case fails when its layer has a finding that `--fail-on` counts.
pub(crate) fn junit(reports: &[Report], fail_on: FailOn) -> String {
    let suites: String = reports.iter().map(|report| suite(report, fail_on)).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n{suites}</testsuites>\n")
}

fn suite(report: &Report, fail_on: FailOn) -> String {
    let mut cases: Vec<Case<'_>> = report
        .layers()
        .iter()
        .map(|layer| Case {
            name: layer.name,
            skipped: (layer.status == LayerStatus::NotTested).then_some(layer.summary.as_str()),
            findings: report.findings_of(layer.layer).collect(),
        })
        .collect();
    let across: Vec<&Finding> = report.findings_of(Layer::Across).collect();
    if !across.is_empty() {
        cases.push(Case { name: layer_name(Layer::Across), skipped: None, findings: across });
    }
    let unmet: Vec<String> = report.unmet().map(Compared::words).collect();
    let expected = !report.compared.is_empty();
    let failures = cases.iter().filter(|case| case.fails(fail_on)).count() + usize::from(!unmet.is_empty());
    let skipped = cases.iter().filter(|case| case.is_skipped(fail_on)).count();
    let domain = text(report.domain());
    let mut body: String = cases.iter().map(|case| case.write(&domain, fail_on)).collect();
    if expected {
        body.push_str(&expected_case(&domain, &unmet));
    }
    format!(
        "  <testsuite name=\"{domain}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" \
         time=\"{}\" timestamp=\"{}\">\n{body}  </testsuite>\n",
        cases.len() + usize::from(expected),
        seconds(report.evidence.millis),
        report.evidence.taken_at.strftime("%Y-%m-%dT%H:%M:%S"),
    )
}

/// The case of `--expect`.
fn expected_case(domain: &str, unmet: &[String]) -> String {
    let inside = if unmet.is_empty() {
        String::new()
    } else {
        let all = text(&unmet.join("; "));
        format!(
            "      <failure message=\"not as expected: {all}\" type=\"not_as_expected\">{all}</failure>\n"
        )
    };
    format!("    <testcase classname=\"{domain}\" name=\"Expected\" time=\"0\">\n{inside}    </testcase>\n")
}

struct Case<'a> {
    name: &'a str,
    skipped: Option<&'a str>,
    findings: Vec<&'a Finding>,
}

impl Case<'_> {
    fn fails(&self, fail_on: FailOn) -> bool {
        self.findings.iter().any(|finding| fail_on.counts(finding.severity))
    }

    fn is_skipped(&self, fail_on: FailOn) -> bool {
        self.skipped.is_some() && !self.fails(fail_on)
    }

    fn write(&self, domain: &str, fail_on: FailOn) -> String {
        let mut inside = String::new();
        let counted: Vec<&&Finding> = self.findings.iter().filter(|f| fail_on.counts(f.severity)).collect();
        if let Some(first) = counted.first() {
            let bodies: Vec<String> = counted.iter().map(|finding| body(finding)).collect();
            inside.push_str(&format!(
                "      <failure message=\"{}\" type=\"{}\">{}</failure>\n",
                text(&first.fact),
                text(first.code),
                text(&bodies.join("\n"))
            ));
        } else if let Some(because) = self.skipped {
            inside.push_str(&format!("      <skipped message=\"{}\"/>\n", text(because)));
        }
        let others: Vec<String> = self
            .findings
            .iter()
            .filter(|f| !fail_on.counts(f.severity))
            .map(|finding| body(finding))
            .collect();
        if !others.is_empty() {
            inside.push_str(&format!("      <system-out>{}</system-out>\n", text(&others.join("\n"))));
        }
        format!(
            "    <testcase classname=\"{domain}\" name=\"{}\" time=\"0\">\n{inside}    </testcase>\n",
            text(self.name)
        )
    }
}

fn body(finding: &Finding) -> String {
    let paste = finding.remedy.paste.as_deref().map(|paste| format!("\n{paste}")).unwrap_or_default();
    format!(
        "{} {} {}: {} {} {}{paste}",
        severity_word(finding.severity),
        Report::full_code(finding),
        finding.subject,
        finding.fact,
        finding.meaning,
        finding.remedy.text,
    )
}

fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
