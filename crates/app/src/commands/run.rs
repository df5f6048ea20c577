//! Results under way: judged, shown, recorded.

use std::path::Path;

use judge::{Verdict, assess};

use super::Context;
use crate::capsule::{Capsule, Recorded};
use crate::cli::{FailOn, Format, ScaleArgs};
use crate::exit::ExitStatus;
use crate::expectation::Expectation;
use crate::output::Output;
use crate::render::{Report, State, Stream};
use crate::settings::{Scale, Showing};

/// How results are judged.
#[derive(Debug, Clone)]
pub(crate) struct Judging {
    /// What findings are measured by.
    pub(crate) scale: Scale,
    /// Whether a domain without MTA-STS is a failure.
    require: bool,
    /// What is expected.
    expect: Vec<Expectation>,
    /// What makes the exit status 1.
    fail_on: FailOn,
}

impl Judging {
    /// Resolves flags, environment and file.
    pub(crate) fn resolve(
        scale: &ScaleArgs,
        require: bool,
        expect: &[Expectation],
        showing: &Showing,
        context: &Context,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            scale: Scale::resolve(scale, &context.layers)?,
            require,
            expect: expect.to_vec(),
            fail_on: showing.fail_on.value,
        })
    }

    /// Judges one recorded look.
    pub(crate) fn judge(&self, recorded: &Recorded) -> Report {
        let assessment =
            assess(&recorded.evidence, &recorded.history, recorded.judged_at, self.scale.yardstick());
        let compared: Vec<_> =
            self.expect.iter().map(|expected| expected.compare(&recorded.evidence, &assessment)).collect();
        let deployed = assessment.verdict != Verdict::NotDeployed;
        // Not to publish MTA-STS is a choice: it counts only with --require.
        let counts = assessment.findings.iter().any(|finding| {
            (deployed || finding.code != "mta_sts_missing") && self.fail_on.counts(finding.severity)
        });
        let status = if compared.iter().any(|compared| !compared.met) {
            ExitStatus::Expectation
        } else if counts || (self.require && !deployed) {
            ExitStatus::Findings
        } else if assessment.verdict == Verdict::Unknown {
            ExitStatus::CouldNotCheck
        } else {
            ExitStatus::Good
        };
        Report { evidence: recorded.evidence.clone(), assessment, compared, status }
    }
}

/// Results under way: judged, shown, recorded.
pub(crate) struct Run<'a> {
    stream: Stream,
    judging: &'a Judging,
    format: Format,
    capsule: Capsule,
    record: Option<Output>,
    taken: usize,
    worst: ExitStatus,
    state: Option<State>,
}

impl<'a> Run<'a> {
    /// Opens the outputs, so that what cannot be written is known before the first look.
    pub(crate) fn begin(
        showing: &Showing,
        judging: &'a Judging,
        context: &Context,
        many: bool,
        record: Option<&Path>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            stream: Stream::open(showing, &context.printer, many)?,
            judging,
            format: showing.format.value,
            capsule: Capsule::new(&judging.scale, many),
            record: record.map(|path| Output::open("--record", Some(path))).transpose()?,
            taken: 0,
            worst: ExitStatus::Good,
            state: None,
        })
    }

    /// Judges, shows and keeps one.
    pub(crate) fn take(&mut self, recorded: Recorded) -> anyhow::Result<()> {
        let report = self.judging.judge(&recorded);
        self.worst = self.worst.or_worse(report.status);
        self.state = self.state.max(Some(State::of(&report)));
        self.capsule.add(recorded);
        self.taken += 1;
        self.stream.take(report)
    }

    /// Writes the end, and the capsule if asked for.
    pub(crate) fn finish(self) -> anyhow::Result<ExitStatus> {
        self.stream.finish()?;
        if let Some(output) = self.record {
            self.capsule.write(output)?;
        }
        Ok(match (self.format, self.state) {
            (Format::Nagios, state) => ExitStatus::Plugin(state.unwrap_or(State::Unknown).code()),
            _ => self.worst,
        })
    }

    /// Writes what is there when someone wants no more of it; nothing yet leaves the files as they were.
    pub(crate) fn interrupted(self) -> anyhow::Result<ExitStatus> {
        // A plug-in says that it was interrupted, whatever it has seen so far.
        if self.taken > 0 && self.format != Format::Nagios {
            self.finish()?;
        }
        Ok(ExitStatus::Interrupted)
    }
}
