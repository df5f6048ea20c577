//! `scan judge` for people: a line for each surveyed domain, then the verdicts counted.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use outside::Swept;

use super::flatten::{full_code, judged, verdict_of};
use super::rows::Rows;
use crate::cli::WritingArgs;
use crate::commands::Context;
use crate::render::{VerdictLine, verdict_counts, verdict_line, verdict_word};
use crate::settings::Scale;

/// Shows the verdicts, each as soon as it is there.
pub(super) async fn verdicts(
    rows: &Rows,
    writing: &WritingArgs,
    scale: &Scale,
    context: &Context,
) -> anyhow::Result<()> {
    let path = writing.output.as_deref();
    let (mut output, paint) = (context.printer.open(path)?, context.printer.paint(path));
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut stream = rows.stream()?;
    while let Some(row) = stream.next().await {
        let row = row?;
        if writing.hits && !row.swept.is_hit() {
            continue;
        }
        let assessment = judged(&row, scale);
        let verdict = match (verdict_of(&row, assessment.as_ref()), &row.swept) {
            (Some(verdict), _) => verdict_word(verdict),
            (None, Swept::Excluded) => "excluded".to_owned(),
            (None, Swept::Failed(_)) => "no answer".to_owned(),
            (None, _) => "not surveyed".to_owned(),
        };
        if let Some(assessment) = &assessment {
            let mut codes: Vec<String> = assessment.findings.iter().map(full_code).collect();
            codes.dedup();
            let worst = assessment.findings.iter().map(|finding| finding.severity).max();
            let line = VerdictLine { domain: row.domain.as_str(), verdict: &verdict, worst, codes: &codes };
            output.put(verdict_line(&line, paint).as_bytes())?;
        }
        *counts.entry(verdict).or_default() += 1;
    }
    output.put(verdict_counts(&counts, paint).as_bytes())?;
    output.finish()
}
