//! The commands that `check --show-commands` prints are run, with the real dig, curl and openssl, and must show what
//! the check says of a healthy domain (R103).

use std::path::Path;

use super::expectation::Expectation;
use super::namespace::Namespace;
use crate::{Outcome, command};

/// All is right there, so that every command has something good to show.
const DOMAIN: &str = "good.test";
/// What a printed command begins with, after the indent.
const TOOLS: [&str; 3] = ["dig ", "curl ", "openssl "];

pub(super) fn commands_hold(space: &Namespace, binary: &Path, expectation: &Expectation) -> Outcome {
    let mut check = super::check(space, binary, expectation.resolver(), super::TIMEOUT);
    let (_, out) = command::output(check.args([DOMAIN, "--show-commands"]))?;
    let text = String::from_utf8_lossy(&out).into_owned();
    let commands: Vec<&str> =
        text.lines().map(str::trim).filter(|line| TOOLS.iter().any(|tool| line.starts_with(tool))).collect();
    let mut good = 0;
    for line in &commands {
        let (_, shown) = command::output(space.exec().args(["sh", "-c", &format!("{line} 2>&1")]))?;
        let shown = String::from_utf8_lossy(&shown);
        if shows_what_was_seen(line, &shown) {
            good += 1;
        } else {
            println!("DIFF {line}\n{shown}");
        }
    }
    let kinds = TOOLS.iter().all(|tool| commands.iter().any(|line| line.starts_with(tool)));
    println!("{good} of {} printed commands show what the check saw", commands.len());
    Ok(kinds && good == commands.len())
}

/// What each command must show of a healthy domain.
fn shows_what_was_seen(line: &str, shown: &str) -> bool {
    if line.starts_with("dig ") {
        let here = ["-q _mta-sts.", "-q _smtp._tls."].iter().any(|name| line.contains(name));
        if line.ends_with(" -t TXT") && !here {
            // A place where a record would be wrong, or answered by a wildcard.
            return shown.contains("ANSWER: 0") && !shown.contains("status: SERVFAIL");
        }
        // The box's resolver validates as well.
        shown.contains("status: NOERROR") && shown.contains("ANSWER: ") && !shown.contains("ANSWER: 0")
    } else if line.starts_with("curl ") {
        shown.contains(" 200") && shown.contains("mode: enforce")
    } else if line.contains("-tls1") {
        shown.contains("Cipher is (NONE)")
    } else {
        shown.contains("Verify return code: 0 (ok)") && !shown.contains("Cipher is (NONE)")
    }
}
