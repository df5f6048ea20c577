//! A scenario file as TOML, and the files that are built in.

use serde::Deserialize;

use super::state::State;
use crate::LabError;

/// One scenario file. Unknown keys are errors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct File {
    /// What the scenario is about, in one line.
    pub(crate) title: String,
    /// The verdict that `check` should reach.
    pub(crate) verdict: Option<String>,
    /// The findings that `check` should raise: `code` or `code detail`, exactly these.
    pub(crate) findings: Vec<String>,
    /// More words for the command line of `check`.
    #[serde(default)]
    pub(crate) check: Vec<String>,
    /// True if `check --lab` shows it.
    #[serde(default)]
    pub(crate) showcase: bool,
    /// How long before now the state `before` was seen; needed if there is one.
    pub(crate) days_before: Option<u32>,
    /// What differs from the healthy template now.
    #[serde(default)]
    pub(crate) now: State,
    /// What was different from `now` at an earlier look.
    pub(crate) before: Option<State>,
    /// What is different from `now` as seen from another place.
    pub(crate) elsewhere: Option<State>,
}

/// Path below `scenarios/` and text of every built-in file, in order of path.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scenarios.rs"));

/// Reads all built-in files: (area, name, contents).
pub(crate) fn read_all() -> Result<Vec<(&'static str, &'static str, File)>, LabError> {
    FILES.iter().map(|(path, text)| read(path, text)).collect()
}

fn read(path: &'static str, text: &str) -> Result<(&'static str, &'static str, File), LabError> {
    let wrong = |message: String| LabError::Scenario { path: path.to_owned(), message };
    let file: File = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if file.before.is_some() != file.days_before.is_some() {
        return Err(wrong("`before` and `days-before` belong together".to_owned()));
    }
    let (area, name) = path
        .strip_suffix(".toml")
        .and_then(|stem| stem.split_once('/'))
        .ok_or_else(|| wrong("expected AREA/NAME.toml".to_owned()))?;
    Ok((area, name, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_reads() {
        let all = read_all().unwrap_or_else(|error| panic!("{error}"));
        assert!(all.len() > 100, "only {} scenarios", all.len());
    }

    #[test]
    fn a_wrong_key_is_named_with_its_file_and_line() {
        let text = "title = \"t\"\nfindings = []\n[now.https.mta-sts]\ncertifcate = \"good\"\n";
        let error = read("record/odd.toml", text).unwrap_err().to_string();
        assert!(
            error.contains("record/odd.toml") && error.contains("line 4") && error.contains("certifcate"),
            "{error}"
        );
    }

    #[test]
    fn the_example_in_the_manual_reads() {
        let manual = include_str!("../../../../scenarios/README.md");
        let example = manual.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let (_, _, file) = read("mx/example.toml", example).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.findings.len(), 4);
    }

    #[test]
    fn a_before_state_needs_its_age() {
        let text = "title = \"t\"\nfindings = []\n[before]\nmode = \"testing\"\n";
        assert!(read("record/odd.toml", text).is_err());
    }
}
