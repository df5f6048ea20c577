//! Markdown.

use super::by_hand::by_hand;
use super::escape::{fenced, markdown as text};
use super::report::Report;
use super::words::{
    consequence_phrase, mechanism_phrase, severity_word, status_sign, status_word, verdict_word,
};

/// One domain's result.
pub(crate) fn markdown(report: &Report, commands: bool) -> String {
    let mut page = vec![
        format!("## {}: {}", text(report.domain()), verdict_word(report.assessment.verdict)),
        text(&report.assessment.summary),
    ];
    let mut layers = vec!["| | layer | seen |".to_owned(), "|---|---|---|".to_owned()];
    for layer in report.layers() {
        let (sign, word) = (status_sign(layer.status), status_word(layer.status));
        layers.push(format!("| {sign} {word} | {} | {} |", layer.name, text(&layer.summary)));
    }
    page.push(layers.join("\n"));
    if !report.compared.is_empty() {
        page.push("### Expected".to_owned());
        let lines: Vec<String> = report
            .compared
            .iter()
            .map(|compared| {
                let found = compared.found.as_deref().unwrap_or("none");
                let sign = if compared.met { "✓" } else { "✗" };
                format!(
                    "- {sign} {}: expected {}, found {}",
                    compared.what,
                    text(&compared.expected),
                    text(found)
                )
            })
            .collect();
        page.push(lines.join("\n"));
    }
    findings(&mut page, report);
    if !report.assessment.protection.is_empty() {
        page.push("### What protects mail to each MX host".to_owned());
        let mut table =
            vec!["| preference | host | protected by | |".to_owned(), "|---|---|---|---|".to_owned()];
        for host in &report.assessment.protection {
            let by = mechanism_phrase(host.mechanism);
            table.push(format!(
                "| {} | {} | {by} | {} |",
                host.preference,
                text(&host.host),
                text(&host.because)
            ));
        }
        page.push(table.join("\n"));
    }
    if !report.assessment.not_tested.is_empty() {
        page.push("### Not tested".to_owned());
        let items = report.assessment.not_tested.iter();
        let lines: Vec<String> =
            items.map(|item| format!("- {}, because {}", text(&item.subject), text(&item.because))).collect();
        page.push(lines.join("\n"));
    }
    if commands {
        page.push("### By hand".to_owned());
        let lines: Vec<String> =
            by_hand(&report.evidence).into_iter().map(|by_hand| by_hand.command).collect();
        page.push(fenced(&lines.join("\n")));
    }
    page.join("\n\n") + "\n"
}

fn findings(page: &mut Vec<String>, report: &Report) {
    let findings = report.to_do();
    if !findings.is_empty() {
        page.push("### What to do".to_owned());
    }
    for (at, finding) in findings.iter().enumerate() {
        page.push(format!(
            "{}. **{}** {} ({}): {}",
            at + 1,
            severity_word(finding.severity),
            text(&Report::full_code(finding)),
            consequence_phrase(finding.consequence),
            text(&finding.subject),
        ));
        page.push(format!("{} {}", text(&finding.fact), text(&finding.meaning)));
        page.push(format!("{} ({})", text(&finding.remedy.text), text(finding.clause)));
        page.extend(finding.remedy.paste.as_deref().map(fenced));
    }
}
