//! The publishing of one domain's policies: what was done so far, and what comes next.
//!
//! The order is always the same: note the intention, place the body, confirm that it is served, announce the id, note
//! that too. It may be cut off anywhere; the next run goes on from what the journal and the world show.

mod goal;
mod history;
mod journal;
mod step;

#[cfg(test)]
mod crashes;

pub use goal::{Goal, GoalRefused, Live, WantedId, goal};
pub use history::{History, Stage, Version};
pub use journal::{Journal, JournalFault};
pub use step::{Action, Progress, next};
