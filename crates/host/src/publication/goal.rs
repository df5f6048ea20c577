//! Which version a run is to bring about.

use super::history::{History, Stage, Version};

/// What the world shows before anything is changed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Live<'a> {
    /// The id in the record; `None` when there is no valid one.
    pub id: Option<&'a str>,
    /// The body that all addresses serve; `None` when they serve none, or differ.
    pub body: Option<&'a str>,
}

/// Which id is wanted.
#[derive(Debug, Clone, Copy)]
pub enum WantedId<'a> {
    /// One that was made for this; used only if a new one is needed.
    Fresh(&'a str),
    /// This one.
    Given(&'a str),
}

/// What a run is to bring about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// What is live is what is wanted, and the journal does not know it yet: it becomes its first version.
    Adopt {
        /// The id in the record.
        id: String,
    },
    /// Go on with the last version, or make sure of it.
    Continue {
        /// Its number.
        version: u32,
    },
    /// A new version with this id.
    Begin {
        /// The id.
        id: String,
    },
}

/// An id that must not be announced with this body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoalRefused {
    /// It stood for another body.
    #[error(
        "the id {id} stood for another policy before: senders that have seen it would not fetch the new one; leave --id out, or take an id that was never used"
    )]
    IdUsed {
        /// The id.
        id: String,
    },
}

/// Decides what a run is to bring about, so that whatever a sender may have fetched under some id, either that is what
/// is served in the end, or the id in the end is another one.
///
/// # Errors
/// [`GoalRefused`] for an id that stood for another body. An id that is [`Fresh`](WantedId::Fresh) must not be one of
/// the history or the live one; it is refused likewise.
pub fn goal(
    history: &History,
    body: &str,
    wanted: WantedId<'_>,
    live: Live<'_>,
) -> Result<Goal, GoalRefused> {
    if let Some(last) = history.last().filter(|last| last.body == body)
        && may_go_on(history, last, wanted, live)
    {
        return Ok(Goal::Continue { version: last.number });
    }
    // Without a journal nothing is known of other bodies under this id: what is there is taken as it is.
    if let (None, Some(id)) = (history.last(), live.id)
        && live.body == Some(body)
        && !matches!(wanted, WantedId::Given(given) if given != id)
    {
        return Ok(Goal::Adopt { id: id.to_owned() });
    }
    let (WantedId::Fresh(id) | WantedId::Given(id)) = wanted;
    // RFC 8461 §3.1: the id tells one policy from another; senders compare nothing else.
    if history.has_id(id) || live.id == Some(id) {
        return Err(GoalRefused::IdUsed { id: id.to_owned() });
    }
    Ok(Goal::Begin { id: id.to_owned() })
}

/// Whether the id of the last version, whose body is the wanted one, may still be used.
fn may_go_on(history: &History, last: &Version, wanted: WantedId<'_>, live: Live<'_>) -> bool {
    if matches!(wanted, WantedId::Given(given) if given != last.id) {
        return false;
    }
    // Someone put another policy there since: a sender may have fetched it under this id (RFC 8461 §3.1).
    if live.body.is_some_and(|served| served != last.body) {
        return false;
    }
    match last.stage {
        // Nobody else has changed the record since.
        Stage::Announced(_) => live.id == Some(last.id.as_str()),
        // It has come into the record, or was never there. Another record says that someone else changed it, perhaps
        // after this id had been there.
        Stage::Placing | Stage::Printed(_) => may_precede(history, live.id),
    }
}

/// Whether the record may be as it was while the last version was begun: with the id that was announced last, or one of
/// those that were begun or printed after it. Before the first announcement there may be none.
fn may_precede(history: &History, id: Option<&str>) -> bool {
    let mut newest_first = history.versions().iter().rev();
    let mut announced = false;
    let found = newest_first.any(|version| {
        if announced {
            return false;
        }
        announced = matches!(version.stage, Stage::Announced(_));
        id == Some(version.id.as_str())
    });
    found || (id.is_none() && !announced)
}

#[cfg(test)]
mod tests {
    use super::super::journal::Entry;
    use super::*;

    fn history(steps: &[(&str, &str, bool)]) -> History {
        let at = "2026-04-29T12:00:00Z".parse().expect("a time");
        let mut entries = Vec::new();
        for (version, (id, body, announced)) in (1..).zip(steps) {
            entries.push(Entry::Placing {
                at,
                version,
                id: (*id).to_owned(),
                body: (*body).to_owned(),
                back_to: None,
            });
            if *announced {
                entries.push(Entry::Announced { at, version });
            }
        }
        History::of(&entries)
    }

