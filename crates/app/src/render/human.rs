//! For people: the verdict first, then the layers, then what to do, then what was not tested.

use std::borrow::Cow;

use judge::{Finding, MxProtection};

use super::by_hand::by_hand;
use super::escape::{visible, visible_lines};
use super::json::steps;
use super::page::{hung, indented, wrapped};
use super::paint::Paint;
use super::report::Report;
use super::words::{
    attack_phrase, consequence_phrase, mechanism_phrase, severity_word, status_sign, status_word,
    verdict_word,
};

/// How much to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling {
    /// Colour, or none.
    pub(crate) paint: Paint,
    /// The verdict line alone.
    pub(crate) quiet: bool,
    /// Also the evidence and the timings.
    pub(crate) verbose: bool,
    /// Also how to repeat each probe by hand.
    pub(crate) commands: bool,
}

/// One domain's result.
pub(crate) fn human(report: &Report, telling: Telling) -> String {
    let mut page = Vec::new();
    page.push(verdict_line(report, telling.paint));
    if telling.quiet {
        return page.join("\n") + "\n";
    }
    page.push(wrapped(&visible(&report.assessment.summary), "  "));
    page.push(String::new());
    page.extend(report.layers().iter().map(|layer| layer_lines(layer, telling.paint)));
    expectations(&mut page, report);
    to_do(&mut page, report, telling);
    protection(&mut page, report, telling);
    not_tested(&mut page, report, telling.paint);
    if telling.commands {
        commands(&mut page, report, telling.paint);
    }
    if telling.verbose {
        seen(&mut page, report, telling.paint);
        timings(&mut page, report, telling.paint);
    }
    page.join("\n") + "\n"
}

/// What each layer's result rests on, as it was received.
fn seen(page: &mut Vec<String>, report: &Report, paint: Paint) {
    page.push(String::new());
    page.push(paint.bold("What was seen"));
    for layer in report.layers().iter().filter(|layer| !layer.evidence.is_empty()) {
        page.push(format!("  {}", layer.name));
        for item in &layer.evidence {
            let label = format!("     {}: ", visible(&item.label));
            // A text of several lines, such as a policy, keeps them.
            page.push(if item.text.contains('\n') {
                paint.dim(format!(
                    "{}\n{}",
                    label.trim_end(),
                    indented(&visible_lines(&item.text.replace('\r', "")), "       ")
                ))
            } else {
                paint.dim(hung(&visible(&item.text), &label, "       "))
            });
        }
    }
}

fn verdict_line(report: &Report, paint: Paint) -> String {
    let unicode = report.assessment.domain.to_unicode();
    // The A-label form first: that is what is compared, and it cannot look like another name.
    let readable =
        if unicode == report.domain() { String::new() } else { format!(" ({})", visible(&unicode)) };
    paint.bold(format!("{}{readable}: {}", visible(report.domain()), verdict_word(report.assessment.verdict)))
}

fn layer_lines(layer: &judge::LayerReport, paint: Paint) -> String {
    let status = format!("{} {:<10}", status_sign(layer.status), status_word(layer.status));
    let lines = hung(&visible(&layer.summary), &format!("  {status}  {:<22} ", layer.name), &" ".repeat(39));
    lines.replacen(&status, &paint.status(layer.status, &status), 1)
}

fn expectations(page: &mut Vec<String>, report: &Report) {
    if !report.compared.is_empty() {
        page.push(String::new());
    }
    for compared in &report.compared {
        let found = compared.found.as_deref().unwrap_or("none");
        let sign = if compared.met { "✓ as expected:" } else { "✗ not as expected:" };
        page.push(wrapped(
            &format!(
                "{sign} {} is {}{}",
                compared.what,
                visible(found),
                if compared.met {
                    String::new()
                } else {
                    format!(", expected {}", visible(&compared.expected))
                }
            ),
            "  ",
        ));
    }
}

fn to_do(page: &mut Vec<String>, report: &Report, telling: Telling) {
    let findings = report.to_do();
    if findings.is_empty() {
        return;
    }
    page.push(String::new());
    page.push(telling.paint.bold("What to do"));
    for (at, finding) in findings.iter().enumerate() {
        page.push(finding_lines(at + 1, finding, telling));
    }
}

