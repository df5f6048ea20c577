//! What comes next.

/// What is known of the way to a goal, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The journal knows this version.
    pub noted: bool,
    /// Every file of the shelf holds its body.
    pub placed: bool,
    /// This run has the proof that it is served. Never true at the beginning of a run: the proof is not stored.
    pub confirmed: bool,
    /// The record has its id.
    pub live: bool,
    /// The journal knows that the id was announced.
    pub recorded: bool,
}

/// The next thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Write the intention into the journal, before anything is changed.
    Note,
    /// Put the body on the shelf.
    Place,
    /// Look whether it is served.
    Confirm,
    /// Change the record.
    Announce,
    /// Write into the journal that the id was announced.
    Record,
    /// Nothing.
    Done,
}

/// The next thing to do on the way.
///
/// RFC 8461 §8.1 asks for this order: the policy first, then the record, so that a sender that sees the new id does not
/// keep the old policy under it.
#[must_use]
pub const fn next(progress: &Progress) -> Action {
    match progress {
        Progress { noted: false, .. } => Action::Note,
        Progress { placed: false, .. } => Action::Place,
        Progress { confirmed: false, .. } => Action::Confirm,
        Progress { live: false, .. } => Action::Announce,
        Progress { recorded: false, .. } => Action::Record,
        _ => Action::Done,
    }
}
