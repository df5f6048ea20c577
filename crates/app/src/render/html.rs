//! One self-contained HTML page: no script, nothing fetched.

use super::by_hand::by_hand;
use super::escape::html as text;
use super::report::Report;
use super::words::{
    consequence_phrase, mechanism_phrase, severity_word, status_sign, status_word, verdict_word,
};

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #8884;padding:.3rem .6rem;text-align:left;\
vertical-align:top}pre{background:#8882;padding:.6rem;overflow-x:auto}section{margin-bottom:3rem}\
.fail,.HIGH{font-weight:bold}footer{opacity:.7}";

/// All results on one page.
pub(crate) fn html(reports: &[Report], commands: bool) -> String {
    let sections: String = reports.iter().map(|report| section(report, commands)).collect();
    let names: Vec<&str> = reports.iter().map(Report::domain).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>MTA-STS: {}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{sections}</main>\n<footer><p>{}</p></footer>\n</body>\n</html>\n",
        text(&names.join(", ")),
        text(&crate::tool())
    )
}

fn section(report: &Report, commands: bool) -> String {
    let assessment = &report.assessment;
    let mut page = format!(
        "<section>\n<h1>{}: {}</h1>\n<p>{}</p>\n<p>Looked at {} from {}.</p>\n",
        text(report.domain()),
        verdict_word(assessment.verdict),
        text(&assessment.summary),
        report.evidence.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        text(&report.evidence.vantage.name),
    );
    page.push_str("<table>\n<tr><th>Status</th><th>Layer</th><th>Seen</th></tr>\n");
    for layer in report.layers() {
        let word = status_word(layer.status);
        page.push_str(&format!(
            "<tr class=\"{}\"><td>{} {word}</td><td>{}</td><td>{}</td></tr>\n",
            word.replace(' ', "-"),
            status_sign(layer.status),
            text(layer.name),
            text(&layer.summary)
        ));
    }
    page.push_str("</table>\n");
    page.push_str(&findings(report));
    page.push_str(&list(
        "Expected",
        report.compared.iter().map(|compared| {
            let found = compared.found.as_deref().unwrap_or("none");
            let sign = if compared.met { "✓" } else { "✗" };
            format!("{sign} {}: expected {}, found {}", compared.what, text(&compared.expected), text(found))
        }),
    ));
    page.push_str(&list(
        "What protects mail to each MX host",
        assessment.protection.iter().map(|host| {
            let by = mechanism_phrase(host.mechanism);
            format!("{} {}: {by}. {}", host.preference, text(&host.host), text(&host.because))
        }),
    ));
    page.push_str(&list(
        "Not tested",
        assessment
            .not_tested
            .iter()
            .map(|item| format!("{}, because {}", text(&item.subject), text(&item.because))),
    ));
    if commands {
        let lines: Vec<String> =
            by_hand(&report.evidence).into_iter().map(|by_hand| by_hand.command).collect();
        page.push_str(&format!("<h2>By hand</h2>\n<pre>{}</pre>\n", text(&lines.join("\n"))));
    }
    page.push_str("</section>\n");
    page
}

fn findings(report: &Report) -> String {
    let findings = report.to_do();
    if findings.is_empty() {
        return String::new();
    }
    let mut page = String::from("<h2>What to do</h2>\n<ol>\n");
    for finding in findings {
        let severity = severity_word(finding.severity);
        page.push_str(&format!(
            "<li>\n<p><span class=\"{severity}\">{severity}</span> <code>{}</code> {}: {}</p>\n<p>{} {}</p>\n\
             <p>{} ({})</p>\n",
            text(&Report::full_code(finding)),
            text(&finding.subject),
            consequence_phrase(finding.consequence),
            text(&finding.fact),
            text(&finding.meaning),
            text(&finding.remedy.text),
            text(finding.clause)
        ));
        if let Some(paste) = &finding.remedy.paste {
            page.push_str(&format!("<pre>{}</pre>\n", text(paste)));
        }
        page.push_str("</li>\n");
    }
    page + "</ol>\n"
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{item}</li>\n")).collect();
    if items.is_empty() { items } else { format!("<h2>{title}</h2>\n<ul>\n{items}</ul>\n") }
}
