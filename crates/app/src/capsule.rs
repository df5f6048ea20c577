//! Recorded checks: everything that judging and showing need, so that a replay gives the same output.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use judge::{MaxAgeProfile, Severity, SeverityProfile};
use protocol::observed::{Evidence, EvidenceError, History};
use serde::{Deserialize, Serialize};

use crate::departure;
use crate::exit::Stop;
use crate::output::Output;
use crate::settings::Scale;

/// The version of capsules that this program writes. Every released version stays readable.
pub(crate) const CAPSULE_VERSION: u32 = 1;
/// The largest capsule read: some hundred domains. Read into memory it takes a multiple of that.
const CAPSULE_LIMIT: u64 = 64 << 20;

/// A recorded check of one or several domains.
#[derive(Debug, Serialize)]
pub(crate) struct Capsule {
    capsule_version: u32,
    /// The program that recorded it.
    tool: String,
    /// The severities in force.
    severity: Severities,
    /// The profile of `max_age` in force, where it is not the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_profile: Option<String>,
    /// Whether several domains were asked for.
    many: bool,
    /// Each domain, in the order of the output.
    domains: Vec<Recorded>,
}

/// One recorded domain.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recorded {
    /// What was seen.
    pub(crate) evidence: Evidence,
    /// What was known from earlier and from elsewhere.
    pub(crate) history: History,
    /// The time that it was judged for.
    pub(crate) judged_at: Timestamp,
}

/// Severities as recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Severities {
    Named(String),
    Custom(BTreeMap<String, Severity>),
}

/// A capsule before its evidence is read, which knows its own version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    capsule_version: u32,
    tool: String,
    severity: Severities,
    max_age_profile: Option<String>,
    many: bool,
    domains: Vec<RawRecorded>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecorded {
    evidence: serde_json::Value,
    history: History,
    judged_at: Timestamp,
}

impl Capsule {
    /// An empty capsule.
    pub(crate) fn new(scale: &Scale, many: bool) -> Self {
        let named = |word: &str| Severities::Named(word.to_owned());
        let severity = match &scale.severity {
            SeverityProfile::Default => named("default"),
            SeverityProfile::Strict => named("strict"),
            SeverityProfile::Relaxed => named("relaxed"),
            SeverityProfile::Custom(map) => Severities::Custom(
                map.iter().map(|(code, severity)| ((*code).to_owned(), *severity)).collect(),
            ),
        };
        let max_age_profile =
            (scale.max_age != MaxAgeProfile::default()).then(|| scale.max_age.as_str().to_owned());
        Self {
            capsule_version: CAPSULE_VERSION,
            tool: crate::tool(),
            severity,
            max_age_profile,
            many,
            domains: Vec::new(),
        }
    }

    /// Adds a domain.
    pub(crate) fn add(&mut self, recorded: Recorded) {
        self.domains.push(recorded);
    }

    /// The domains, and whether several were asked for.
    pub(crate) fn into_parts(self) -> (Vec<Recorded>, bool) {
        (self.domains, self.many)
    }

    /// What findings were measured by when it was recorded.
    pub(crate) fn scale(&self) -> anyhow::Result<Scale> {
        let max_age = match &self.max_age_profile {
            Some(word) => word.parse().map_err(|error| Stop::usage(format!("the capsule: {error}")))?,
            None => MaxAgeProfile::default(),
        };
        Ok(Scale { severity: self.severity()?, max_age })
    }

    fn severity(&self) -> anyhow::Result<SeverityProfile> {
        match &self.severity {
            Severities::Named(word) => match word.as_str() {
                "default" => Ok(SeverityProfile::Default),
                "strict" => Ok(SeverityProfile::Strict),
                "relaxed" => Ok(SeverityProfile::Relaxed),
                other => Err(Stop::usage(format!("the capsule names unknown severities: `{other}`"))),
            },
            Severities::Custom(map) => SeverityProfile::custom(map.clone())
                .map_err(|error| Stop::usage(format!("the capsule: {error}"))),
        }
    }

