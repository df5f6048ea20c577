//! One value out of flag, environment and file, with its origin.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use judge::{MaxAgeProfile, UnknownMaxAgeProfile};

use super::SettingsFile;
use crate::exit::Stop;

/// The prefix of the environment's variables.
const PREFIX: &str = "MTA_STS_";

/// A setting in force.
#[derive(Debug, Clone)]
pub(crate) struct Setting<T> {
    /// Its value.
    pub(crate) value: T,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of the command line.
    Flag,
    /// What a scan began with, kept in its store.
    Kept,
    /// A variable of the environment.
    Environment(String),
    /// The settings file.
    File(PathBuf),
    /// The built-in value.
    Default,
}

/// What lies below the flags: what a scan keeps, the environment, then the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    kept: BTreeMap<String, Vec<String>>,
    environment: BTreeMap<String, String>,
    file: Option<SettingsFile>,
}

impl Layers {
    /// The process's environment and a file.
    pub(crate) fn new(file: Option<SettingsFile>) -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty())
            .collect();
        Self { kept: BTreeMap::new(), environment, file }
    }

    /// The same below what a scan keeps.
    pub(crate) fn below(&self, kept: &BTreeMap<String, Vec<String>>) -> Self {
        Self { kept: kept.clone(), ..self.clone() }
    }

    /// What a scan keeps under this key.
    pub(crate) fn kept(&self, key: &str) -> &[String] {
        self.kept.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// A secret, which only the environment may hold: neither the command line nor the settings file, which others read.
    pub(crate) fn secret(&self, name: &str) -> Option<String> {
        self.environment.get(&format!("{PREFIX}{name}")).cloned()
    }

    /// One value.
    pub(crate) fn pick<T>(
        &self,
        key: &str,
        flag: Option<T>,
        parse: impl Fn(&str) -> Result<T, String>,
        default: impl FnOnce() -> T,
    ) -> anyhow::Result<Setting<T>> {
        if let Some(value) = flag {
            return Ok(Setting { value, origin: Origin::Flag });
        }
        match self.texts(key) {
            Some((texts, origin)) => match texts.as_slice() {
                // The first stage of a scan asks several resolvers, everything else the first of them.
                [text, rest @ ..] if rest.is_empty() || origin == Origin::Kept => {
                    Ok(Setting { value: parse(text).map_err(|why| wrong(key, text, &origin, &why))?, origin })
                }
                _ => Err(Stop::configuration(format!("`{key}` takes one value ({origin})"))),
            },
            None => Ok(Setting { value: default(), origin: Origin::Default }),
        }
    }

    /// A list of values; in the environment they are separated by commas.
    pub(crate) fn pick_list<T>(
        &self,
        key: &str,
        flags: Vec<T>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> anyhow::Result<Setting<Vec<T>>> {
        if !flags.is_empty() {
            return Ok(Setting { value: flags, origin: Origin::Flag });
        }
        let Some((texts, origin)) = self.texts(key) else {
            return Ok(Setting { value: Vec::new(), origin: Origin::Default });
        };
        let split = matches!(origin, Origin::Environment(_));
        let mut value = Vec::new();
        for text in &texts {
            for part in text.split(|c| split && c == ',').map(str::trim).filter(|part| !part.is_empty()) {
                value.push(parse(part).map_err(|why| wrong(key, part, &origin, &why))?);
            }
        }
        Ok(Setting { value, origin })
    }

    /// The severities to use: a word, or a path.
    pub(crate) fn severity(&self, flag: Option<&str>) -> anyhow::Result<Setting<String>> {
        let text = |text: &str| Ok(text.to_owned());
        let picked = self.pick("severity", flag.map(str::to_owned), text, || "default".to_owned())?;
        Ok(self.relative(picked, &["default", "strict", "relaxed"]))
    }

    /// Which lifetimes of a policy are short.
    pub(crate) fn max_age_profile(
        &self,
        flag: Option<MaxAgeProfile>,
    ) -> anyhow::Result<Setting<MaxAgeProfile>> {
        let parse = |text: &str| text.parse().map_err(|error: UnknownMaxAgeProfile| error.to_string());
        self.pick("max-age-profile", flag, parse, MaxAgeProfile::default)
    }

    /// A path given in the file is relative to the file; `words` are no paths.
    pub(crate) fn relative(&self, mut setting: Setting<String>, words: &[&str]) -> Setting<String> {
        if let (Origin::File(_), Some(file)) = (&setting.origin, &self.file)
            && !words.contains(&setting.value.as_str())
        {
            setting.value = file.resolve(&setting.value);
        }
        setting
    }

    fn texts(&self, key: &str) -> Option<(Vec<String>, Origin)> {
        if let Some(texts) = self.kept.get(key) {
            return Some((texts.clone(), Origin::Kept));
        }
        let variable = format!("{PREFIX}{}", key.to_ascii_uppercase().replace('-', "_"));
        if let Some(text) = self.environment.get(&variable) {
            return Some((vec![text.clone()], Origin::Environment(variable)));
        }
        let file = self.file.as_ref()?;
        Some((file.values(key)?.to_vec(), Origin::File(file.path.clone())))
    }
}

fn wrong(key: &str, text: &str, origin: &Origin, why: &str) -> anyhow::Error {
    Stop::configuration(format!("`{text}` is no {key} ({origin}): {why}"))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("a flag"),
            Self::Kept => f.write_str("the scan's store"),
            Self::Environment(name) => write!(f, "the environment, {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Default => f.write_str("built in"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(environment: &[(&str, &str)]) -> Layers {
        Layers {
            environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..Layers::default()
        }
    }

    fn number(text: &str) -> Result<u32, String> {
        text.parse().map_err(|_| "no number".to_owned())
    }

    #[test]
    fn a_flag_wins_over_the_environment_which_wins_over_the_default() {
        let layers = layers(&[("MTA_STS_FAIL_ON", "2")]);
        assert_eq!(layers.pick("fail-on", Some(1), number, || 3).expect("ok").value, 1);
        let picked = layers.pick("fail-on", None, number, || 3).expect("ok");
        assert_eq!(
            (picked.value, picked.origin.to_string().as_str()),
            (2, "the environment, MTA_STS_FAIL_ON")
        );
        assert_eq!(layers.pick("timeout", None, number, || 3).expect("ok").origin, Origin::Default);
    }

    #[test]
    fn what_a_scan_keeps_lies_between_the_flags_and_the_environment() {
        let kept = BTreeMap::from([("rate".to_owned(), vec!["5".to_owned()])]);
        let layers = layers(&[("MTA_STS_RATE", "2")]).below(&kept);
        let picked = layers.pick("rate", None, number, || 3).expect("ok");
        assert_eq!((picked.value, picked.origin), (5, Origin::Kept));
        assert_eq!(layers.pick("rate", Some(1), number, || 3).expect("ok").value, 1);
    }

    #[test]
    fn a_wrong_value_of_the_environment_is_a_configuration_error() {
        let error =
            layers(&[("MTA_STS_TIMEOUT", "soon")]).pick("timeout", None, number, || 3).expect_err("wrong");
        assert_eq!(Stop::status_of(&error), crate::exit::ExitStatus::Configuration);
        assert!(error.to_string().contains("MTA_STS_TIMEOUT"), "{error}");
    }

    #[test]
    fn lists_in_the_environment_are_separated_by_commas() {
        let picked = layers(&[("MTA_STS_X", "1, 2,3")]).pick_list("x", Vec::new(), number).expect("ok");
        assert_eq!(picked.value, [1, 2, 3]);
    }
}
