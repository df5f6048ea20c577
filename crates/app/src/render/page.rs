//! Lines of at most 80 columns.

use textwrap::{Options, WordSplitter};

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
        .break_words(true);
    textwrap::fill(text, options)
}

/// The text as it is, each line after `indent`.
pub(crate) fn indented(text: &str, indent: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}
