//! Severity profiles.

use std::collections::BTreeMap;

use judge::{Catalogue, Severity, SeverityProfile};

use crate::exit::Stop;
use crate::near::nearest;

/// Reads `default`, `strict`, `relaxed`, or a file of lines such as `mta_sts_missing = "HIGH"` (TOML or JSON).
pub(crate) fn severity_profile(word: &str) -> anyhow::Result<SeverityProfile> {
    match word {
        "default" => Ok(SeverityProfile::Default),
        "strict" => Ok(SeverityProfile::Strict),
        "relaxed" => Ok(SeverityProfile::Relaxed),
        path => {
            let octets = crate::capsule::read_bounded(std::path::Path::new(path), 1 << 20)
                .map_err(|error| Stop::usage(format!("--severity: {error:#}; or one of default, strict, relaxed")))?;
            parse(path, &String::from_utf8_lossy(&octets))
        }
    }
}

fn parse(path: &str, text: &str) -> anyhow::Result<SeverityProfile> {
    let map: BTreeMap<String, Severity> = if text.trim_start().starts_with('{') {
        serde_json::from_str(text).map_err(|error| Stop::configuration(format!("{path}: {error}")))?
    } else {
        toml::from_str(text).map_err(|error| Stop::configuration(format!("{path}: {error}")))?
    };
    for code in map.keys() {
        if Catalogue::find(code).is_none() {
            let codes: Vec<&str> = Catalogue::all().iter().map(|entry| entry.code).collect();
            let hint = nearest(code, codes.into_iter())
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            return Err(Stop::configuration(format!("{path}: there is no finding `{code}`{hint}")));
        }
    }
    Ok(SeverityProfile::Custom(map))
}
