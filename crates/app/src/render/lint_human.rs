//! Oddities for people: the line, a caret, what is wrong.

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError, MietteSpanContents,
    Report, Severity, SourceCode, SourceSpan, SpanContents,
};
use protocol::Weight;

use super::escape::{escaped, visible};
use super::page::{WIDTH, wrapped};
use super::paint::Paint;
use super::words::severity_word;
use crate::cli::LintKind;
use crate::lint::{Linted, Positions, Spotted};

/// All oddities of a text, then one line on the whole.
pub(crate) fn lint_human(name: &str, text: &[u8], linted: &Linted, paint: Paint, quiet: bool) -> String {
    let positions = Positions::new(text);
    let mut page = String::new();
    if !quiet {
        for oddity in &linted.oddities {
            page.push_str(&one(name, text, &positions, oddity, paint));
            page.push('\n');
        }
    }
    if linted.more > 0 && !quiet {
        page.push_str(&format!("and {} more\n\n", linted.more));
    }
    let any = |weight| linted.oddities.iter().any(|oddity| oddity.weight == weight);
    let word = match linted.kind {
        LintKind::Zone if !linted.seen => "no MTA-STS or TLSRPT record found in it",
        LintKind::Zone if !linted.valid => "senders do not accept all of its records",
        _ if any(Weight::Breaks) => "senders do not accept it",
        _ if any(Weight::Disputed) || !linted.valid => "some senders do not accept it",
        LintKind::Zone => "senders accept its records",
        _ => "senders accept it",
    };
    let odd = match linted.oddities.len() + linted.more {
        0 => "nothing odd".to_owned(),
        1 => "1 oddity".to_owned(),
        n => format!("{n} oddities"),
    };
    let what = crate::settings::word_of(linted.kind);
    let mend = if linted.mended.is_some() && !linted.oddities.is_empty() {
        "; --fix mends what is mechanical"
    } else {
        ""
    };
    page.push_str(&paint.bold(wrapped(&format!("{} ({what}): {word}; {odd}{mend}", visible(name)), "")));
    page.push('\n');
    page
}

/// One oddity. The text around it is hostile: it is shown escaped, and the caret moves with it.
fn one(name: &str, text: &[u8], positions: &Positions<'_>, oddity: &Spotted, paint: Paint) -> String {
    let (line, start, octets) = positions.line(oddity.start);
    let octets = octets.strip_suffix(b"\r").unwrap_or(octets);
    let line_end = start + octets.len();
    let end = oddity.end.clamp(oddity.start, line_end.max(oddity.start));
    // Lines from outside can be megabytes: no more of them is looked at than could be shown.
    let cut = |from: usize, to: usize| text.get(from..to.min(line_end)).unwrap_or_default();
    let before = shown(cut(start.max(oddity.start.saturating_sub(WINDOW)), oddity.start));
    let inside = shown(cut(oddity.start, end.min(oddity.start + WINDOW)));
    let after = shown(cut(end, end + WINDOW));
    let label = label(oddity);
    let chars = |text: &str| text.chars().count();
    let whole = chars(&before) + chars(&inside) + chars(&after);
    let middle = chars(&before) + chars(&inside) / 2;
    let (before, inside, after) = if whole <= LINE && middle + chars(&label) + 10 <= WIDTH {
        (before, inside, after)
    } else {
        (tail(&before, LINE / 3), head(&inside, LINE / 3), head(&after, LINE / 3))
    };
    let at = before.len();
    let column = positions.spot(oddity.start).column;
    let source =
        OneLine { name: visible(name).into_owned(), line, column, text: format!("{before}{inside}{after}") };
    let owner = oddity.owner.as_deref().map(|owner| format!(" at {}", visible(owner))).unwrap_or_default();
    let severity = oddity.severity;
    let is_blank = octets.is_empty() && start < text.len();
    let place = if is_blank { format!(" in line {line}") } else { String::new() };
    let head = format!(
        "{} {}{owner}{place}: {}",
        severity_word(severity),
        visible(&oddity.code),
        visible(&oddity.text)
    );
    let diagnostic = MietteDiagnostic::new(head).with_severity(match severity {
        judge::Severity::High => Severity::Error,
        judge::Severity::Medium | judge::Severity::Low => Severity::Warning,
        judge::Severity::Info => Severity::Advice,
    });
    // Where a line is missing there is nothing to show.
    let report = if octets.is_empty() {
        Report::new(diagnostic)
    } else {
        let label = LabeledSpan::at(at..at + inside.len(), label);
        Report::new(diagnostic.with_label(label)).with_source_code(source)
    };
    let mut theme = if paint.on { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    // The signs of `check`.
    theme.characters.error = "✗".to_owned();
    theme.characters.warning = "!".to_owned();
    theme.characters.advice = "–".to_owned();
    let mut page = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_context_lines(0);
    if handler.render_report(&mut page, report.as_ref()).is_err() {
        // Never in practice; the words without the picture say all.
        page = format!("{}:{line}: {}\n", visible(name), visible(&oddity.text));
    }
    page
}

/// The one line that is shown of a text, escaped.
#[derive(Debug)]
struct OneLine {
    name: String,
    /// Its number, from 1.
    line: usize,
    /// The column of the oddity, from 1.
    column: usize,
    text: String,
}

impl SourceCode for OneLine {
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = SourceSpan::from(0..self.text.len());
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes(),
            whole,
            self.line.saturating_sub(1),
            self.column.saturating_sub(1),
            1,
        );
        Ok(Box::new(contents))
    }
}

