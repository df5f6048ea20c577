//! Colour, or none. It only repeats what the words say.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};
use judge::{LayerStatus, Severity};

/// Colour, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
    /// Whether to use colour at all.
    pub(crate) on: bool,
}

impl Paint {
    /// The text in a style.
    fn with(self, style: Style, text: impl Display) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    /// Strong.
    pub(crate) fn bold(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Less important.
    pub(crate) fn dim(self, text: impl Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// To be pasted.
    pub(crate) fn paste(self, text: impl Display) -> String {
        self.with(AnsiColor::Cyan.on_default(), text)
    }

    /// In the colour of a layer's status.
    pub(crate) fn status(self, status: LayerStatus, text: impl Display) -> String {
        let style = match status {
            LayerStatus::Pass => AnsiColor::Green.on_default(),
            LayerStatus::Warn => AnsiColor::Yellow.on_default(),
            LayerStatus::Fail => AnsiColor::Red.on_default().bold(),
            LayerStatus::NotTested => Style::new().dimmed(),
        };
        self.with(style, text)
    }

    /// In the colour of a severity.
    pub(crate) fn severity(self, severity: Severity, text: impl Display) -> String {
        let style = match severity {
            Severity::High => AnsiColor::Red.on_default().bold(),
            Severity::Medium => AnsiColor::Yellow.on_default(),
            Severity::Low => AnsiColor::Blue.on_default(),
            Severity::Info => Style::new().dimmed(),
        };
        self.with(style, text)
    }
}