    /// Writes it.
    pub(crate) fn write(&self, mut output: Output) -> anyhow::Result<()> {
        let text = serde_json::to_string(self)?;
        output.put((text + "\n").as_bytes())?;
        output.finish()
    }

    /// Reads one; `-` is standard input.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let octets = read_bounded(path, CAPSULE_LIMIT).map_err(|error| Stop::usage(format!("{error:#}")))?;
        let name = if path == Path::new("-") { "standard input".into() } else { path.to_string_lossy() };
        Self::parse(&octets).map_err(|why| Stop::usage(format!("{name} is {why}")))
    }

    fn parse(octets: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            capsule_version: u32,
        }
        let departs = |error: serde_json::Error| no_capsule(&departure::of_json(&error, octets));
        let head: Head = serde_json::from_slice(octets).map_err(departs)?;
        if head.capsule_version > CAPSULE_VERSION {
            return Err(format!(
                "a capsule of version {}, and this program reads up to {CAPSULE_VERSION}: use a newer one",
                head.capsule_version
            ));
        }
        let raw: Raw = serde_json::from_slice(octets).map_err(departs)?;
        let domains = raw
            .domains
            .into_iter()
            .zip(1..)
            .map(|(recorded, number)| {
                let evidence = serde_json::to_vec(&recorded.evidence).map_err(EvidenceError::from);
                let evidence =
                    evidence.and_then(|octets| Evidence::from_json(&octets)).map_err(|e| match e {
                        EvidenceError::Malformed(error) => no_capsule(&format!(
                            "{} in the evidence of domain {number}",
                            departure::of_value(&error)
                        )),
                        newer @ EvidenceError::Newer { .. } => format!("a capsule that is too new: {newer}"),
                    })?;
                Ok(Recorded { evidence, history: recorded.history, judged_at: recorded.judged_at })
            })
            .collect::<Result<Vec<_>, String>>()?;
        Ok(Self {
            capsule_version: raw.capsule_version,
            tool: raw.tool,
            severity: raw.severity,
            max_age_profile: raw.max_age_profile,
            many: raw.many,
            domains,
        })
    }
}

/// What a file that is no capsule is told: where it departs, what a capsule is, how to make one.
fn no_capsule(why: &str) -> String {
    format!(
        "no capsule: {why}. A capsule is what `mta-sts check DOMAIN --record FILE` writes; make one with that"
    )
}

/// Reads a file (`-`: standard input) up to a bound.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let shown = path.display();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut octets)
    } else {
        File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut octets))
    };
    read.with_context(|| format!("cannot read {shown}"))?;
    anyhow::ensure!(octets.len() as u64 <= limit, "{shown} is larger than {limit} octets");
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_capsule_is_told_why() {
        for (text, why) in [
            ("", "no capsule: it is empty. A capsule is what `mta-sts check DOMAIN --record FILE` writes"),
            ("{}", "no capsule: `capsule_version` is missing at line 1, column 2. A capsule is"),
            (
                "{\"capsule_version\":\"a\"}",
                "no capsule: there is a value of another kind at line 1, column 22.",
            ),
            ("{\"capsule_version\":1}", "no capsule: `tool` is missing at line 1, column 21."),
            ("{\"capsule_version\":1,", "no capsule: it ends too early, at line 1, column 21."),
            ("{\"capsule_version\":9}", "a capsule of version 9, and this program reads up to 1"),
            (
                "{\"capsule_version\":1,\"tool\":\"\",\"severity\":\"default\",\"many\":false,\"domains\":[{\"evidence\":{},\
                 \"history\":{\"looks\":[],\"vantages\":[]},\"judged_at\":\"2026-11-22T09:30:00Z\"}]}",
                "no capsule: `evidence_version` is missing in the evidence of domain 1.",
            ),
            ("[1,2]", "no capsule: it does not begin with `{`."),
            ("\x00\u{1b}[2J", "no capsule: it does not begin with `{`."),
        ] {
            let error = Capsule::parse(text.as_bytes()).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
