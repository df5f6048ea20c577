//! How to show, resolved.

use std::path::PathBuf;

use clap::ValueEnum;
use judge::Severity;

use super::{Layers, Setting};
use crate::cli::{FailOn, Format, OutputArgs};

/// How to show, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Showing {
    /// The format.
    pub(crate) format: Setting<Format>,
    /// The threshold of the exit code.
    pub(crate) fail_on: Setting<FailOn>,
    /// The file to write to.
    pub(crate) output: Option<PathBuf>,
    /// Whether JSON is indented.
    pub(crate) pretty: bool,
    /// Whether the commands to repeat each probe by hand are shown.
    pub(crate) commands: bool,
}

impl Showing {
    /// Resolves flags, environment and file.
    pub(crate) fn resolve(args: &OutputArgs, layers: &Layers) -> anyhow::Result<Self> {
        Ok(Self {
            format: layers.pick("format", args.format, super::parse_word, || Format::Human)?,
            fail_on: layers.pick("fail-on", args.fail_on, super::parse_word, || FailOn::Medium)?,
            output: args.output.clone(),
            pretty: args.json_pretty,
            commands: args.show_commands,
        })
    }

    /// Whether a monitoring system reads the result, whatever else may be wrong with the settings.
    pub(crate) fn is_plugin(args: &OutputArgs, layers: &Layers) -> bool {
        let word = |text: &str| Format::from_str(text, true);
        layers
            .pick("format", args.format, word, || Format::Human)
            .is_ok_and(|format| format.value == Format::Nagios)
    }
}

impl FailOn {
    /// The lowest severity that counts; `None`: none does.
    pub(crate) const fn threshold(self) -> Option<Severity> {
        match self {
            Self::None => None,
            Self::Info => Some(Severity::Info),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
        }
    }

    /// Whether a finding of this severity makes the exit code 1.
    pub(crate) fn counts(self, severity: Severity) -> bool {
        self.threshold().is_some_and(|threshold| severity >= threshold)
    }
}
