//! SARIF 2.1.0: a rule per code, a result per finding.

use judge::{Catalogue, Finding, Severity};
use serde_json::{Value, json};

use super::escape::visible;
use super::report::Report;
use super::words::{consequence_word, severity_word};
use crate::expectation::Compared;

/// SARIF's version and the address of its schema.
const VERSION: &str = "2.1.0";
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The rule for what is not as `--expect` says; no finding's code.
const NOT_AS_EXPECTED: &str = "not_as_expected";

/// All results as one log.
pub(crate) fn sarif(reports: &[Report]) -> Value {
    let mut used: Vec<&str> = reports
        .iter()
        .flat_map(|report| report.assessment.findings.iter().map(|finding| finding.code))
        .collect();
    used.sort_unstable();
    used.dedup();
    let mut rules: Vec<Value> = used.iter().map(|code| rule(code)).collect();
    let mut results: Vec<Value> = reports
        .iter()
        .flat_map(|report| report.assessment.findings.iter().map(|finding| result(report, finding, &used)))
        .collect();
    let unmet: Vec<Value> = reports
        .iter()
        .flat_map(|report| report.unmet().map(|compared| unmet(report.domain(), compared, rules.len())))
        .collect();
    if !unmet.is_empty() {
        rules.push(json!({
            "id": NOT_AS_EXPECTED,
            "shortDescription": { "text": "Something is not as --expect says" },
            "defaultConfiguration": { "level": "error" },
        }));
        results.extend(unmet);
    }
    log(rules, results)
}

/// A log of one run of this program.
pub(crate) fn log(rules: Vec<Value>, results: Vec<Value>) -> Value {
    json!({
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [{
            "tool": { "driver": { "name": "mta-sts", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// SARIF's level for a severity.
pub(crate) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn unmet(domain: &str, compared: &Compared, rule: usize) -> Value {
    json!({
        "ruleId": NOT_AS_EXPECTED,
        "ruleIndex": rule,
        "level": "error",
        "message": { "text": visible(&format!("Not as expected: {}.", compared.words())) },
        "locations": [{
            "logicalLocations": [{ "name": domain, "fullyQualifiedName": domain, "kind": "resource" }],
        }],
        "partialFingerprints": { "subject/v1": format!("{domain}/{NOT_AS_EXPECTED}/{}", compared.what) },
        "properties": { "domain": domain },
    })
}

fn rule(code: &str) -> Value {
    let entry = Catalogue::find(code);
    let (title, when, clause) = entry.map_or((code, "", ""), |entry| (entry.title, entry.when, entry.clause));
    let severity = entry.map_or(Severity::Medium, |entry| entry.severity.enforce);
    json!({
        "id": code,
        "shortDescription": { "text": title },
        "fullDescription": { "text": if when.is_empty() { title } else { when } },
        "help": { "text": format!("Run: mta-sts explain {code}. {clause}") },
        "defaultConfiguration": { "level": level(severity) },
        "properties": { "clause": clause },
    })
}

fn result(report: &Report, finding: &Finding, used: &[&str]) -> Value {
    let message = format!("{} {} {}", finding.fact, finding.meaning, finding.remedy.text);
    let domain = report.domain();
    let subject = visible(&finding.subject);
    json!({
        "ruleId": finding.code,
        "ruleIndex": used.iter().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": { "text": visible(&message) },
        "locations": [{
            "logicalLocations": [{ "name": subject, "fullyQualifiedName": format!("{domain}/{subject}"), "kind": "resource" }],
        }],
        "partialFingerprints": {
            "subject/v1": format!("{domain}/{}/{}/{subject}", finding.code, finding.detail.as_deref().unwrap_or_default()),
        },
        "properties": {
            "domain": domain,
            "detail": finding.detail,
            "severity": severity_word(finding.severity),
            "consequence": consequence_word(finding.consequence),
            "paste": finding.remedy.paste.as_deref().map(super::escape::visible_lines),
        },
    })
}