fn finding_lines(number: usize, finding: &Finding, telling: Telling) -> String {
    let paint = telling.paint;
    let severity = severity_word(finding.severity);
    let head = format!("{severity}  {}", visible(&Report::full_code(finding)));
    let mut lines = vec![
        hung(&head, &format!("{number:>3}. "), "     ").replacen(
            &severity,
            &paint.severity(finding.severity, &severity),
            1,
        ),
        wrapped(
            &format!("{}: {}", visible(&finding.subject), consequence_phrase(finding.consequence)),
            "     ",
        ),
        wrapped(&format!("{} {}", visible(&finding.fact), visible(&finding.meaning)), "     "),
        hung(&visible(&finding.remedy.text), "     → ", "       "),
    ];
    if let Some(paste) = &finding.remedy.paste {
        lines.push(paint.paste(indented(&visible_lines(paste), "         ")));
    }
    if telling.verbose {
        for item in &finding.evidence {
            let label = format!("     seen: {}: ", visible(&item.label));
            lines.push(paint.dim(hung(&visible(&item.text), &label, "       ")));
        }
        let more = format!("{}; mta-sts explain {}", finding.clause, visible(&finding.docs));
        lines.push(paint.dim(wrapped(&more, "     ")));
    }
    lines.join("\n")
}

fn protection(page: &mut Vec<String>, report: &Report, telling: Telling) {
    if report.assessment.protection.is_empty() {
        return;
    }
    page.push(String::new());
    page.push(telling.paint.bold("What protects mail to each MX host"));
    for host in &report.assessment.protection {
        page.push(protection_lines(host, telling));
    }
}

fn protection_lines(host: &MxProtection, telling: Telling) -> String {
    let paths = match host.deliverable {
        Some(true) => "",
        Some(false) => "; senders that honour what is published cannot deliver to it",
        None => "",
    };
    let head =
        format!("{} {}: {}{paths}", host.preference, visible(&host.host), mechanism_phrase(host.mechanism));
    let mut lines = vec![hung(&head, "  ", "     "), wrapped(&visible(&host.because), "     ")];
    if telling.verbose {
        for protects in &host.protects {
            let sign = if protects.stopped { "✓ stops" } else { "✗ does not stop" };
            let text = format!("{sign} {}: {}", attack_phrase(protects.attack), visible(&protects.how));
            lines.push(hung(&text, "     ", "       "));
        }
    }
    lines.join("\n")
}

fn not_tested(page: &mut Vec<String>, report: &Report, paint: Paint) {
    if report.assessment.not_tested.is_empty() {
        return;
    }
    page.push(String::new());
    page.push(paint.bold("Not tested"));
    for (because, subjects) in by_reason(report) {
        let text = format!("{}, because {}", visible(&subjects.join("; ")), visible(&because));
        page.push(hung(&text, "  – ", "    "));
    }
}

/// What was not tested, each reason once: trouble with the resolver first, since others follow from it.
fn by_reason(report: &Report) -> Vec<(Cow<'_, str>, Vec<&str>)> {
    let mut reasons: Vec<(Cow<'_, str>, Vec<&str>)> = Vec::new();
    for item in &report.assessment.not_tested {
        // All that a profile leaves out has one reason, whatever the words.
        let because = match item.because.split_once(" leaves out ") {
            Some((profile, _)) if profile.starts_with("the profile ") => {
                Cow::Owned(format!("{profile} leaves them out"))
            }
            _ => Cow::Borrowed(item.because.as_str()),
        };
        match reasons.iter_mut().find(|(reason, _)| *reason == because) {
            Some((_, subjects)) => subjects.push(&item.subject),
            None => reasons.push((because, vec![&item.subject])),
        }
    }
    reasons.sort_by_key(|(_, subjects)| !subjects.contains(&"the resolver"));
    reasons
}

fn commands(page: &mut Vec<String>, report: &Report, paint: Paint) {
    page.push(String::new());
    page.push(paint.bold("By hand"));
    for by_hand in by_hand(&report.evidence) {
        page.push(wrapped(&format!("{}:", by_hand.probe), "  "));
        page.push(paint.paste(indented(&visible(&by_hand.command), "    ")));
    }
}

fn timings(page: &mut Vec<String>, report: &Report, paint: Paint) {
    page.push(String::new());
    page.push(paint.bold(format!("Timings: {} ms in all", report.evidence.millis)));
    for step in steps(&report.evidence) {
        page.push(hung(&visible(&step.what), &format!("  {:>6} ms  ", step.millis), "             "));
    }
}
