//! CSV (RFC 4180): one row per finding; a domain without findings has one row.

use judge::Finding;

use super::escape::visible;
use super::report::Report;
use super::words::{consequence_word, layer_word, severity_word, verdict_word};
use crate::expectation::Compared;

/// The columns. They only ever grow at the end.
const COLUMNS: [&str; 14] = [
    "domain",
    "verdict",
    "code",
    "detail",
    "severity",
    "consequence",
    "layer",
    "subject",
    "fact",
    "meaning",
    "remedy",
    "clause",
    "taken_at",
    "paste",
];

/// The first line.
pub(crate) fn head() -> anyhow::Result<String> {
    rows(std::iter::once(COLUMNS.map(str::to_owned).to_vec()))
}

/// One domain's lines.
pub(crate) fn csv(report: &Report) -> anyhow::Result<String> {
    let unmet = report.unmet().map(|compared| unmet_row(report, compared));
    let findings = report.assessment.findings.iter().map(|finding| row(report, Some(finding)));
    let mut all: Vec<Vec<String>> = unmet.chain(findings).collect();
    if all.is_empty() {
        all.push(row(report, None));
    }
    rows(all.into_iter())
}

/// What is not as `--expect` says: the code is no finding's.
fn unmet_row(report: &Report, compared: &Compared) -> Vec<String> {
    let mut row = row(report, None);
    for (column, text) in
        [("code", "not_as_expected"), ("detail", compared.what), ("fact", &compared.words())]
    {
        if let Some(at) = COLUMNS.iter().position(|name| *name == column)
            && let Some(field) = row.get_mut(at)
        {
            *field = harmless(text);
        }
    }
    row
}

fn row(report: &Report, finding: Option<&Finding>) -> Vec<String> {
    let of = |field: fn(&Finding) -> String| finding.map(field).unwrap_or_default();
    [
        report.domain().to_owned(),
        verdict_word(report.assessment.verdict),
        of(|f| f.code.to_owned()),
        of(|f| f.detail.clone().unwrap_or_default()),
        of(|f| severity_word(f.severity)),
        of(|f| consequence_word(f.consequence)),
        of(|f| layer_word(f.layer)),
        of(|f| f.subject.clone()),
        of(|f| f.fact.clone()),
        of(|f| f.meaning.clone()),
        of(|f| f.remedy.text.clone()),
        of(|f| f.clause.to_owned()),
        report.evidence.taken_at.to_string(),
        of(|f| f.remedy.paste.clone().unwrap_or_default()),
    ]
    .iter()
    .map(|field| harmless(field))
    .collect()
}

/// No spreadsheet takes the field for a formula.
fn harmless(field: &str) -> String {
    let field = visible(field);
    if field.starts_with(['=', '+', '-', '@']) { format!("'{field}") } else { field.into_owned() }
}

fn rows(rows: impl Iterator<Item = Vec<String>>) -> anyhow::Result<String> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8_lossy(&writer.into_inner()?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_never_formulas() {
        let line = rows(std::iter::once(["=1+1", "a,\"b\"", "x\ny", "@SUM"].map(harmless).to_vec()))
            .expect("writes");
        assert_eq!(line, "'=1+1,\"a,\"\"b\"\"\",x\\ny,'@SUM\r\n");
    }
}
