//! `cargo xtask fuzz`: the fuzz targets for as long as one likes.
//!
//! The targets are ordinary tests named `fuzz` (bolero, stable toolchain). They are selected from the whole workspace,
//! so that nothing is built again with another set of features.

use crate::{Outcome, command};

/// Seconds for each target when nothing is said.
const SECONDS: &str = "60";

pub(crate) fn run(words: &[String]) -> Outcome {
    let mut seconds = SECONDS;
    let mut target = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => seconds = words.next().ok_or("--seconds wants a number")?,
            name => target = Some(name),
        }
    }
    seconds.parse::<u32>().map_err(|error| format!("--seconds {seconds}: {error}"))?;
    targets(seconds, target)
}

/// Run every target, or those whose name contains `target`.
pub(crate) fn targets(seconds: &str, target: Option<&str>) -> Outcome {
    let mut words = vec!["test", "--release", "--workspace", "--test", "fuzz", "--"];
    words.extend(target);
    command::passes(command::cargo(&words).env("FUZZ_SECONDS", seconds))
}
