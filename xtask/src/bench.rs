//! `cargo xtask bench`: speed, measured by hand and never by a test.

mod dns;
mod host;
mod meter;
mod resume;
mod scan;
mod world;

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{Outcome, command, place};

/// How often the binary is started.
const STARTS: u32 = 50;
/// What people call immediate.
const START_UP_BOUND: Duration = Duration::from_millis(30);

pub(crate) fn run(words: &[String]) -> Outcome {
    match words.first().map(String::as_str) {
        None => Ok(readers()? & startup()? & check()?),
        Some("readers") => readers(),
        Some("startup") => startup(),
        Some("check") => check(),
        Some("dns") => dns::run(words.get(1..).unwrap_or_default()),
        Some("host") => host::run(words.get(1..).unwrap_or_default()),
        Some("resume") => resume::run(words.get(1..).unwrap_or_default()),
        Some("scan") => scan::run(words.get(1..).unwrap_or_default()),
        Some(other) => Err(format!("no bench `{other}`: check, dns, host, readers, resume, scan, startup")),
    }
}

/// The readers of records and policies.
fn readers() -> Outcome {
    command::passes(&mut command::cargo(&["bench", "--profile", "release", "--package", "mta-sts-protocol"]))
}

/// One healthy lab domain with 50 ms added to every answer, against the longest chain of round trips in the lab's log.
fn check() -> Outcome {
    command::passes(&mut command::cargo(&[
        "bench",
        "--profile",
        "release",
        "--package",
        "mta-sts",
        "--bench",
        "check",
    ]))
}

/// From the start of the process to its last output, for a command that needs no network.
fn startup() -> Outcome {
    let binary = place::binary()?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let start = Instant::now();
        let status = std::process::Command::new(&binary)
            .args(["explain", "mta_sts_missing"])
            .stdout(Stdio::null())
            .status()
            .map_err(|error| error.to_string())?;
        if !status.success() {
            return Err("`mta-sts explain mta_sts_missing` failed".to_owned());
        }
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let worst = times.last().copied().unwrap_or_default();
    println!(
        "start-up: median {median:.1?}, worst {worst:.1?} of {STARTS}; wanted: under {START_UP_BOUND:.0?}"
    );
    Ok(median < START_UP_BOUND)
}
