//! Annotations for GitHub workflows.

use judge::Severity;

use super::escape::{visible, visible_lines};
use super::report::Report;

/// One domain's annotations.
pub(crate) fn github(report: &Report) -> String {
    let unmet = report.unmet().map(|compared| {
        let title = format!("{}: not as expected", report.domain());
        annotation("error", &[("title", &title)], &compared.words())
    });
    let findings = report.to_do().into_iter().map(|finding| {
        let title = format!("{}: {}", report.domain(), Report::full_code(finding));
        let message =
            format!("{}: {} {} {}", finding.subject, finding.fact, finding.meaning, finding.remedy.text);
        let paste = finding.remedy.paste.as_deref();
        annotation_to_paste(command(finding.severity), &[("title", &title)], &message, paste)
    });
    unmet.chain(findings).collect()
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
    annotation_to_paste(command, properties, message, None)
}

/// The same with something to paste, shown on lines of its own.
fn annotation_to_paste(
    command: &str,
    properties: &[(&str, &str)],
    message: &str,
    paste: Option<&str>,
) -> String {
    let paste = paste.map(|paste| format!("\n\n{}", visible_lines(paste))).unwrap_or_default();
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| {
            format!("{name}={}", data(&visible(value)).replace(':', "%3A").replace(',', "%2C"))
        })
        .collect();
    format!("::{command} {}::{}{}\n", properties.join(","), data(&visible(message)), data(&paste))
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
        assert_eq!(
            annotation_to_paste("error", &[], "x", Some("a\n::warning::b\x1b")),
            "::error ::x%0A%0Aa%0A::warning::b\\x1b\n"
        );
    }
}
