//! The settings file: where it is looked for, and what it may say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::capsule::read_bounded;
use crate::exit::Stop;

/// The file's name.
pub(crate) const NAME: &str = "mta-sts.toml";
/// The largest settings file read: far above any sensible one.
const SIZE_LIMIT: u64 = 1 << 20;

/// The keys that a settings file may hold; they are the flags' names.
pub(crate) const KEYS: &[&str] = &[
    "access-log",
    "access-log-privacy",
    "acme-contact",
    "acme-directory",
    "acme-limits",
    "acme-roots",
    "address",
    "allow-target",
    "certificate",
    "color",
    "connect-to",
    "database",
    "dns",
    "fail-on",
    "family",
    "format",
    "helo",
    "http",
    "https",
    "key",
    "management",
    "name-server",
    "max-age-profile",
    "node",
    "profile",
    "resolver",
    "roots",
    "sealing-key",
    "service",
    "severity",
    "source-ip",
    "timeout",
    "trust-anchor",
    "vantage",
    "zone-key",
];

/// A settings file that was read.
#[derive(Debug, Clone)]
pub(crate) struct SettingsFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Each key with its values as text.
    values: BTreeMap<String, Vec<String>>,
}

impl SettingsFile {
    /// Finds and reads the file: `named` if given, else the first of the usual places that has one.
    pub(crate) fn find(named: Option<&Path>) -> anyhow::Result<Option<Self>> {
        match named {
            Some(path) => Self::read(path).map(Some),
            None => match usual_places().into_iter().find(|path| path.is_file()) {
                Some(path) => Self::read(&path).map(Some),
                None => Ok(None),
            },
        }
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let octets = read_bounded(path, SIZE_LIMIT)
            .map_err(|error| Stop::configuration(format!("the settings file: {error:#}")))?;
        let text = String::from_utf8(octets)
            .map_err(|_| Stop::configuration(format!("the settings file {shown} is no text")))?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        let shown = path.display();
        let table: toml::Table = text.parse().map_err(|error| {
            let why = crate::departure::of_toml(&error, text);
            Stop::configuration(format!("the settings file {shown}, {why}"))
        })?;
        let mut values = BTreeMap::new();
        for (key, value) in table {
            if !KEYS.contains(&key.as_str()) {
                let near = crate::near::nearest(&key, KEYS.iter().copied());
                let hint = near.map_or_else(
                    || format!("the keys are: {}", KEYS.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err(Stop::configuration(format!("{shown}: there is no setting `{key}`; {hint}")));
            }
            let texts = texts_of(&value).ok_or_else(|| {
                Stop::configuration(format!("{shown}: `{key}` takes a text, a number, or a list of these"))
            })?;
            values.insert(key, texts);
        }
        Ok(Self { path: path.to_owned(), values })
    }

    /// The values of a key.
    pub(crate) fn values(&self, key: &str) -> Option<&[String]> {
        self.values.get(key).map(Vec::as_slice)
    }

    /// A path given in the file: relative to the file.
    pub(crate) fn resolve(&self, path: &str) -> String {
        match self.path.parent() {
            Some(folder) => folder.join(path).display().to_string(),
            None => path.to_owned(),
        }
    }
}

fn texts_of(value: &toml::Value) -> Option<Vec<String>> {
    let text = |value: &toml::Value| match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        toml::Value::Array(items) => items.iter().map(text).collect(),
        single => text(single).map(|text| vec![text]),
    }
}

/// The present directory and upward, then the user's configuration, then the machine's.
fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = std::env::current_dir()
        .map(|here| here.ancestors().map(|folder| folder.join(NAME)).collect())
        .unwrap_or_default();
    let user = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    if let Some(folder) = user {
        places.push(folder.join("mta-sts").join(NAME));
    }
    places.push(Path::new("/etc/mta-sts").join(NAME));
    places.push(Path::new("/etc").join(NAME));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values() {
        let file = SettingsFile::parse(
            Path::new("/x/mta-sts.toml"),
            "resolver = \"192.0.2.53\"\ntimeout = 30\nallow-target = [\"10.0.0.0/8\"]",
        )
        .expect("readable");
        assert_eq!(file.values("timeout"), Some(&["30".to_owned()][..]));
        assert_eq!(file.values("allow-target"), Some(&["10.0.0.0/8".to_owned()][..]));
        assert_eq!(file.values("roots"), None);
        assert_eq!(file.resolve("ca.pem"), "/x/ca.pem");
        assert_eq!(file.resolve("/ca.pem"), "/ca.pem");
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known_one() {
        let error = SettingsFile::parse(Path::new("a.toml"), "resolvr = \"x\"").expect_err("unknown");
        assert_eq!(error.to_string(), "a.toml: there is no setting `resolvr`; did you mean `resolver`?");
        assert_eq!(Stop::status_of(&error), crate::exit::ExitStatus::Configuration);
    }
}
