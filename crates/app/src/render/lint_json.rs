//! Oddities as JSON, by the schema of `mta-sts schema lint`.

use serde_json::{Value, json};

use super::escape::visible;
use super::github::{annotation, command};
use super::json::{SCHEMA_VERSION, Tool};
use super::words::severity_word;
use crate::lint::{Linted, Positions, severity_of};

/// One text's oddities.
pub(crate) fn lint_json(name: &str, text: &[u8], linted: &Linted) -> Value {
    let positions = Positions::new(text);
    let oddities: Vec<Value> = linted
        .oddities
        .iter()
        .map(|oddity| {
            json!({
                "code": oddity.code,
                "weight": oddity.weight,
                "severity": severity_word(severity_of(oddity.weight)),
                "start": oddity.start,
                "end": oddity.end,
                "from": positions.spot(oddity.start),
                "to": positions.spot(oddity.end),
                "text": oddity.text,
                "mend": oddity.mend,
                "owner": oddity.owner,
            })
        })
        .collect();
    json!({
        "schema_version": SCHEMA_VERSION,
        "tool": Tool::this(),
        "path": name,
        "kind": crate::settings::word_of(linted.kind),
        "valid": linted.valid,
        "read": linted.read,
        "oddities": oddities,
        "mended": linted.mended.as_ref().map(|mended| String::from_utf8_lossy(mended)),
    })
}

/// One text's oddities as annotations for GitHub workflows.
pub(crate) fn lint_github(name: &str, text: &[u8], linted: &Linted) -> String {
    let positions = Positions::new(text);
    linted
        .oddities
        .iter()
        .map(|oddity| {
            let (from, to) = (positions.spot(oddity.start), positions.spot(oddity.end));
            let properties = [
                ("file", name),
                ("line", &from.line.to_string()),
                ("endLine", &to.line.to_string()),
                ("col", &from.column.to_string()),
                ("title", &visible(&oddity.code)),
            ];
            annotation(command(severity_of(oddity.weight)), &properties, &oddity.text)
        })
        .collect()
}
