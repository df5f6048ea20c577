//! The catalogue: one row for every finding code and for every detail of the umbrella codes. Codes are stable.

mod coverage;
mod entry;
mod fetch;
mod markdown;
mod policy;
mod record;
mod severity_profile;
mod tlsrpt;
mod transport;

pub use entry::{Entry, Kind, PerMode};
pub use severity_profile::{SeverityProfile, UnknownCode};

/// The umbrella code for every reason why no policy could be fetched.
pub const UNREACHABLE: &str = "mta_sts_unreachable";
/// The umbrella code for MX hosts that no pattern of the policy names.
pub const MX_MISMATCH: &str = "mta_sts_mx_mismatch";

/// The rows in print order, layer by layer.
const TABLES: [&[Entry]; 6] =
    [record::ROWS, fetch::ROWS, policy::ROWS, coverage::ROWS, transport::ROWS, tlsrpt::ROWS];

/// The catalogue of findings.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue;

impl Catalogue {
    /// Every row: findings and umbrella details, layer by layer.
    pub fn all() -> impl Iterator<Item = &'static Entry> {
        TABLES.iter().flat_map(|table| table.iter())
    }

    /// Every code that can be the `code` of a [`Finding`](crate::Finding).
    pub fn codes() -> impl Iterator<Item = &'static Entry> {
        Self::all().filter(|entry| entry.kind == Kind::Finding)
    }

    /// The details of an umbrella code.
    pub fn details(umbrella: &str) -> impl Iterator<Item = &'static Entry> {
        Self::all().filter(move |entry| matches!(entry.kind, Kind::DetailOf(code) if code == umbrella))
    }

    /// The row of a code or of an umbrella detail.
    #[must_use]
    pub fn find(code: &str) -> Option<&'static Entry> {
        Self::all().find(|entry| entry.code == code)
    }

    /// The whole catalogue as the page `docs/findings.md`.
    #[must_use]
    pub fn to_markdown() -> String {
        markdown::page()
    }
}

#[cfg(test)]
mod tests;
