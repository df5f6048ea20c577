//! Annotations for GitHub workflows.

use judge::Severity;

use super::escape::visible;
use super::report::Report;

/// One domain's annotations.
pub(crate) fn github(report: &Report) -> String {
    report
        .to_do()
        .into_iter()
        .map(|finding| {
            let title = format!("{}: {}", report.domain(), Report::full_code(finding));
            let message =
                format!("{}: {} {} {}", finding.subject, finding.fact, finding.meaning, finding.remedy.text);
            annotation(command(finding.severity), &[("title", &title)], &message)
        })
        .collect()
}

/// The command for a severity.
pub(crate) const fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    }
}

/// One annotation, a line.
pub(crate) fn annotation(command: &str, properties: &[(&str, &str)], message: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| {
            format!("{name}={}", data(&visible(value)).replace(':', "%3A").replace(',', "%2C"))
        })
        .collect();
    format!("::{command} {}::{}\n", properties.join(","), data(&visible(message)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_one_line_and_cannot_start_another() {
        assert_eq!(
            annotation("error", &[("title", "a:b,c"), ("line", "3")], "100% \n::warning::x"),
            "::error title=a%3Ab%2Cc,line=3::100%25 \\n::warning::x\n"
        );
    }
}
