//! Reading texts without a network: a policy, a record, a zone file. What each oddity means is the readers' word; here
//! is only where it is.

mod advice;
mod kind;
mod linted;
mod position;
mod zone;

#[cfg(test)]
mod tests;

pub(crate) use kind::guess;
pub(crate) use linted::{Linted, Spotted, lint_text};
pub(crate) use position::{Positions, Spot};
