//! `mta-sts check`.

use std::collections::HashSet;
use std::path::Path;
use std::pin::pin;

use futures_util::StreamExt as _;
use judge::{Verdict, assess};
use protocol::Domain;
use tokio::sync::Semaphore;

use super::abreast::abreast;
use super::progress::Progress;
use super::scenario::named;
use super::showcase::showcase;
use super::site::Site;
use super::{Context, until_interrupted};
use crate::capsule::{Capsule, Recorded};
use crate::cli::{CheckArgs, FailOn, Format, ScaleArgs};
use crate::exit::{ExitStatus, Stop};
use crate::expectation::Expectation;
use crate::memory::Memory;
use crate::output::Output;
use crate::render::{Report, State, Stream};
use crate::settings::{Look, Scale, Showing};

/// Domains looked at at the same time: enough to hide waiting, few enough to stay polite.
const PARALLEL: usize = 16;

/// Looks at domains and judges what was seen.
pub(crate) async fn check(args: &CheckArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let look = Look::resolve(&args.look, &context.layers)?;
    let showing = Showing::resolve(&args.output, &context.layers)?;
    let judging = Judging::resolve(&args.judging.scale, args.require, &args.expect, &showing, context)?;
    let domains = named(&args.domains, args.lab)?;
    if args.record.as_deref().is_some_and(|path| path == Path::new("-")) {
        return Err(Stop::usage("--record needs a file: standard output is for the result"));
    }
    if domains.is_empty() {
        return until_interrupted(showcase(&look, &showing, &judging, args, context)).await;
    }
    let memory = Memory::read(&args.judging.since, &args.judging.with)?;
    memory.hint(&domains, &context.printer);
    let many = domains.len() > 1;
    let mut run = Run::begin(&showing, &judging, context, many, args.record.as_deref())?;
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    let opening = Site::open(&look, args.judging.now, args.lab, &domains);
    let site = tokio::select! {
        // First, so that the signal is caught before any work begins.
        biased;
        _ = &mut interrupted => return Ok(ExitStatus::Interrupted),
        site = opening => site?,
    };

    let progress = Progress::begin(&context.printer, domains.len());
    let watcher = progress.watcher();
    let permits = Semaphore::new(PARALLEL);
    let mut looks = abreast(&domains, &permits, |domain| site.look(domain, &watcher));
    loop {
        let seen = tokio::select! {
            biased;
            _ = &mut interrupted => {
                progress.end();
                return run.interrupted();
            }
            seen = looks.next() => match seen {
                Some(seen) => seen,
                None => break,
            },
        };
        let mut history = memory.of(&seen.evidence.domain);
        if history.looks.is_empty() {
            history.looks = seen.history.looks;
        }
        if history.vantages.is_empty() {
            history.vantages = seen.history.vantages;
        }
        let judged_at = args.judging.now.unwrap_or(seen.evidence.taken_at);
        progress.aside(|| run.take(Recorded { evidence: seen.evidence, history, judged_at }))?;
        progress.one_done();
    }
    progress.end();
    run.finish()
}

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

/// Reads the names, each once.
pub(crate) fn domains(texts: &[String]) -> anyhow::Result<Vec<Domain>> {
    let mut seen = HashSet::new();
    let mut domains = Vec::new();
    for text in texts {
        let domain = Domain::parse(text).map_err(|error| Stop::usage(error.to_string()))?;
        if seen.insert(domain.clone()) {
            domains.push(domain);
        }
    }
    Ok(domains)
}
