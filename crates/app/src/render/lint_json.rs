//! Oddities as JSON, by the schema of `mta-sts schema lint`.

use std::borrow::Cow;

use judge::Severity;
use protocol::Weight;
use serde::Serialize;
use serde_json::Value;

use super::escape::visible;
use super::github::{annotation, command};
use super::json::{SCHEMA_VERSION, Tool};
use crate::lint::{Linted, Positions, Spot, severity_of};
use crate::settings::word_of;

/// One text's oddities, as they are written.
#[derive(Serialize)]
pub(crate) struct LintDocument<'a> {
    schema_version: u32,
    tool: Tool,
    path: &'a str,
    kind: String,
    valid: bool,
    read: Option<&'a Value>,
    oddities: Vec<Placed<'a>>,
    mended: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Placed<'a> {
    code: &'a str,
    weight: Weight,
    severity: Severity,
    start: usize,
    end: usize,
    from: Spot,
    to: Spot,
    text: &'a str,
    mend: Option<&'a str>,
    owner: Option<&'a str>,
}

/// One text's oddities.
pub(crate) fn lint_json<'a>(name: &'a str, text: &[u8], linted: &'a Linted) -> LintDocument<'a> {
    let positions = Positions::new(text);
    LintDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        path: name,
        kind: word_of(linted.kind),
        valid: linted.valid,
        read: linted.read.as_ref(),
        oddities: linted
            .oddities
            .iter()
            .map(|oddity| Placed {
                code: &oddity.code,
                weight: oddity.weight,
                severity: severity_of(oddity.weight),
                start: oddity.start,
                end: oddity.end,
                from: positions.spot(oddity.start),
                to: positions.spot(oddity.end),
                text: &oddity.text,
                mend: oddity.mend.as_deref(),
                owner: oddity.owner.as_deref(),
            })
            .collect(),
        mended: linted.mended.as_ref().map(|mended| String::from_utf8_lossy(mended)),
    }
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
