//! `cargo xtask box`: the box of real parts. The scripts in `tests/realparts` build it; here the shipped binary meets it.

mod by_hand;
mod circumstances;
mod expectation;
mod namespace;
mod recipes;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::{Outcome, command, place, replay};
use expectation::{Expectation, Found};
use namespace::Namespace;

/// `--timeout` for each domain, in seconds: enough for the mail server that greets after 8 s.
const TIMEOUT: &str = "45";
/// All domains together. Most take less than a second; those that never answer take the whole `TIMEOUT`.
const LIMIT: Duration = Duration::from_secs(600);
/// Looked at through every kind of resolver: secure, insecure and bogus answers, denials, CNAMEs, an answer too long
/// for UDP.
const THROUGH_EVERY_RESOLVER: [&str; 7] = [
    "good.test",
    "insecure.test",
    "bogus.test",
    "nxdomain.test",
    "mx-cname.test",
    "txt-other.test",
    "dane-bogus.test",
];

pub(crate) fn run(words: &[String]) -> Outcome {
    let kept = Namespace::kept();
    match words.first().map(String::as_str) {
        Some("test") => test(),
        Some("up") => kept.up(&["--fresh"]),
        Some("check") => kept.verify(words.get(1..).unwrap_or_default()),
        Some("exec") => command::passes(kept.exec().args(words.get(1..).unwrap_or_default())),
        Some("down") => kept.down().map(|()| true),
        _ => Err("usage: cargo xtask box up | check [DOMAIN…] | exec COMMAND… | down | test".to_owned()),
    }
}

/// Install the real parts that are missing.
pub(crate) fn install() -> Outcome {
    namespace::install()
}

/// Serve and publish by the recipes of `mta-sts generate`, with real servers.
pub(crate) use recipes::test as recipes;

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
    let mut good = space.verify(&[])? & namespace::documented()?;
    good &= all_domains(space, binary, &expectation)?;
    good &= every_resolver(space, binary, &expectation)?;
    for circumstance in circumstances::ALL {
        good &= circumstance.holds(space, binary, &expectation)?;
    }
    good &= by_hand::commands_hold(space, binary, &expectation)?;
    Ok(good)
}

/// The binary over all domains in one call, recorded; then the capsule replayed without a network.
fn all_domains(space: &Namespace, binary: &Path, expectation: &Expectation) -> Outcome {
    let capsule = space.dir().join("check.capsule");
    let mut check = check(space, binary, expectation.resolver(), TIMEOUT);
    check.args(["--format", "jsonl", "--record"]).arg(&capsule).args(expectation.names());
    let text = written(space, &mut check)?;
    let good = expectation.compare(&Found::read(&text)?, |_| true);
    match replay::without_network() {
        Some(wrapper) => Ok(good & replay::replayed(&wrapper, binary, &capsule, "jsonl", &text)?),
        None => Ok(good),
    }
}

/// The same opinions through IPv6, a resolver that does not validate, DNS over TLS and DNS over HTTPS.
fn every_resolver(space: &Namespace, binary: &Path, expectation: &Expectation) -> Outcome {
    let mut good = true;
    for resolver in expectation.resolvers() {
        let mut check = check(space, binary, resolver, TIMEOUT);
        check.args(["--format", "jsonl"]).args(THROUGH_EVERY_RESOLVER);
        let text = written(space, &mut check)?;
        println!("through {resolver}:");
        good &= expectation.compare(&Found::read(&text)?, |domain| THROUGH_EVERY_RESOLVER.contains(&domain));
    }
    Ok(good)
}

/// What a check writes; a check that does not end is stopped.
fn written(space: &Namespace, check: &mut Command) -> Result<Vec<u8>, String> {
    let out = space.dir().join("check.jsonl");
    if command::into_file(check, &out, LIMIT)?.is_none() {
        println!("the check did not end within {} s", LIMIT.as_secs());
    }
    std::fs::read(&out).map_err(|error| format!("{}: {error}", out.display()))
}

/// `mta-sts check` inside, told that this box is the world.
fn check(space: &Namespace, binary: &Path, resolver: &str, timeout: &str) -> Command {
    let mut check = space.exec();
    check.arg(binary).args(["check", "--resolver", resolver, "--timeout", timeout]);
    check.arg("--trust-anchor").arg(space.dir().join("dns/anchor.ds"));
    check.arg("--roots").arg(space.dir().join("tls/ca.pem"));
    check.args(["--allow-target", "127.0.0.0/8", "--allow-target", "2001:db8::/32"]);
    check
}

/// One JSON object from standard output.
fn object(out: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(out)
        .map_err(|error| format!("not JSON: {error}: {}", String::from_utf8_lossy(out)))
}
