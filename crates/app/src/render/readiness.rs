//! The gates of `ready`.

use jiff::Timestamp;
use judge::{Gate, Readiness};
use protocol::observed::Evidence;
use serde::Serialize;

use super::escape::{markdown as text, visible};
use super::json::{Inputs, SCHEMA_VERSION, Tool};
use super::page::{hung, wrapped};
use super::paint::Paint;
use super::words::{gate_as_layer, status_sign, status_word};

/// For people.
pub(crate) fn readiness_human(readiness: &Readiness, paint: Paint, quiet: bool) -> String {
    let word = if readiness.ready { "ready to enforce" } else { "not ready to enforce" };
    let mut page = vec![paint.bold(format!("{}: {word}", visible(readiness.domain.as_str())))];
    if quiet {
        return page.concat() + "\n";
    }
    page.push(wrapped(&visible(&readiness.summary), "  "));
    page.push(String::new());
    for gate in &readiness.gates {
        let status = gate_as_layer(gate.status);
        let sign = format!("{} {:<10}", status_sign(status), status_word(status));
        page.push(hung(gate.question, &format!("  {sign}  "), "                ").replacen(
            &sign,
            &paint.status(status, &sign),
            1,
        ));
        page.push(wrapped(&visible(&gate.evidence), "                "));
        if let Some(remedy) = &gate.remedy {
            page.push(hung(&visible(&remedy.text), "              → ", "                "));
            let pasted = remedy.paste.iter().flat_map(|paste| paste.lines());
            page.extend(pasted.map(|line| format!("                  {}", visible(line))));
        }
        if !gate.findings.is_empty() {
            let codes = format!("mta-sts explain {}", gate.findings.join(", "));
            page.push(paint.dim(wrapped(&codes, "                ")));
        }
    }
    page.join("\n") + "\n"
}

/// Markdown.
pub(crate) fn readiness_markdown(readiness: &Readiness) -> String {
    let word = if readiness.ready { "ready to enforce" } else { "not ready to enforce" };
    let mut page =
        format!("## {}: {word}\n\n{}\n\n", text(readiness.domain.as_str()), text(&readiness.summary));
    page.push_str("| | gate | seen | to do |\n|---|---|---|---|\n");
    for gate in &readiness.gates {
        let status = gate_as_layer(gate.status);
        page.push_str(&format!(
            "| {} {} | {} | {} | {} |\n",
            status_sign(status),
            status_word(status),
            text(gate.question),
            text(&gate.evidence),
            text(gate.remedy.as_ref().map(|remedy| remedy.text.as_str()).unwrap_or_default())
        ));
    }
    page
}

/// JSON, by the schema of `mta-sts schema ready`.
#[derive(Serialize)]
pub(crate) struct ReadinessDocument<'a> {
    schema_version: u32,
    tool: Tool,
    domain: &'a str,
    taken_at: Timestamp,
    ready: bool,
    summary: &'a str,
    gates: &'a [Gate],
    inputs: Inputs<'a>,
}

/// The gates, as they are written.
pub(crate) fn readiness_json<'a>(readiness: &'a Readiness, evidence: &'a Evidence) -> ReadinessDocument<'a> {
    ReadinessDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        domain: readiness.domain.as_str(),
        taken_at: evidence.taken_at,
        ready: readiness.ready,
        summary: &readiness.summary,
        gates: &readiness.gates,
        inputs: Inputs::of(evidence),
    }
}
