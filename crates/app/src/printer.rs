//! Standard output is data, standard error is talk.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::cli::ColorWord;
use crate::output::Output;
use crate::render::{Paint, visible};

/// Where results and talk go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    color: ColorWord,
    /// Results only.
    pub(crate) quiet: bool,
    /// How much more than usual.
    pub(crate) verbose: u8,
}

impl Printer {
    /// A printer by the flags.
    pub(crate) const fn new(color: ColorWord, quiet: bool, verbose: u8) -> Self {
        Self { color, quiet, verbose }
    }

    /// Where the result goes: a file, or standard output.
    pub(crate) fn open(&self, path: Option<&Path>) -> anyhow::Result<Output> {
        Output::open("--output", path)
    }

    /// Writes a whole result.
    pub(crate) fn put(&self, path: Option<&Path>, text: &str) -> anyhow::Result<()> {
        self.put_octets(path, text.as_bytes())
    }

    /// Writes a whole result that need not be text.
    pub(crate) fn put_octets(&self, path: Option<&Path>, octets: &[u8]) -> anyhow::Result<()> {
        let mut output = self.open(path)?;
        output.put(octets)?;
        output.finish()
    }

    /// Colour for what goes there.
    pub(crate) fn paint(&self, path: Option<&Path>) -> Paint {
        let to_file = path.is_some_and(|path| path != Path::new("-"));
        Paint { on: !to_file && self.colors(io::stdout().is_terminal()) }
    }

    /// Colour for talk.
    pub(crate) fn talk_paint(&self) -> Paint {
        Paint { on: self.colors(io::stderr().is_terminal()) }
    }

    /// Says something that is no result, unless quiet.
    pub(crate) fn talk(&self, text: impl Display) {
        if !self.quiet {
            // Nobody is left to be told when standard error is closed.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Says what went wrong.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let word = self.talk_paint().bold("error:");
        let _ = writeln!(io::stderr(), "{word} {}", visible(&format!("{error:#}")));
    }

    fn colors(self, terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self.color {
            ColorWord::Always => true,
            ColorWord::Never => false,
            ColorWord::Auto if set("NO_COLOR") => false,
            ColorWord::Auto => {
                std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0")
                    || (terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"))
            }
        }
    }
}
