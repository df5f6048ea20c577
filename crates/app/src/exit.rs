//! What the process says when it ends.

use std::process::ExitCode;

/// The documented exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// 0: all good, by the threshold of `--fail-on`.
    Good,
    /// 1: findings at or above the threshold.
    Findings,
    /// 2: the command line is wrong.
    Usage,
    /// 3: could not check: trouble of our own network or resolver, not of the domain.
    CouldNotCheck,
    /// 4: not ready for enforce.
    NotReady,
    /// 5: something is not as `--expect` says.
    Expectation,
    /// 6: the configuration file or the environment is wrong.
    Configuration,
    /// 7: a scan came to its end, but some names had no answer.
    Partial,
    /// 70: a fault of this program or of the machine it runs on.
    Internal,
    /// 130: interrupted.
    Interrupted,
    /// The code of a Nagios plugin.
    Plugin(u8),
}

impl ExitStatus {
    /// Of the results of two domains the one that counts: not as expected, then findings, then what could not be
    /// checked, so that trouble with one domain never hides a finding of another.
    pub(crate) const fn or_worse(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }

    const fn weight(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::CouldNotCheck => 1,
            Self::NotReady => 2,
            Self::Findings => 3,
            Self::Expectation => 4,
            Self::Usage
            | Self::Configuration
            | Self::Partial
            | Self::Internal
            | Self::Interrupted
            | Self::Plugin(_) => 5,
        }
    }

    /// Why an end came early, in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::Internal => "internal error",
            _ => "ended early",
        }
    }

    /// The number given to the operating system.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::CouldNotCheck => 3,
            Self::NotReady => 4,
            Self::Expectation => 5,
            Self::Configuration => 6,
            Self::Partial => 7,
            Self::Internal => 70,
            Self::Interrupted => 130,
            Self::Plugin(code) => code,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// A failure that knows its exit status: everything else that goes wrong is [`ExitStatus::Internal`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Stop {
    /// The status to end with.
    pub(crate) status: ExitStatus,
    /// What went wrong, where, and how to mend it.
    pub(crate) message: String,
}

impl Stop {
    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
        Self { status: ExitStatus::Usage, message: message.into() }.into()
    }

    /// The configuration or the environment is wrong.
    pub(crate) fn configuration(message: impl Into<String>) -> anyhow::Error {
        Self { status: ExitStatus::Configuration, message: message.into() }.into()
    }

    /// The status that an error ends the process with.
    pub(crate) fn status_of(error: &anyhow::Error) -> ExitStatus {
        error.downcast_ref::<Self>().map_or(ExitStatus::Internal, |stop| stop.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_of_several() {
        use ExitStatus::{CouldNotCheck, Expectation, Findings, Good};
        let order = [Good, CouldNotCheck, Findings, Expectation];
        for (low, less) in order.iter().enumerate() {
            for more in &order[low..] {
                assert_eq!((less.or_worse(*more), more.or_worse(*less)), (*more, *more));
            }
        }
    }
}
