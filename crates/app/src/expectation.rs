//! What `--expect` asks for.

use std::str::FromStr;

use judge::{Assessment, Verdict};
use protocol::observed::{Evidence, FetchOutcome};
use protocol::sts::{MAX_AGE_LIMIT, Mode, Policy, PolicyText, read_records};
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
    AllMx,
}

/// An expectation and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Compared {
    /// What: `mode`, `id`, `verdict`, `max_age`, `mx`, `all_mx`.
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
            "all_mx" => What::AllMx,
            other => {
                return Err(format!(
                    "`{other}` cannot be expected; mode, id, verdict, max_age, mx and all_mx can"
                ));
            }
        };
        let value = value.trim();
        what.check(value)?;
        Ok(Self { what, value: value.to_owned() })
    }
}

impl Expectation {
    /// Compares with what was found. `mx=` is met when the pattern is in the policy, `all_mx=` when every address serves
    /// a policy with these patterns and no others.
    pub(crate) fn compare(&self, evidence: &Evidence, assessment: &Assessment) -> Compared {
        let policies = served_policies(evidence);
        let of_policy = |shown: fn(&Policy) -> String| {
            // Addresses that serve no policy are a finding of their own.
            let mut values: Vec<String> = policies.iter().flatten().map(shown).collect();
            values.sort();
            values.dedup();
            (!values.is_empty()).then(|| values.join(" or "))
        };
        let found = match self.what {
            What::Mode => of_policy(|policy| policy.mode.to_string()),
            What::Id => record_id(evidence),
            What::Verdict => Some(crate::render::verdict_word(assessment.verdict)),
            What::MaxAge => of_policy(|policy| policy.max_age.to_string()),
            What::Mx => served_policy(evidence).map(|policy| patterns(&policy).join(" ")),
            What::AllMx => all_mx(&policies),
        };
        let met = match (self.what, &found) {
            (What::Mx, Some(found)) => {
                found.split(' ').any(|pattern| pattern.eq_ignore_ascii_case(&self.value))
            }
            (What::AllMx, Some(found)) => *found == sorted(self.value.split('+')),
            (_, Some(found)) => *found == self.value,
            (_, None) => false,
        };
        Compared { what: self.what.word(), expected: self.value.clone(), found, met }
    }
}

impl Compared {
    /// `mode is testing, expected enforce`.
    pub(crate) fn words(&self) -> String {
        let found = self.found.as_deref().unwrap_or("none");
        if self.met {
            format!("{} is {found}", self.what)
        } else {
            format!("{} is {found}, expected {}", self.what, self.expected)
        }
    }
}

/// All verdicts, which one may expect.
const VERDICTS: [Verdict; 8] = [
    Verdict::NotDeployed,
    Verdict::Broken,
    Verdict::Disabled,
    Verdict::Testing,
    Verdict::ReadyToEnforce,
    Verdict::Enforcing,
    Verdict::EnforcingButBroken,
    Verdict::Unknown,
];

impl What {
    /// Whether it can ever have this value: one that never can is a slip of the pen, not a fault of the domain.
    fn check(self, value: &str) -> Result<(), String> {
        let possible = match self {
            Self::Mode => value.parse::<Mode>().is_ok(),
            // RFC 8461 §3.1: 1 to 32 letters and digits.
            Self::Id => (1..=32).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric()),
            Self::Verdict => VERDICTS.iter().any(|verdict| crate::render::verdict_word(*verdict) == value),
            Self::MaxAge => value.parse::<u64>().is_ok_and(|seconds| seconds <= MAX_AGE_LIMIT),
            Self::Mx => protocol::MxPattern::parse(value).is_ok(),
            Self::AllMx => value.split('+').all(|one| protocol::MxPattern::parse(one).is_ok()),
        };
        if possible {
            Ok(())
        } else {
            Err(format!("{} is never `{value}`; {}", self.word(), self.possible()))
        }
    }

    fn possible(self) -> String {
        match self {
            Self::Mode => "it is enforce, testing or none".to_owned(),
            Self::Id => "it has 1 to 32 letters and digits".to_owned(),
            Self::Verdict => {
                let words: Vec<String> = VERDICTS.into_iter().map(crate::render::verdict_word).collect();
                format!("it is one of {}", words.join(", "))
            }
            Self::MaxAge => format!("it is a number of seconds up to {MAX_AGE_LIMIT}"),
            Self::Mx => "a host name or a pattern such as *.example.com is needed".to_owned(),
            Self::AllMx => "host names or patterns are needed, with + between them".to_owned(),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Id => "id",
            Self::Verdict => "verdict",
            Self::MaxAge => "max_age",
            Self::Mx => "mx",
            Self::AllMx => "all_mx",
        }
    }
}

/// The policy that each address serves, read by the strict reader; `None` for one that serves none.
fn served_policies(evidence: &Evidence) -> Vec<Option<Policy>> {
    let fetches = evidence.policy_host.fetches.iter();
    let read = |outcome: &FetchOutcome| match outcome {
        FetchOutcome::Response(response) if response.status == 200 && !response.too_large => {
            PolicyText::read(response.body.as_slice()).ok().map(|text| text.policy().clone())
        }
        _ => None,
    };
    // What was not asked says nothing.
    let asked = fetches.filter(|fetch| !matches!(fetch.outcome, FetchOutcome::NotTested(_)));
    asked.map(|fetch| read(&fetch.outcome)).collect()
}

/// The patterns that every address serves alike; else what they serve.
fn all_mx(policies: &[Option<Policy>]) -> Option<String> {
    let none = || "none".to_owned();
    let mut found: Vec<String> = policies
        .iter()
        .map(|one| one.as_ref().map_or_else(none, |policy| sorted(patterns(policy))))
        .collect();
    found.sort();
    found.dedup();
    (found.iter().any(|one| one != "none")).then(|| found.join(" or "))
}

fn patterns(policy: &Policy) -> Vec<&str> {
    policy.mx.iter().map(protocol::MxPattern::as_str).collect()
}

/// In any order, as often as they stand there: the same.
fn sorted<'a>(patterns: impl IntoIterator<Item = &'a str>) -> String {
    let mut patterns: Vec<String> = patterns.into_iter().map(str::to_ascii_lowercase).collect();
    patterns.sort();
    patterns.dedup();
    patterns.join("+")
}

/// The policy served: of the first address that serves a valid one.
pub(crate) fn served_policy(evidence: &Evidence) -> Option<Policy> {
    served_policies(evidence).into_iter().flatten().next()
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

    #[test]
    fn what_can_never_be_is_refused() {
        for (possible, never) in [
            ("mode=testing", "mode=enforced"),
            ("id=a1", "id=a-1"),
            ("verdict=enforcing-but-broken", "verdict=fine"),
            ("max_age=86400", "max_age=1d"),
            ("max_age=31557600", "max_age=31557601"),
            ("mx=*.example.com", "mx=*"),
            ("all_mx=mx1.example.com+*.example.com", "all_mx=mx1.example.com+"),
        ] {
            assert!(possible.parse::<Expectation>().is_ok(), "{possible}");
            assert!(never.parse::<Expectation>().is_err(), "{never}");
        }
    }
}
