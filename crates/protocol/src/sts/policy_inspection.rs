//! A policy, read for a person. RFC 8461 §3.2; rules 42 to 60.

use super::policy::{MAX_POLICY_OCTETS, Policy, PolicyText};
use crate::Oddity;
use crate::mend::{Inspection, mend, patched};
use crate::oddity::{Oddities, Weight, character_at, sentence};

mod document;
mod fields;
mod line;
mod name;
mod value;

/// Says all that is worth saying about the text of a policy. Never fails; the policy is there exactly when
/// [`PolicyText::read`] accepts the text.
pub fn inspect_policy(text: &[u8]) -> (Option<Policy>, Vec<Oddity>) {
    let mut oddities = Oddities::default();
    // Larger texts are given up while they are fetched; there is no use in reading them.
    if text.len() <= MAX_POLICY_OCTETS
        && document::inspect(text, &mut oddities) == document::Looks::LikeAPolicy
    {
        fields::inspect(text, &mut oddities);
    }
    match PolicyText::read(text) {
        Ok(read) => (Some(read.policy().clone()), oddities.accepted()),
        Err(error) => {
            let words = format!("{}.", sentence(&error.defect.to_string()));
            let span = character_at(text, error.offset);
            (None, oddities.refused(Oddity::new(error.defect.code(), Weight::Breaks, span, words)))
        }
    }
}

/// The text with every mechanical mend applied, if senders then accept it; unchanged if they do already.
pub fn mend_policy(text: &[u8]) -> Option<String> {
    mend(text, Inspection::by(inspect_policy))
}

/// The text with every mechanical mend applied, whether senders then accept it or not; unchanged where there is none.
pub fn patch_policy(text: &[u8]) -> Vec<u8> {
    patched(text, Inspection::by(inspect_policy))
}

#[cfg(test)]
mod tests;
