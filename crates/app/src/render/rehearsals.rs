//! Lab scenarios: the table of the showcase, and expected against found.

use super::escape::visible;
use super::page::{hung, wrapped};
use super::paint::Paint;
use super::report::Report;
use super::words::verdict_word;
use crate::commands::Rehearsal;

/// The table of verdicts that ends `check --lab`.
pub(crate) fn showcase_table(rehearsals: &[Rehearsal], paint: Paint) -> String {
    let longest = rehearsals.iter().map(|rehearsal| rehearsal.report.domain().len()).max().unwrap_or(0);
    let mut page = vec![
        wrapped("The lab: a small false internet on this machine, each domain with one fault or none.", ""),
        String::new(),
        paint.bold(format!("{:<longest$}  verdict", "domain")),
    ];
    for rehearsal in rehearsals {
        let report = &rehearsal.report;
        let verdict = verdict_word(report.assessment.verdict);
        page.push(format!("{:<longest$}  {verdict}", visible(report.domain())));
        let codes: Vec<String> = report.to_do().into_iter().map(Report::full_code).collect();
        if !codes.is_empty() {
            page.push(paint.dim(wrapped(&visible(&codes.join(", ")), "    ")));
        }
    }
    let good = rehearsals.iter().filter(|rehearsal| rehearsal.as_expected()).count();
    page.push(String::new());
    page.push(format!("{good} of {} domains judged as the lab expects.", rehearsals.len()));
    if let Some(rehearsal) = rehearsals.iter().find(|r| !r.report.assessment.findings.is_empty()) {
        let domain = visible(rehearsal.report.domain()).into_owned();
        page.push(format!("One of them in full: mta-sts check --lab {domain}"));
    }
    page.join("\n") + "\n"
}

/// One scenario, expected against found.
pub(crate) fn rehearsal_lines(rehearsal: &Rehearsal, paint: Paint) -> String {
    let report = &rehearsal.report;
    let verdict = verdict_word(report.assessment.verdict);
    let name = &rehearsal.scenario.name;
    if rehearsal.as_expected() {
        let codes: Vec<String> = report.to_do().into_iter().map(Report::full_code).collect();
        let codes = if codes.is_empty() { "no findings".to_owned() } else { codes.join(", ") };
        return hung(&visible(&codes), &format!("✓ {name}: {verdict}: "), "    ") + "\n";
    }
    let mut page = vec![paint.bold(format!("✗ {name}: not as expected"))];
    if let Some(found) = rehearsal.other_verdict() {
        let expected = rehearsal.scenario.verdict.as_deref().unwrap_or_default();
        page.push(format!("    verdict: expected {expected}, found {found}"));
    }
    for code in &rehearsal.lacking {
        page.push(format!("    expected, not found: {code}"));
    }
    for code in &rehearsal.surplus {
        page.push(format!("    found, not expected: {}", visible(code)));
        for finding in report.assessment.findings.iter().filter(|f| Report::full_code(f) == *code) {
            page.push(hung(&visible(&finding.fact), "      ", "      "));
        }
    }
    page.join("\n") + "\n"
}