/// How many octets on each side of an oddity's place are looked at: more than a line of the terminal can show.
const WINDOW: usize = 200;

/// How many columns of a line are shown: what the line number and the frame leave of [`WIDTH`].
const LINE: usize = WIDTH - 14;

/// Longest mend that is shown below a caret, in characters.
const LONGEST_MEND: usize = 28;

fn label(oddity: &Spotted) -> String {
    let Some(mend) = oddity.mend.as_deref() else { return "here".to_owned() };
    let mend = visible(mend.trim_end_matches(['\r', '\n'])).into_owned();
    match mend.chars().count() {
        0 => "leave this out".to_owned(),
        n if n > LONGEST_MEND => format!("write: {}…", head(&mend, LONGEST_MEND)),
        _ => format!("write: {mend}"),
    }
}

fn shown(octets: &[u8]) -> String {
    let mut text = String::new();
    for chunk in octets.utf8_chunks() {
        for c in chunk.valid().chars() {
            match escaped(c) {
                Some(form) => text.push_str(&form),
                None => text.push(c),
            }
        }
        for octet in chunk.invalid() {
            text.push_str(&format!("\\x{octet:02x}"));
        }
    }
    text
}

fn head(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

fn tail(text: &str, limit: usize) -> String {
    let skip = text.chars().count().saturating_sub(limit);
    text.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use judge::MaxAgeProfile;

    use crate::lint::lint_text;

    #[test]
    fn a_caret_stands_under_the_fault() {
        let text = b"version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 86400\n";
        let linted = lint_text(LintKind::Policy, text, None, MaxAgeProfile::Seed);
        let page = lint_human("p.txt", text, &linted, Paint { on: false }, false);
        assert!(page.contains("[p.txt:2:") && page.contains("mode: Enforce"), "{page}");
    }

    proptest! {
        #[test]
        fn nothing_hostile_is_shown(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            for kind in [LintKind::Policy, LintKind::Sts, LintKind::Tlsrpt, LintKind::Zone] {
                let linted = lint_text(kind, &text, None, MaxAgeProfile::Seed);
                let page = lint_human("p\x1b.txt", &text, &linted, Paint { on: false }, false);
                prop_assert!(page.chars().all(|c| c == '\n' || escaped(c).is_none()), "{page:?}");
            }
        }
    }
}
