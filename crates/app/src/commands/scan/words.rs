//! What a scan says of itself.

use std::fmt::Write as _;

use scan::{Failures, Intake, Plan, Progress, Stage, Standing, Tally};

use crate::render::visible;

/// How far it is, on one line.
pub(super) fn progress(progress: &Progress) -> String {
    let standing = &progress.standing;
    let mut line = format!("{} of {}", standing.swept, standing.intake.names);
    if !standing.loaded {
        line.push('+');
    }
    let _ = write!(line, " names, {:.0}/s, {} hits", progress.rate, standing.hits);
    if standing.surveyed > 0 || progress.surveys > 0 {
        let _ = write!(line, ", {} surveyed", standing.surveyed);
    }
    if standing.failed.total() > 0 {
        let _ =
            write!(line, ", {} without an answer ({})", standing.failed.total(), failures(&standing.failed));
    }
    if let Some(left) = progress.time_left.filter(|left| !left.is_zero()) {
        let _ = write!(line, ", {} left", span(left.as_secs()));
    }
    if !progress.silent.is_empty() {
        let silent: Vec<String> = progress.silent.iter().map(ToString::to_string).collect();
        let _ = write!(line, "; no answer from {}", silent.join(", "));
    }
    for trouble in &progress.troubles {
        let _ = write!(line, "; {trouble}");
    }
    line
}

/// What came of it, and where it is kept.
pub(super) fn summary(standing: &Standing, plan: &Plan, place: Option<&str>) -> String {
    let intake = &standing.intake;
    let list = if plan.list == "-" { "standard input" } else { &plan.list };
    let mut text = format!("{}: {}\n", visible(list), count(intake.names, "name"));
    let mut line = |what: &str, number: u64, more: String| {
        let _ = writeln!(
            text,
            "  {what:18} {number:>10}{}",
            if more.is_empty() { more } else { format!("  {more}") }
        );
    };
    line(
        "asked",
        standing.swept.saturating_sub(standing.excluded),
        if standing.loaded { String::new() } else { "the list was not read to its end".into() },
    );
    if standing.failed.total() > 0 {
        line("without an answer", standing.failed.total(), failures(&standing.failed));
    }
    if standing.excluded > 0 {
        line("excluded", standing.excluded, "after they were taken from the list".into());
    }
    line("with a record", standing.hits, String::new());
    if plan.stage == Stage::Full {
        line("surveyed", standing.surveyed, String::new());
        if standing.excluded_hits > 0 {
            line("not surveyed", standing.excluded_hits, "excluded".into());
        }
    }
    text.push_str(&left_out(intake));
    if let Some(place) = place {
        let _ = writeln!(text, "kept in {}", visible(place));
    }
    text
}

/// What was not taken from the list.
fn left_out(intake: &Intake) -> String {
    let mut text = String::new();
    let mut line = |what: &str, tally: &Tally| {
        let examples: Vec<String> = tally
            .examples
            .iter()
            .map(|example| format!("line {} {}", example.line, visible(&example.text)))
            .collect();
        let _ = writeln!(text, "  {:>10} {what}: {}", tally.count, examples.join("; "));
    };
    if intake.duplicates.count > 0 {
        line("duplicates", &intake.duplicates);
    }
    if intake.excluded.count > 0 {
        line("excluded", &intake.excluded);
    }
    for (junk, tally) in &intake.junk {
        line(junk.words(), tally);
    }
    if text.is_empty() { text } else { format!("not taken from the list:\n{text}") }
}

fn failures(failed: &Failures) -> String {
    let kinds = [
        (failed.timeout, "timeout"),
        (failed.serv_fail, "SERVFAIL"),
        (failed.refused, "REFUSED"),
        (failed.malformed, "malformed"),
        (failed.unsent, "not sent"),
    ];
    let words: Vec<String> =
        kinds.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    words.join(", ")
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
