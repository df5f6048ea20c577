//! The binary is killed at the n-th system call of each kind that matters, for every n, and then run again.

use std::fmt;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use super::poller::Poller;
use super::world::{DOMAIN, World};

/// What a step ends with: something on disk, something in place, something sent. A kill comes as the call begins, so
/// that the call before it is the last that was done.
const CALLS: [&str; 5] = ["fsync", "write", "?rename,?renameat,?renameat2", "connect", "sendto"];
/// No run makes as many calls of one kind; a run that did would be killed for ever.
const MAX_CALLS: u32 = 400;
/// Of the calls that are many, the first so many each, and then every so many.
const EACH: u32 = 12;
const STRIDE: u32 = 5;

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Crashes {
    kills: u32,
    runs: u32,
    pub(super) good: bool,
}

impl fmt::Display for Crashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} runs, {} of them killed at a step and each finished by the next", self.runs, self.kills)
    }
}

/// One change of the policy, with its journal of one version more.
struct Change {
    old: String,
    new: String,
    words: Vec<String>,
}

/// A first publication, then changes and rollbacks, each cut off somewhere else.
pub(super) fn at_every_step(world: &World, poller: &Poller) -> Result<Crashes, String> {
    let mut crashes = Crashes { good: true, ..Crashes::default() };
    let mut serial = 0;
    let mut current = publish_next(world, poller, &mut crashes, &mut serial, "")?;
    for rollback in [false, true] {
        for call in CALLS {
            let mut n = 1;
            while n < MAX_CALLS {
                let change = if rollback {
                    let before = current.clone();
                    current = publish_next(world, poller, &mut crashes, &mut serial, &current)?;
                    let words = vec!["rollback".to_owned(), DOMAIN.to_owned()];
                    Change { old: current.clone(), new: before, words }
                } else {
                    change_to(world, &mut serial, &current)?
                };
                poller.expect(&change.old, &change.new);
                let killed = killed_at(world, &change, call, n)?;
                crashes.runs += 1;
                if killed {
                    crashes.kills += 1;
                    crashes.runs += 1;
                    crashes.good &= finishes(world, &change, call, n)?;
                }
                current = change.new;
                if !killed {
                    break;
                }
                n += if n < EACH { 1 } else { STRIDE };
            }
        }
    }
    Ok(crashes)
}

/// A policy that was never there before.
fn change_to(world: &World, serial: &mut u32, old: &str) -> Result<Change, String> {
    *serial += 1;
    let new = format!("version: STSv1\nmode: enforce\nmx: mx.{DOMAIN}\nmax_age: {}\n", 86_400 + *serial);
    let file = world.file("policy.txt");
    std::fs::write(&file, &new).map_err(|error| format!("{}: {error}", file.display()))?;
    let words = vec![DOMAIN.to_owned(), "--policy".to_owned(), file.display().to_string()];
    Ok(Change { old: old.to_owned(), new, words })
}

fn publish_next(
    world: &World,
    poller: &Poller,
    crashes: &mut Crashes,
    serial: &mut u32,
    old: &str,
) -> Result<String, String> {
    let change = change_to(world, serial, old)?;
    poller.expect(&change.old, &change.new);
    crashes.runs += 1;
    crashes.good &= finishes(world, &change, "nothing", 0)?;
    Ok(change.new)
}

/// Runs it under strace, which kills it as the n-th such call of a thread begins; whether it was killed.
fn killed_at(world: &World, change: &Change, call: &str, n: u32) -> Result<bool, String> {
    let inject = format!("inject={call}:signal=SIGKILL:when={n}");
    let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject];
    let before: Vec<String> = strace.into_iter().map(str::to_owned).collect();
    let words: Vec<&str> = change.words.iter().map(String::as_str).collect();
    let mut command = world.publish(&before, &words, "key", "web");
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("strace: {error}"))?;
    match (output.status.code(), output.status.signal()) {
        (Some(0), _) => Ok(false),
        // strace ends as what it traced did.
        (_, Some(9)) | (Some(137), _) => Ok(true),
        _ => Err(format!(
            "neither killed nor at its end ({}) at {call} {n}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

/// Runs it undisturbed: afterwards all is there, and once more changes nothing.
fn finishes(world: &World, change: &Change, call: &str, n: u32) -> Result<bool, String> {
    let words: Vec<&str> = change.words.iter().map(String::as_str).chain(["--format", "json"]).collect();
    let mut command: Command = world.publish(&[], &words, "key", "web");
    let output = command.output().map_err(|error| error.to_string())?;
    let (id, policy) = Poller::look(world);
    let text = String::from_utf8_lossy(&output.stdout);
    let told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let record = told["record"]["text"].as_str().unwrap_or_default();
    let good = output.status.success()
        && policy.as_deref() == Some(&change.new)
        && id.is_some_and(|id| record == format!("v=STSv1; id={id};"));
    if !good {
        println!(
            "after a kill at {call} {n}, {:?} did not finish: {text}{}\nserved:\n{policy:?}",
            change.words,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(good)
}
