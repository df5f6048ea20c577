//! `cargo xtask box`: the box of real parts. The scripts in `tests/realparts` build it; here the shipped binary meets it.

mod circumstances;
mod expectation;
mod namespace;

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::{Outcome, command, place, replay};
use expectation::{Expectation, Found};
use namespace::Namespace;

/// `--timeout` for each domain, in seconds: enough for the mail server that greets after 8 s.
const TIMEOUT: &str = "45";
/// All domains together. Most take less than a second; those that never answer take the whole `TIMEOUT`.
const LIMIT: Duration = Duration::from_secs(600);

pub(crate) fn run(words: &[String]) -> Outcome {
    let kept = || Namespace::kept();
    match words.first().map(String::as_str) {
        Some("test") => test(),
        Some("up") => kept().up(&["--fresh"]),
        Some("check") => kept().verify(words.get(1..).unwrap_or_default()),
        Some("exec") => command::passes(kept().exec().args(words.get(1..).unwrap_or_default())),
        Some("down") => kept().down().map(|()| true),
        _ => Err("usage: cargo xtask box up | check [DOMAIN…] | exec COMMAND… | down | test".to_owned()),
    }
}

/// Install the real parts that are missing.
pub(crate) fn install() -> Outcome {
    namespace::install()
}

/// Bring up a box of its own, check all its domains with the shipped binary, compare, take it down.
pub(crate) fn test() -> Outcome {
    let binary = place::binary()?;
    let space = Namespace::of_this_run();
    if !space.up(&[])? {
        return Err("the box did not come up".to_owned());
    }
    let outcome = inside(&space, &binary);
    space.down()?;
    outcome
}

fn inside(space: &Namespace, binary: &Path) -> Outcome {
    let expectation = Expectation::read(&space.dir().join("expect.json"))?;
    // First the box itself, with dig, curl and openssl: a difference later is then ours.
    let planted = space.verify(&[])? & namespace::documented()?;
    let (compared, checked, capsule) = domains(space, binary, &expectation)?;
    let mut good = planted & compared;
    for circumstance in circumstances::ALL {
        good &= circumstance.holds(space, binary, &expectation)?;
    }
    if let Some(wrapper) = replay::without_network() {
        good &= replay::replayed(&wrapper, binary, &capsule, "jsonl", &checked)?;
    }
    Ok(good)
}

/// The binary over all domains in one call: (all as expected, what it wrote, its capsule).
fn domains(
    space: &Namespace,
    binary: &Path,
    expectation: &Expectation,
) -> Result<(bool, Vec<u8>, std::path::PathBuf), String> {
    let (out, capsule) = (space.dir().join("check.jsonl"), space.dir().join("check.capsule"));
    let mut check = space.exec();
    check.arg(binary).arg("check").args(expectation.names());
    check.args(["--format", "jsonl", "--record"]).arg(&capsule).args(flags(
        space,
        expectation.resolver(),
        TIMEOUT,
    ));
    if command::into_file(&mut check, &out, LIMIT)?.is_none() {
        println!("the check did not end within {} s", LIMIT.as_secs());
    }
    let text = std::fs::read(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let found = Found::read(&text)?;
    Ok((expectation.compare(&found), text, capsule))
}

/// What tells the binary that this box is the world.
fn flags(space: &Namespace, resolver: &str, timeout: &str) -> Vec<String> {
    let file = |name: &str| space.dir().join(name).to_string_lossy().into_owned();
    let pairs = [
        ("--resolver", resolver.to_owned()),
        ("--trust-anchor", file("dns/anchor.ds")),
        ("--roots", file("tls/ca.pem")),
        ("--allow-target", "127.0.0.0/8".to_owned()),
        ("--allow-target", "2001:db8::/32".to_owned()),
        ("--timeout", timeout.to_owned()),
    ];
    pairs.into_iter().flat_map(|(flag, value)| [flag.to_owned(), value]).collect()
}

/// One JSON object from standard output.
fn object(out: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(out)
        .map_err(|error| format!("not JSON: {error}: {}", String::from_utf8_lossy(out)))
}
