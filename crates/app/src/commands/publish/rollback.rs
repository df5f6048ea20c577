//! What a rollback leads to.

use host::{History, Stage, Version};
use protocol::sts::{Mode, PolicyText};

use crate::cli::WeakerMode;
use crate::exit::Stop;

/// The body to publish again.
pub(super) fn body(
    history: &History,
    number: Option<u32>,
    mode: Option<WeakerMode>,
) -> anyhow::Result<PolicyText> {
    let Some(last) = history.last() else {
        return Err(Stop::usage(
            "the journal knows no version of this domain: publish once, or name the journal with --journal",
        ));
    };
    let version = match (number, mode) {
        (Some(number), _) => history.version(number).ok_or_else(|| {
            Stop::usage(format!("the journal has no version {number}; it has {}", listed(history)))
        })?,
        (None, Some(_)) => last,
        (None, None) => history.before_last().ok_or_else(|| {
            Stop::usage(format!(
                "there is no earlier version to go back to; the journal has {}; --mode testing keeps the policy and \
                 weakens it",
                listed(history)
            ))
        })?,
    };
    let text = PolicyText::read(version.body.as_bytes())
        .map_err(|error| Stop::usage(format!("version {} of the journal: {error}", version.number)))?;
    let Some(mode) = mode else { return Ok(text) };
    let mut policy = text.policy().clone();
    policy.mode = match mode {
        WeakerMode::Testing => Mode::Testing,
        WeakerMode::None => Mode::None,
    };
    if policy.mode == text.policy().mode {
        // Word for word the same, so that it counts as the same.
        return Ok(text);
    }
    PolicyText::read(policy.to_string().as_bytes())
        .map_err(|error| Stop::usage(format!("the policy cannot be in that mode: {error}")))
}

fn listed(history: &History) -> String {
    let shown = |version: &Version| {
        let mode = PolicyText::read(version.body.as_bytes()).map_or("?", |text| text.policy().mode.as_str());
        let stage = match version.stage {
            Stage::Placing => "cut off",
            Stage::Printed(_) => "printed",
            Stage::Announced(_) => "announced",
        };
        format!("{} (mode {mode}, {stage}, {})", version.number, version.since)
    };
    history.versions().iter().map(shown).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENFORCE: &str = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n";

    #[test]
    fn where_a_rollback_leads() {
        let dir = tempfile::TempDir::new().expect("a folder");
        let domain = protocol::Domain::parse("example.com").expect("a domain");
        let now = "2026-04-29T12:00:00Z".parse().expect("a time");
        let mut journal = host::Journal::open(&dir.path().join("j"), &domain).expect("opens");
        assert!(body(journal.history(), None, None).is_err(), "nothing is known");
        let first = ENFORCE.replace("enforce", "testing");
        journal.found("1", &first, now).expect("written");
        assert!(body(journal.history(), None, None).is_err(), "there is only one");
        let second = journal.placing("2", ENFORCE, now).expect("written");
        journal.announced(second, now).expect("written");
        let history = journal.history();
        assert_eq!(body(history, None, None).expect("the first").as_str(), first);
        assert_eq!(body(history, Some(2), None).expect("the second").as_str(), ENFORCE);
        let weaker = body(history, None, Some(WeakerMode::Testing)).expect("the last, weaker");
        assert_eq!(weaker.as_str(), first);
        let none = body(history, None, Some(WeakerMode::None)).expect("the last, off");
        assert_eq!(none.policy().mode, Mode::None);
        let unknown = body(history, Some(9), None).expect_err("no such version").to_string();
        assert!(
            unknown.contains("1 (mode testing, announced") && unknown.contains("2 (mode enforce"),
            "{unknown}"
        );
    }
}
