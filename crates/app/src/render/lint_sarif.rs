//! Oddities as SARIF 2.1.0, with file, lines and columns.

use serde_json::{Value, json};

use super::escape::visible;
use super::sarif::{level, log};
use crate::lint::{Linted, Positions};

/// The oddities of texts, each with its name.
pub(crate) fn lint_sarif(texts: &[(String, Vec<u8>, Linted)]) -> Value {
    let all = || texts.iter().flat_map(|(_, _, linted)| &linted.oddities);
    let mut codes: Vec<&str> = all().map(|oddity| oddity.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| json!({ "id": code, "shortDescription": { "text": code.replace('_', " ") } }))
        .collect();
    let results = texts.iter().flat_map(|(name, text, linted)| results(name, text, linted, &codes)).collect();
    log(rules, results)
}

fn results(name: &str, text: &[u8], linted: &Linted, codes: &[&str]) -> Vec<Value> {
    let positions = Positions::new(text);
    linted
        .oddities
        .iter()
        .map(|oddity| {
            let (from, to) = (positions.spot(oddity.start), positions.spot(oddity.end));
            let region = json!({
                "startLine": from.line,
                "startColumn": from.column,
                "endLine": to.line,
                "endColumn": to.column,
                "byteOffset": oddity.start,
                "byteLength": oddity.end - oddity.start,
            });
            let mut result = json!({
                "ruleId": oddity.code,
                "ruleIndex": codes.iter().position(|code| *code == oddity.code),
                "level": level(oddity.severity),
                "message": { "text": visible(&oddity.text) },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(name) }, "region": region } }],
            });
            if let (Some(mend), Some(object)) = (&oddity.mend, result.as_object_mut()) {
                let replacement = json!({ "deletedRegion": region, "insertedContent": { "text": mend } });
                let change = json!({ "artifactLocation": { "uri": uri(name) }, "replacements": [replacement] });
                object.insert("fixes".to_owned(), json!([{ "artifactChanges": [change] }]));
            }
            result
        })
        .collect()
}

/// A file's name as a relative URI reference (RFC 3986).
fn uri(name: &str) -> String {
    let mut uri = String::new();
    for octet in name.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(octet));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
