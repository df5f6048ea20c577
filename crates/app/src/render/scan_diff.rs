//! Two scans compared: as a list of changes that can be written one by one, then the counts.

use super::escape::visible;
use super::json::{SCHEMA_VERSION, Tool, write};
use super::paint::Paint;
use crate::cli::DiffFormat;
use crate::commands::{Change, Compared};

/// What stands before the changes.
pub(crate) fn diff_head(format: DiffFormat) -> anyhow::Result<String> {
    Ok(match format {
        DiffFormat::Human => String::new(),
        DiffFormat::Json => {
            format!(
                "{{\"schema_version\":{SCHEMA_VERSION},\"tool\":{},\"changes\":[",
                write(&Tool::this(), false)?
            )
        }
    })
}

/// One change, for people.
pub(crate) fn change_human(change: &Change, paint: Paint) -> String {
    let word = |verdict: &Option<String>, mode: &Option<String>| match (verdict, mode) {
        (None, _) => "not in the list".to_owned(),
        (Some(verdict), None) => verdict.clone(),
        (Some(verdict), Some(mode)) => format!("{verdict} (mode {mode})"),
    };
    let mut text = format!(
        "{}: {} → {}\n",
        paint.bold(visible(&change.domain)),
        word(&change.verdict_before, &change.mode_before),
        word(&change.verdict_after, &change.mode_after)
    );
    for (sign, codes) in [("+", &change.gained), ("-", &change.lost)] {
        for code in codes {
            text.push_str(&format!("  {sign} {}\n", visible(code)));
        }
    }
    text
}

/// What stands after the changes: the counts.
pub(crate) fn diff_tail(format: DiffFormat, compared: &Compared, paint: Paint) -> anyhow::Result<String> {
    if format == DiffFormat::Json {
        return Ok(format!("],\"counts\":{}}}\n", write(compared, false)?));
    }
    let gap = if compared.changes() > 0 { "\n" } else { "" };
    let mut text = format!("{gap}{}\n", paint.bold("Compared"));
    for (what, count) in [
        ("names in both", compared.names_in_both),
        ("only in the later list", compared.names_added),
        ("only in the earlier list", compared.names_removed),
        ("without an answer in one", compared.not_compared),
        ("MTA-STS appeared", compared.appeared),
        ("MTA-STS vanished", compared.vanished),
        ("another verdict", compared.verdict_changed),
        ("other findings", compared.findings_changed),
    ] {
        text.push_str(&format!("  {what:<26} {count:>10}\n"));
    }
    Ok(text)
}
