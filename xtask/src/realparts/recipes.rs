//! What `mta-sts generate --for X` writes, in the real servers; the script `recipes-test` does it, in a namespace of its own.

use crate::{Outcome, command, place};

use super::namespace::{home, install, script};

/// Install what is missing, run every recipe that Debian has the server for; whether `check` is content with each.
pub(crate) fn test() -> Outcome {
    let binary = place::binary()?;
    if !install()? {
        return Err("the real parts could not be installed".to_owned());
    }
    let dir = home().join(format!("recipes-{}", std::process::id()));
    let outcome = command::passes(script("recipes-test").arg(&dir).arg(binary));
    // Its files were in memory, and are gone with its mount namespace; the empty folder stays.
    if dir.exists() {
        std::fs::remove_dir(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    outcome
}
