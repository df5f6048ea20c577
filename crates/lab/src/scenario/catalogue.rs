//! The list of all scenarios, as callers see it.

use super::file::{File, read_all};
use super::state::State;
use super::text::Names;
use crate::LabError;

/// One scenario: a domain of the lab, and what a checker should say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scenario {
    /// Short name, unique, also the domain's first label.
    pub name: String,
    /// The folder of the scenario's file: `record`, `policy-host`, `policy`, `mx`, `smtp`, `dane`, `tlsrpt`, ….
    pub area: String,
    /// The domain to check.
    pub domain: String,
    /// What the scenario is about, in one line.
    pub title: String,
    /// The verdict to expect, in the checker's words.
    pub verdict: Option<String>,
    /// The findings to expect: exactly these.
    pub findings: Vec<Expected>,
    /// There is an earlier state, visible through [`crate::View::Before`].
    pub before: Option<Before>,
    /// There is another state, visible through [`crate::View::Elsewhere`].
    pub elsewhere: bool,
    /// More words for the command line of `check`.
    pub check: Vec<String>,
    /// Shown by `check --lab`.
    pub showcase: bool,
}

/// A finding to expect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// Its code.
    pub code: String,
    /// Its detail, where the code is an umbrella.
    pub detail: Option<String>,
}

/// When the earlier state was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Days before now.
    pub days_ago: u32,
}

/// A scenario with its states.
pub(crate) struct Entry {
    pub(crate) scenario: Scenario,
    pub(crate) names: Names,
    pub(crate) now: State,
    pub(crate) before: Option<State>,
    pub(crate) elsewhere: Option<State>,
}

/// All scenarios, without starting anything; empty only if a built-in file is faulty, which the tests rule out.
pub fn catalogue() -> Vec<Scenario> {
    entries().map(|entries| entries.into_iter().map(|entry| entry.scenario).collect()).unwrap_or_default()
}

pub(crate) fn entries() -> Result<Vec<Entry>, LabError> {
    Ok(read_all()?.into_iter().map(|(area, name, file)| entry(area, name, file)).collect())
}

fn entry(area: &str, name: &str, file: File) -> Entry {
    let domain = format!("{name}.test");
    let names = Names { name: name.to_owned(), domain: domain.clone() };
    let scenario = Scenario {
        name: name.to_owned(),
        area: area.to_owned(),
        domain,
        title: file.title,
        verdict: file.verdict,
        findings: file.findings.iter().map(|text| expected(text)).collect(),
        before: file.days_before.map(|days_ago| Before { days_ago }),
        elsewhere: file.elsewhere.is_some(),
        check: file.check.iter().map(|word| names.fill(word)).collect(),
        showcase: file.showcase,
    };
    let before = file.before.map(|state| state.over(&file.now));
    let elsewhere = file.elsewhere.map(|state| state.over(&file.now));
    Entry { scenario, names, now: file.now, before, elsewhere }
}

fn expected(text: &str) -> Expected {
    let (code, detail) = match text.split_once(' ') {
        Some((code, detail)) => (code, Some(detail.trim().to_owned())),
        None => (text, None),
    };
    Expected { code: code.to_owned(), detail }
}
