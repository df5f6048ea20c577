//! Verdicts of many domains, for people.

use std::collections::BTreeMap;

use judge::Severity;

use super::escape::visible;
use super::paint::Paint;
use super::words::severity_word;

/// Codes shown of one domain; the rest is counted.
const CODES: usize = 6;

/// What is told of one domain.
pub(crate) struct VerdictLine<'a> {
    /// The domain.
    pub(crate) domain: &'a str,
    /// Its verdict.
    pub(crate) verdict: &'a str,
    /// The worst of the findings.
    pub(crate) worst: Option<Severity>,
    /// The findings, as `code` or `code:detail`.
    pub(crate) codes: &'a [String],
}

/// One domain on a line: name, verdict, the worst severity, the findings.
pub(crate) fn verdict_line(line: &VerdictLine<'_>, paint: Paint) -> String {
    let worst = line.worst.map_or_else(|| "-".to_owned(), severity_word);
    let codes: Vec<&str> = line.codes.iter().take(CODES).map(String::as_str).collect();
    let more = line.codes.len().saturating_sub(CODES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let codes = visible(&codes.join(" ")).into_owned() + &more;
    let verdict = paint.bold(format!("{:<21}", line.verdict));
    format!("{:<40} {verdict} {worst:<6} {codes}\n", visible(line.domain)).replace(" \n", "\n")
}

/// How many names have each verdict.
pub(crate) fn verdict_counts(counts: &BTreeMap<String, u64>, paint: Paint) -> String {
    if counts.is_empty() {
        return "no name has been asked for yet\n".to_owned();
    }
    let lines: Vec<String> =
        counts.iter().map(|(verdict, count)| format!("  {verdict:<40}{count:>11}\n")).collect();
    format!("\n{}\n{}", paint.bold("Verdicts"), lines.concat())
}
