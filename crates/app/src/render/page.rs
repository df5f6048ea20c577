//! Lines of at most 80 columns.

use textwrap::{Options, WordSeparator, WordSplitter};

/// The widest line, pasted text excepted, which must stay as it is.
pub(crate) const WIDTH: usize = 80;

/// The text as lines of at most [`WIDTH`] columns, each after `indent`.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    hung(text, indent, indent)
}

/// The same with another indent for the first line.
pub(crate) fn hung(text: &str, first: &str, rest: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(WordSplitter::NoHyphenation)
        // A URL broken in two can neither be clicked nor copied.
        .word_separator(if text.contains("://") {
            WordSeparator::AsciiSpace
        } else {
            WordSeparator::UnicodeBreakProperties
        })
        .break_words(!text.contains("://"));
    textwrap::fill(text, options)
}

/// The same, broken at blanks alone: paths and commands in the text stay whole words.
pub(crate) fn hung_at_blanks(text: &str, first: &str, rest: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace)
        .break_words(false);
    textwrap::fill(text, options)
}

/// The text as it is, each line that is not empty after `indent`.
pub(crate) fn indented(text: &str, indent: &str) -> String {
    let of = |line: &str| if line.is_empty() { String::new() } else { format!("{indent}{line}") };
    let lines: Vec<String> = text.lines().map(of).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_stay_whole_and_other_text_fits() {
        let url = format!("https://mta-sts.{}.example/.well-known/mta-sts.txt", "a".repeat(60));
        assert!(
            wrapped(&format!("The policy at {url} is served."), "  ").lines().any(|line| line.trim() == url)
        );
        let long = wrapped(&"x".repeat(300), "  ");
        assert!(long.lines().all(|line| line.chars().count() <= WIDTH), "{long}");
    }
}
