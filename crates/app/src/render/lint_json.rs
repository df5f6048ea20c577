//! Oddities as JSON, by the schema of `mta-sts schema lint`.

use std::borrow::Cow;

use judge::Severity;
use protocol::Weight;
use serde::Serialize;
use serde_json::Value;

use super::escape::visible;
use super::github::{annotation, command};
use super::json::{SCHEMA_VERSION, Tool};
use crate::lint::{Linted, Positions, Spot};
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
    more: usize,
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
                severity: oddity.severity,
                start: oddity.start,
                end: oddity.end,
                from: positions.spot(oddity.start),
                to: positions.spot(oddity.end),
                text: &oddity.text,
                mend: oddity.mend.as_deref(),
                owner: oddity.owner.as_deref(),
            })
            .collect(),
        more: linted.more,
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
            // A line end at the end of the place belongs to its line.
            let place = text.get(oddity.start..oddity.end).unwrap_or_default();
            let end = oddity.start + place.trim_ascii_end().len();
            let (from, to) = (positions.spot(oddity.start), positions.spot(end));
            let (line, end_line) = (from.line.to_string(), to.line.to_string());
            let (column, end_column) = (from.column.to_string(), to.column.saturating_sub(1).to_string());
            let title = visible(&oddity.code);
            let mut properties =
                vec![("file", name), ("line", &line), ("endLine", &end_line), ("col", &column)];
            if from.line == to.line && to.column > from.column {
                properties.push(("endColumn", &end_column));
            }
            properties.push(("title", &title));
            annotation(command(oddity.severity), &properties, &oddity.text)
        })
        .collect()
}
