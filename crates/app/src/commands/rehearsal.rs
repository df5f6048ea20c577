//! A lab scenario, checked and compared with what is expected of it.

use std::collections::BTreeSet;

use clap::Parser as _;
use lab::Scenario;
use outside::Watcher;
use protocol::Domain;
use protocol::observed::History;

use super::Context;
use super::run::Judging;
use super::site::Site;
use crate::capsule::Recorded;
use crate::cli::{CheckArgs, Cli, Command};
use crate::exit::Stop;
use crate::render::{Report, verdict_word};
use crate::settings::{Layers, Look, Showing};

/// A scenario and what came of it.
#[derive(Debug)]
pub(crate) struct Rehearsal {
    /// The scenario.
    pub(crate) scenario: Scenario,
    /// The result.
    pub(crate) report: Report,
    /// What the scenario says of an earlier time and another place.
    pub(crate) history: History,
    /// Codes expected and not found.
    pub(crate) lacking: Vec<String>,
    /// Codes found and not expected.
    pub(crate) surplus: Vec<String>,
}

impl Rehearsal {
    /// Checks one scenario, with the words for the command line that it asks for.
    pub(crate) async fn of(site: &Site, scenario: &Scenario, context: &Context) -> anyhow::Result<Self> {
        let domain = Domain::parse(&scenario.domain)?;
        let args = words(scenario)?;
        // What a scenario expects must not depend on the settings of whoever runs it.
        let layers = Layers::default();
        let showing = Showing::resolve(&args.output, &layers)?;
        let context = Context { printer: context.printer, layers };
        let judging = Judging::resolve(&args.judging.scale, args.require, &args.expect, &showing, &context)?;
        let look = Look::resolve(&args.look, &context.layers)?;
        let seen = match site.otherwise(&look)? {
            Some(outside) if !scenario.check.is_empty() => {
                site.look_through(&outside, &domain, &Watcher::none()).await
            }
            _ => site.look(&domain, &Watcher::none()).await,
        };
        let judged_at = seen.evidence.taken_at;
        let recorded = Recorded { evidence: seen.evidence, history: seen.history, judged_at };
        let report = judging.judge(&recorded);
        let (lacking, surplus) = compare(scenario, &report);
        Ok(Self { scenario: scenario.clone(), report, history: recorded.history, lacking, surplus })
    }

    /// The verdict found, when it is not the expected one.
    pub(crate) fn other_verdict(&self) -> Option<String> {
        let found = verdict_word(self.report.assessment.verdict);
        self.scenario.verdict.as_ref().is_some_and(|expected| *expected != found).then_some(found)
    }

    /// Whether all is as expected.
    pub(crate) fn as_expected(&self) -> bool {
        self.lacking.is_empty() && self.surplus.is_empty() && self.other_verdict().is_none()
    }
}

fn words(scenario: &Scenario) -> anyhow::Result<CheckArgs> {
    let words = ["mta-sts", "check", "--lab", scenario.domain.as_str()];
    let all = words.into_iter().chain(scenario.check.iter().map(String::as_str));
    match Cli::try_parse_from(all) {
        Ok(Cli { command: Some(Command::Check(args)), .. }) => Ok(*args),
        Ok(_) => Err(Stop::usage(format!("scenario {}: its words are no check", scenario.name))),
        Err(error) => Err(Stop::usage(format!("scenario {}: {error}", scenario.name))),
    }
}

/// Expected findings without a detail are met by any detail.
fn compare(scenario: &Scenario, report: &Report) -> (Vec<String>, Vec<String>) {
    let found: BTreeSet<(&str, Option<&str>)> =
        report.assessment.findings.iter().map(|finding| (finding.code, finding.detail.as_deref())).collect();
    let meets = |expected: &lab::Expected, (code, detail): &(&str, Option<&str>)| {
        expected.code == *code && (expected.detail.is_none() || expected.detail.as_deref() == *detail)
    };
    let shown =
        |code: &str, detail: Option<&str>| detail.map_or_else(|| code.to_owned(), |d| format!("{code}: {d}"));
    let lacking = scenario
        .findings
        .iter()
        .filter(|expected| !found.iter().any(|finding| meets(expected, finding)))
        .map(|expected| shown(&expected.code, expected.detail.as_deref()))
        .collect();
    let surplus = found
        .iter()
        .filter(|finding| !scenario.findings.iter().any(|expected| meets(expected, finding)))
        .map(|(code, detail)| shown(code, *detail))
        .collect();
    (lacking, surplus)
}
