//! What findings are measured by: severity profiles, and which `max_age` is short.

use std::collections::BTreeMap;
use std::path::Path;

use judge::{MaxAgeProfile, Severity, SeverityProfile, Yardstick};

use super::Layers;
use crate::capsule::read_bounded;
use crate::cli::ScaleArgs;
use crate::departure;
use crate::exit::Stop;

/// The largest severity file read: the whole catalogue takes a hundredth.
const FILE_LIMIT: u64 = 1 << 20;

/// What findings are measured by.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    /// The severities.
    pub(crate) severity: SeverityProfile,
    /// Which lifetimes of a policy are short.
    pub(crate) max_age: MaxAgeProfile,
}

impl Scale {
    /// Resolves flags, environment and file.
    pub(crate) fn resolve(args: &ScaleArgs, layers: &Layers) -> anyhow::Result<Self> {
        let severity = severity_profile(&layers.severity(args.severity.as_deref())?.value)?;
        Ok(Self { severity, max_age: layers.max_age_profile(args.max_age_profile)?.value })
    }

    /// The same for the judge.
    pub(crate) fn yardstick(&self) -> Yardstick<'_> {
        Yardstick { severities: &self.severity, max_age: self.max_age }
    }
}

/// Reads `default`, `strict`, `relaxed`, or a file of lines such as `mta_sts_missing = "HIGH"` (TOML or JSON).
fn severity_profile(word: &str) -> anyhow::Result<SeverityProfile> {
    match word {
        "default" => Ok(SeverityProfile::Default),
        "strict" => Ok(SeverityProfile::Strict),
        "relaxed" => Ok(SeverityProfile::Relaxed),
        path => {
            let octets = read_bounded(Path::new(path), FILE_LIMIT).map_err(|error| {
                Stop::usage(format!("--severity takes default, strict, relaxed or a file: {error:#}"))
            })?;
            parse(path, &String::from_utf8_lossy(&octets))
        }
    }
}

fn parse(path: &str, text: &str) -> anyhow::Result<SeverityProfile> {
    let wrong = |why: String| Stop::configuration(format!("the severity file {path}: {why}"));
    let words: BTreeMap<String, serde_json::Value> = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| wrong(departure::of_json(&error, text.as_bytes())))?
    } else {
        toml::from_str(text).map_err(|error| wrong(departure::of_toml(&error, text)))?
    };
    let severity = |(code, word): (String, serde_json::Value)| match serde_json::from_value(word) {
        Ok(severity) => Ok((code, severity)),
        Err(_) => Err(wrong(format!("`{code}` takes \"INFO\", \"LOW\", \"MEDIUM\" or \"HIGH\""))),
    };
    let map: BTreeMap<String, Severity> = words.into_iter().map(severity).collect::<Result<_, _>>()?;
    SeverityProfile::custom(map).map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::ExitStatus;

    #[test]
    fn a_file_is_toml_or_json() {
        for text in ["mta_sts_missing = \"HIGH\"", "{\"mta_sts_missing\": \"HIGH\"}"] {
            assert!(matches!(parse("f", text), Ok(SeverityProfile::Custom(map)) if map.len() == 1), "{text}");
        }
    }

    #[test]
    fn wrong_files_are_configuration_errors() {
        for (text, words) in [
            (
                "mta_sts_missing = \"BAD\"",
                "`mta_sts_missing` takes \"INFO\", \"LOW\", \"MEDIUM\" or \"HIGH\"",
            ),
            ("mta_sts_missing = 3", "`mta_sts_missing` takes \"INFO\""),
            ("no_such_code = \"HIGH\"", "`no_such_code` is no finding code"),
            ("{", "it ends too early, at line 1, column 1"),
            ("{\"mta_sts_missing\" 3}", "it is no JSON at line 1, column 20"),
            ("= =", "line 1, column 3: `= =` is no line such as"),
        ] {
            let error = parse("f", text).expect_err(text);
            let told = error.to_string();
            assert!(told.starts_with(&format!("the severity file f: {words}")), "{text}: {told}");
            assert_eq!(Stop::status_of(&error), ExitStatus::Configuration, "{text}");
        }
    }
}