    #[test]
    fn what_a_run_is_to_bring_about() {
        use WantedId::{Fresh, Given};
        let begin = |id: &str| Ok(Goal::Begin { id: id.to_owned() });
        let none = history(&[]);
        let one = history(&[("1", "a", true)]);
        let open = history(&[("1", "a", true), ("2", "b", false)]);
        let first = history(&[("1", "a", false)]);
        let often = history(&[("1", "a", true), ("2", "b", false), ("3", "c", false)]);
        let mut printed = open.clone();
        let at = "2026-04-29T12:00:00Z".parse().expect("a time");
        printed.take(&Entry::Printed { at, version: 2 });
        let used = |id: &str| Err(GoalRefused::IdUsed { id: id.to_owned() });
        for (history, body, wanted, id, served, expected) in [
            // Nothing is known, nothing is there.
            (&none, "a", Fresh("9"), None, None, begin("9")),
            (&none, "a", Fresh("9"), Some("1"), Some("b"), begin("9")),
            // What is there is what is wanted.
            (&none, "a", Fresh("9"), Some("1"), Some("a"), Ok(Goal::Adopt { id: "1".to_owned() })),
            (&none, "a", Given("1"), Some("1"), Some("a"), Ok(Goal::Adopt { id: "1".to_owned() })),
            (&none, "a", Given("2"), Some("1"), Some("a"), begin("2")),
            // An id that stands for something else.
            (&none, "a", Given("1"), Some("1"), Some("b"), used("1")),
            (&one, "b", Given("1"), Some("1"), Some("a"), used("1")),
            (&open, "c", Given("2"), Some("1"), Some("a"), used("2")),
            // Published before.
            (&one, "a", Fresh("9"), Some("1"), Some("a"), Ok(Goal::Continue { version: 1 })),
            (&one, "a", Fresh("9"), Some("1"), None, Ok(Goal::Continue { version: 1 })),
            // Someone else changed or removed the record.
            (&one, "a", Fresh("9"), Some("7"), Some("a"), begin("9")),
            (&one, "a", Fresh("9"), None, Some("a"), begin("9")),
            // Someone else changed the policy under the id.
            (&one, "a", Fresh("9"), Some("1"), Some("x"), begin("9")),
            (&open, "b", Fresh("9"), Some("2"), Some("x"), begin("9")),
            (&printed, "b", Fresh("9"), Some("2"), Some("x"), begin("9")),
            (&one, "a", Given("1"), Some("1"), Some("x"), used("1")),
            // Cut off or printed, and then someone else changed or removed the record.
            (&open, "b", Fresh("9"), Some("7"), Some("b"), begin("9")),
            (&open, "b", Fresh("9"), None, Some("b"), begin("9")),
            (&printed, "b", Fresh("9"), Some("7"), Some("b"), begin("9")),
            // Printed: the same record until it is there.
            (&printed, "b", Fresh("9"), Some("1"), Some("b"), Ok(Goal::Continue { version: 2 })),
            (&printed, "b", Fresh("9"), Some("2"), Some("b"), Ok(Goal::Continue { version: 2 })),
            (&first, "a", Fresh("9"), None, Some("a"), Ok(Goal::Continue { version: 1 })),
            (&first, "a", Fresh("9"), Some("7"), Some("a"), begin("9")),
            // Cut off several times: the record has one of the ids since the last announcement.
            (&often, "c", Fresh("9"), Some("2"), Some("c"), Ok(Goal::Continue { version: 3 })),
            (&often, "c", Fresh("9"), Some("1"), None, Ok(Goal::Continue { version: 3 })),
            // Cut off: on with it, whether or not the id is already there.
            (&open, "b", Fresh("9"), Some("1"), Some("b"), Ok(Goal::Continue { version: 2 })),
            (&open, "b", Fresh("9"), Some("2"), Some("b"), Ok(Goal::Continue { version: 2 })),
            (&open, "b", Given("3"), Some("1"), Some("b"), begin("3")),
            // Cut off, then back to what was: a sender may have seen `b` under the id 1.
            (&open, "a", Fresh("9"), Some("1"), Some("a"), begin("9")),
        ] {
            let live = Live { id, body: served };
            assert_eq!(goal(history, body, wanted, live), expected, "{body} {wanted:?} {live:?}");
        }
    }
}
