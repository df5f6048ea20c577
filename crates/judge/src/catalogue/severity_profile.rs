//! How severities may be shifted by taste; codes and consequences never are.

use std::collections::BTreeMap;

use super::{Catalogue, Kind};
use crate::{Consequence, Severity};

/// Which severities to use (`--severity default|strict|relaxed|FILE`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SeverityProfile {
    /// The catalogue's own.
    #[default]
    Default,
    /// For domains that must not lose protection: whatever costs protection, reports or delivery is at least
    /// MEDIUM.
    Strict,
    /// For domains with little mail: LOW becomes INFO, and MEDIUM that costs no protection and no delivery
    /// becomes LOW.
    Relaxed,
    /// Some codes set by the user, the others as in the catalogue.
    Custom(BTreeMap<&'static str, Severity>),
}

/// A severity file names a code that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no finding code; `mta-sts explain --list` lists them")]
pub struct UnknownCode(pub String);

impl SeverityProfile {
    /// A profile from pairs of code and severity, as read from a file.
    ///
    /// # Errors
    /// [`UnknownCode`] names the first code that is not a finding's code (details have no severity of their own).
    pub fn custom<I: IntoIterator<Item = (String, Severity)>>(pairs: I) -> Result<Self, UnknownCode> {
        let mut map = BTreeMap::new();
        for (code, severity) in pairs {
            match Catalogue::find(&code) {
                Some(entry) if entry.kind == Kind::Finding => map.insert(entry.code, severity),
                _ => return Err(UnknownCode(code)),
            };
        }
        Ok(Self::Custom(map))
    }

    /// The severity of one finding under this profile.
    #[must_use]
    pub fn severity(&self, code: &str, catalogue: Severity, consequence: Consequence) -> Severity {
        match self {
            Self::Default => catalogue,
            Self::Strict if consequence == Consequence::None => catalogue,
            Self::Strict => catalogue.max(Severity::Medium),
            Self::Relaxed => match (catalogue, consequence) {
                (Severity::Low, _) => Severity::Info,
                (Severity::Medium, Consequence::None | Consequence::ReportingLost) => Severity::Low,
                _ => catalogue,
            },
            Self::Custom(map) => map.get(code).copied().unwrap_or(catalogue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_shift_severities() {
        let table = [
            (SeverityProfile::Default, Severity::Low, Consequence::ProtectionLost, Severity::Low),
            (SeverityProfile::Strict, Severity::Low, Consequence::ProtectionLost, Severity::Medium),
            (SeverityProfile::Strict, Severity::Info, Consequence::None, Severity::Info),
            (SeverityProfile::Strict, Severity::High, Consequence::DeliveryLost, Severity::High),
            (SeverityProfile::Relaxed, Severity::Low, Consequence::ProtectionLost, Severity::Info),
            (SeverityProfile::Relaxed, Severity::Medium, Consequence::ReportingLost, Severity::Low),
            (SeverityProfile::Relaxed, Severity::Medium, Consequence::ProtectionLost, Severity::Medium),
        ];
        for (profile, from, consequence, to) in table {
            assert_eq!(profile.severity("mta_sts_missing", from, consequence), to, "{profile:?} {from:?}");
        }
    }

    #[test]
    fn custom_takes_known_codes_only() {
        let profile = SeverityProfile::custom([("mta_sts_missing".to_owned(), Severity::High)]).unwrap();
        assert_eq!(
            profile.severity("mta_sts_missing", Severity::Low, Consequence::ProtectionLost),
            Severity::High
        );
        assert_eq!(
            profile.severity("tlsrpt_missing", Severity::Low, Consequence::ReportingLost),
            Severity::Low
        );
        for wrong in ["mta_sts_mising", "policy_http_status"] {
            assert_eq!(
                SeverityProfile::custom([(wrong.to_owned(), Severity::Low)]),
                Err(UnknownCode(wrong.to_owned()))
            );
        }
    }
}
