//! What `--expect` asks for.

use std::str::FromStr;

use judge::Assessment;
use protocol::observed::{Evidence, FetchOutcome};
use protocol::sts::{Policy, PolicyText, read_records};
use serde::Serialize;

/// One thing that is expected of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expectation {
    what: What,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Mode,
    Id,
    Verdict,
    MaxAge,
    Mx,
}

/// An expectation and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Compared {
    /// What: `mode`, `id`, `verdict`, `max_age`, `mx`.
    pub(crate) what: &'static str,
    /// What was expected.
    pub(crate) expected: String,
    /// What was found; nothing when there is none.
    pub(crate) found: Option<String>,
    /// Whether they agree.
    pub(crate) met: bool,
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (what, value) = text.split_once('=').ok_or_else(|| {
            "an expectation looks like mode=enforce; several are separated by commas".to_owned()
        })?;
        let what = match what.trim() {
            "mode" => What::Mode,
            "id" => What::Id,
            "verdict" => What::Verdict,
            "max_age" => What::MaxAge,
            "mx" => What::Mx,
            other => {
                return Err(format!("`{other}` cannot be expected; mode, id, verdict, max_age and mx can"));
            }
        };
        Ok(Self { what, value: value.trim().to_owned() })
    }
}

impl Expectation {
    /// Compares with what was found. `mx=` is met when the pattern is in the policy.
    pub(crate) fn compare(&self, evidence: &Evidence, assessment: &Assessment) -> Compared {
        let policy = served_policy(evidence);
        let found = match self.what {
            What::Mode => policy.map(|policy| policy.mode.to_string()),
            What::Id => record_id(evidence),
            What::Verdict => Some(crate::render::verdict_word(assessment.verdict)),
            What::MaxAge => policy.map(|policy| policy.max_age.to_string()),
            What::Mx => policy.map(|policy| {
                let patterns: Vec<&str> = policy.mx.iter().map(protocol::MxPattern::as_str).collect();
                patterns.join(" ")
            }),
        };
        let met = match (self.what, &found) {
            (What::Mx, Some(found)) => {
                found.split(' ').any(|pattern| pattern.eq_ignore_ascii_case(&self.value))
            }
            (_, Some(found)) => *found == self.value,
            (_, None) => false,
        };
        Compared { what: self.what.word(), expected: self.value.clone(), found, met }
    }
}

impl What {
    const fn word(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Id => "id",
            Self::Verdict => "verdict",
            Self::MaxAge => "max_age",
            Self::Mx => "mx",
        }
    }
}

/// The policy served, read by the strict reader: the first address that serves a valid one.
pub(crate) fn served_policy(evidence: &Evidence) -> Option<Policy> {
    evidence.policy_host.fetches.iter().find_map(|fetch| match &fetch.outcome {
        FetchOutcome::Response(response) if response.status == 200 && !response.too_large => {
            PolicyText::read(response.body.as_slice()).ok().map(|text| text.policy().clone())
        }
        _ => None,
    })
}

/// The id of the one valid record.
fn record_id(evidence: &Evidence) -> Option<String> {
    let texts: Vec<Vec<u8>> = evidence.record.records().iter().map(protocol::observed::Txt::joined).collect();
    read_records(&texts).ok().map(|record| record.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!("mode=enforce".parse(), Ok(Expectation { what: What::Mode, value: "enforce".into() }));
        assert!("mode".parse::<Expectation>().is_err());
        assert!("colour=red".parse::<Expectation>().is_err());
    }
}
