//! The id of the next version.

use host::History;
use jiff::Timestamp;
use judge::propose::{IdStrategy, IdWish, next_id};

use crate::exit::Stop;

/// How often another id is tried when one was used before.
const TRIES: u32 = 1000;

/// Reads `--id`.
pub(super) fn wish(text: Option<&str>, now: Timestamp) -> anyhow::Result<IdWish> {
    text.map_or(Ok(IdWish::Made(IdStrategy::Timestamp)), |text| {
        IdWish::parse(text, now).map_err(|error| Stop::usage(format!("--id: {error}")))
    })
}

/// An id that no version and no live record has.
pub(super) fn fresh(
    strategy: IdStrategy,
    history: &History,
    live: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> anyhow::Result<String> {
    let previous = live.or(history.last().map(|last| last.id.as_str()));
    let is_used = |id: &str| history.has_id(id) || live == Some(id);
    let mut id = next_id(strategy, previous, body, now);
    for number in 2..TRIES {
        if !is_used(&id) {
            return Ok(id);
        }
        id = match strategy {
            // The same policy came before, and another one since: senders must see a change.
            IdStrategy::ContentHash => {
                next_id(strategy, None, &[body, number.to_string().as_bytes()].concat(), now)
            }
            _ => next_id(IdStrategy::Counter, Some(&id), body, now),
        };
    }
    Err(anyhow::anyhow!("no id was found that was not used before; give one with --id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_used_twice() {
        let dir = tempfile::TempDir::new().expect("a folder");
        let domain = protocol::Domain::parse("example.com").expect("a domain");
        let now = "2026-04-29T12:00:00Z".parse().expect("a time");
        for strategy in IdStrategy::ALL {
            let path = dir.path().join(strategy.as_str());
            let mut journal = host::Journal::open(&path, &domain).expect("opens");
            let mut live = None;
            for round in 0..20 {
                // The same two bodies in turn, all in one second.
                let body = if round % 2 == 0 { "a" } else { "b" };
                let id =
                    fresh(strategy, journal.history(), live.as_deref(), body.as_bytes(), now).expect("an id");
                assert!(!journal.history().has_id(&id) && id.len() <= 32, "{id}");
                assert!(id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
                journal.placing(&id, body, None, now).expect("written");
                live = Some(id);
            }
        }
    }
}
