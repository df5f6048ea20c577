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
use crate::lint::{Linted, Positions, Spotted, severity_of};

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
    let word = match (linted.kind, linted.valid) {
        (LintKind::Zone, true) => "senders accept its records",
        (LintKind::Zone, false) => "senders do not accept all of its records",
        (_, true) => "senders accept it",
        (_, false) => "senders do not accept it",
    };
    let odd = match linted.oddities.len() {
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
    let end = oddity.end.clamp(oddity.start, start + octets.len().max(oddity.start - start));
    let cut = |from: usize, to: usize| text.get(from..to.min(start + octets.len())).unwrap_or_default();
    let (before, inside) = (shown(cut(start, oddity.start)), shown(cut(oddity.start, end)));
    let after = shown(cut(end.max(start), start + octets.len()));
    let (before, after) = (tail(&before, CONTEXT), head(&after, CONTEXT));
    let inside = head(&inside, CONTEXT);
    let at = before.len();
    let column = positions.spot(oddity.start).column;
    let source =
        OneLine { name: visible(name).into_owned(), line, column, text: format!("{before}{inside}{after}") };
    let label = oddity.mend.as_deref().map_or_else(
        || "here".to_owned(),
        |mend| {
            if mend.is_empty() { "leave this out".to_owned() } else { format!("write: {}", visible(mend)) }
        },
    );
    let owner = oddity.owner.as_deref().map(|owner| format!(" at {}", visible(owner))).unwrap_or_default();
    let severity = severity_of(oddity.weight);
    let head =
        format!("{} {}{owner}: {}", severity_word(severity), visible(&oddity.code), visible(&oddity.text));
    let diagnostic = MietteDiagnostic::new(head)
        .with_severity(match oddity.weight {
            Weight::Breaks => Severity::Error,
            Weight::Disputed => Severity::Warning,
            Weight::Noted => Severity::Advice,
        })
        .with_label(LabeledSpan::at(at..at + inside.len(), label));
    let report = Report::new(diagnostic).with_source_code(source);
    let theme = if paint.on { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
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

/// How many octets are shown around the place of an oddity: lines from outside can be megabytes.
const CONTEXT: usize = 100;

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
    use crate::lint::lint_text;

    #[test]
    fn a_caret_stands_under_the_fault() {
        let text = b"version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 86400\n";
        let linted = lint_text(LintKind::Policy, text, None);
        let page = lint_human("p.txt", text, &linted, Paint { on: false }, false);
        assert!(page.contains("[p.txt:2:") && page.contains("mode: Enforce"), "{page}");
    }

    proptest! {
        #[test]
        fn nothing_hostile_is_shown(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            for kind in [LintKind::Policy, LintKind::Sts, LintKind::Tlsrpt, LintKind::Zone] {
                let linted = lint_text(kind, &text, None);
                let page = lint_human("p\x1b.txt", &text, &linted, Paint { on: false }, false);
                prop_assert!(page.chars().all(|c| c == '\n' || escaped(c).is_none()), "{page:?}");
            }
        }
    }
}
