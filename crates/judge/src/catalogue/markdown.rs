//! The catalogue as a page for people: `docs/findings.md`.

use std::fmt::Write as _;

use super::{Catalogue, Entry, Kind, PerMode};
use crate::{Consequence, Layer, Severity};

const INTRODUCTION: &str = include_str!("introduction.md");

/// The whole page.
pub(super) fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (layer, title) in [
        (Layer::Record, "Layer 1: the `_mta-sts` record"),
        (Layer::Fetch, "Layer 2: fetching the policy"),
        (Layer::Policy, "Layer 3: the policy"),
        (Layer::Coverage, "Layer 4: MX coverage"),
        (Layer::Transport, "Layer 5: transport security of the MX hosts"),
        (Layer::Tlsrpt, "Layer 6: TLSRPT"),
        (Layer::Across, "Across layers"),
    ] {
        let _ = write!(
            page,
            "\n## {title}\n\n| code | severity | consequence | when | clause |\n|---|---|---|---|---|\n"
        );
        for entry in Catalogue::all().filter(|entry| entry.layer == layer) {
            let _ = writeln!(page, "{}", row(entry));
        }
    }
    page
}

fn row(entry: &Entry) -> String {
    let code = match entry.kind {
        Kind::Finding => format!("`{}`", entry.code),
        Kind::DetailOf(umbrella) => format!("· `{}` (detail of `{umbrella}`)", entry.code),
    };
    let severity = match (entry.milder, entry.kind) {
        (Some(_), _) => entry.degrees.to_owned(),
        (None, Kind::DetailOf(_)) => String::new(),
        (None, Kind::Finding) => per_mode(entry.severity, Severity::as_str),
    };
    let mut consequence = match entry.kind {
        Kind::DetailOf(super::UNREACHABLE) => String::new(),
        _ => per_mode(entry.consequence, Consequence::as_str),
    };
    if entry.milder.is_none() && !entry.degrees.is_empty() {
        let _ = write!(consequence, " ({})", entry.degrees);
    }
    format!("| {code} | {severity} | {consequence} | {} | {} |", entry.when, entry.clause)
}

fn per_mode<T: Copy + PartialEq>(values: PerMode<T>, name: fn(T) -> &'static str) -> String {
    if values.enforce == values.otherwise {
        name(values.enforce).to_owned()
    } else {
        format!("{}, otherwise {}", name(values.enforce), name(values.otherwise))
    }
}
