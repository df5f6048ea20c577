//! What a rollback leads to.

use host::{History, Stage, Version};
use protocol::sts::{Mode, Policy, PolicyText};

use crate::cli::WeakerMode;
use crate::exit::Stop;

/// The body to publish again, and the version that it leads back to.
pub(super) fn target(
    history: &History,
    number: Option<u32>,
    mode: Option<WeakerMode>,
) -> anyhow::Result<(PolicyText, u32)> {
    if history.last().is_none() {
        return Err(Stop::usage(
            "the journal knows no version of this domain: publish once, or name the journal with --journal",
        ));
    }
    let version = match (number, mode) {
        (Some(number), _) => history.version(number).ok_or_else(|| {
            Stop::usage(format!("the journal has no version {number}; it has {}", listed(history)))
        })?,
        // What was only begun was perhaps never meant for senders, and none of them has it.
        (None, Some(_)) => out(history).ok_or_else(|| {
            Stop::usage(format!(
                "no version was announced that could be weakened; the journal has {}; --to-version takes one of them",
                listed(history)
            ))
        })?,
        (None, None) => history.earlier().ok_or_else(|| {
            Stop::usage(format!(
                "there is no earlier version to go back to; the journal has {}; --mode testing keeps the policy and \
                 weakens it",
                listed(history)
            ))
        })?,
    };
    let text = PolicyText::read(version.body.as_bytes())
        .map_err(|error| Stop::usage(format!("version {} of the journal: {error}", version.number)))?;
    Ok((weakened(text, mode)?, version.back_to.unwrap_or(version.number)))
}

/// The newest version that senders were told of.
fn out(history: &History) -> Option<&Version> {
    let told = |version: &&Version| matches!(version.stage, Stage::Announced(_) | Stage::Printed(_));
    history.versions().iter().rfind(told)
}

/// The same policy in that mode.
fn weakened(text: PolicyText, mode: Option<WeakerMode>) -> anyhow::Result<PolicyText> {
    let mode = match mode {
        None => return Ok(text),
        Some(WeakerMode::Testing) => Mode::Testing,
        Some(WeakerMode::None) => Mode::None,
    };
    if mode == text.policy().mode {
        // Word for word the same, so that it counts as the same.
        return Ok(text);
    }
    let policy = Policy { mode, ..text.policy().clone() };
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
        assert!(target(journal.history(), None, None).is_err(), "nothing is known");
        let first = ENFORCE.replace("enforce", "testing");
        let third = ENFORCE.replace("604800", "86400");
        journal.found("1", &first, now).expect("written");
        assert!(target(journal.history(), None, None).is_err(), "there is only one");
        for (id, body) in [("2", ENFORCE), ("3", third.as_str())] {
            let version = journal.placing(id, body, None, now).expect("written");
            journal.announced(version, now).expect("written");
        }
        let leads = |journal: &host::Journal, number, mode| {
            let (text, back_to) = target(journal.history(), number, mode).expect("a target");
            (text.as_str().to_owned(), back_to)
        };
        assert_eq!(leads(&journal, None, None), (ENFORCE.to_owned(), 2));
        assert_eq!(leads(&journal, Some(1), None), (first.clone(), 1));
        assert_eq!(leads(&journal, None, Some(WeakerMode::Testing)).0, third.replace("enforce", "testing"));
        assert!(leads(&journal, None, Some(WeakerMode::None)).0.contains("mode: none"));
        let unknown = target(journal.history(), Some(9), None).expect_err("no such version").to_string();
        assert!(
            unknown.contains("1 (mode testing, announced") && unknown.contains("2 (mode enforce"),
            "{unknown}"
        );

        // A version that was begun and never announced is nothing to start from.
        journal.placing("x", &ENFORCE.replace("604800", "1000000"), None, now).expect("written");
        assert_eq!(
            leads(&journal, None, Some(WeakerMode::Testing)),
            (third.replace("enforce", "testing"), 3)
        );
        assert!(leads(&journal, None, Some(WeakerMode::None)).0.contains("max_age: 86400"));

        // Cut off or not: the same command leads to the same policy, never forward again.
        let version = journal.placing("4", ENFORCE, Some(2), now).expect("written");
        assert_eq!(leads(&journal, None, None), (ENFORCE.to_owned(), 2));
        journal.announced(version, now).expect("written");
        assert_eq!(leads(&journal, None, None), (ENFORCE.to_owned(), 2));
        assert_eq!(leads(&journal, Some(1), None), (first, 1));

        let alone = host::Journal::open(&dir.path().join("k"), &domain);
        let mut alone = alone.expect("opens");
        alone.placing("1", ENFORCE, None, now).expect("written");
        let never = target(alone.history(), None, Some(WeakerMode::Testing)).expect_err("never announced");
        assert!(never.to_string().contains("cut off"), "{never}");
    }
}
