//! `cargo xtask bench scan`: the scan beside the tools that one would compare it with, all in one run.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::meter::{self, Taken};
use super::world::{AUTHORITY, Inside, RESOLVER, World, python};
use crate::{Outcome, command, place};

/// Names of the whole measurement, and of `--quick`.
const NAMES: usize = 1_000_000;
const QUICK: usize = 50_000;
/// The share of the list that memory is compared with.
const SMALL: usize = 10;
/// Domains looked at by both checkers: so many that our start does not count.
const COMPARED: usize = 500;
/// At the same time, by both.
const AT_ONCE: &str = "8";
/// Questions open at the same time, for dnsperf, whose default this is, and for us.
const IN_FLIGHT: &str = "100";
/// Each measurement is made so often, in turns, and the best counts: whatever else the machine does only makes it
/// slower.
const ROUNDS: usize = 3;
/// What is wanted: names a second straight, the ratio to dnsperf, the ratio of memory, the share of processor time.
const WANTED_RATE: f64 = 20_000.0;
const WANTED_RATIO: f64 = 0.7;
const WANTED_MEMORY: f64 = 1.1;
const WANTED_PROCESSOR: f64 = 1.0 / 20.0;
/// Log lines of Postfix are written by a process of their own.
const LOG_DELAY: Duration = Duration::from_secs(2);

pub(super) fn run(words: &[String]) -> Outcome {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(at) = words.iter().position(|word| *word == "--inside") {
        let dir = words.get(at + 1).copied().unwrap_or_default();
        return inside(&Inside::new(dir)?, words.get(..at).unwrap_or_default());
    }
    let quick = words.contains(&"--quick");
    words.retain(|word| *word != "--quick");
    if let Some(unknown) = words.iter().find(|word| !["sweep", "stages", "mix"].contains(*word)) {
        return Err(format!("no part `{unknown}`: sweep, stages, mix"));
    }
    place::binary()?;
    let world = World::make(if quick { QUICK } else { NAMES })?;
    let words: Vec<&str> = std::iter::once("scan").chain(words).collect();
    world.enter(&words)
}

fn inside(world: &Inside, words: &[&str]) -> Outcome {
    let chosen = |word| words.is_empty() || words.contains(&word);
    let mut good = true;
    if chosen("sweep") {
        good &= sweep(world, "straight to the authority", AUTHORITY, Some(WANTED_RATE))?;
        good &= sweep(world, "through unbound", RESOLVER, None)?;
        good &= memory(world)?;
    }
    if chosen("stages") {
        good &= stages(world)?;
    }
    if chosen("mix") {
        good &= mix(world)?;
    }
    Ok(good)
}

/// The first stage and dnsperf with the same names and target.
fn sweep(world: &Inside, way: &str, target: &str, rate: Option<f64>) -> Outcome {
    let names = number(world.expected("names")?);
    let (mut theirs, mut ours, mut processor) = (0.0_f64, 0.0_f64, f64::MAX);
    for _ in 0..ROUNDS {
        theirs = theirs.max(dnsperf(world, target)?);
        let taken = scan(world.scan(&world.file("names"), "sweep.sqlite", target).args([
            "--stage",
            "txt",
            "--in-flight",
            IN_FLIGHT,
        ]))?;
        ours = ours.max(names / taken.seconds);
        processor = processor.min(taken.processor);
    }
    let ratio = ours / theirs;
    println!(
        "sweep, {way}: {ours:.0} names/s, dnsperf {theirs:.0}: ratio {ratio:.2} (wanted {WANTED_RATIO}); \
         {:.1} µs of processor a name",
        processor / names * 1e6
    );
    Ok(ratio >= WANTED_RATIO && rate.is_none_or(|rate| ours >= rate))
}

fn dnsperf(world: &Inside, target: &str) -> Result<f64, String> {
    let mut dnsperf = Command::new("dnsperf");
    dnsperf.args(["-s", target, "-n", "1", "-q", IN_FLIGHT, "-d"]).arg(world.file("questions"));
    let (status, out) = command::output(&mut dnsperf)?;
    let text = String::from_utf8_lossy(&out);
    let rate = text.lines().find_map(|line| line.trim().strip_prefix("Queries per second:"));
    match rate.and_then(|rate| rate.trim().parse().ok()) {
        Some(rate) if status.success() => Ok(rate),
        _ => Err(format!("dnsperf failed: {text}")),
    }
}

/// Whether memory grows with the list.
fn memory(world: &Inside) -> Outcome {
    let all = world.expected("names")?;
    let of = |count: usize| {
        let list = world.part("names", count)?;
        let taken = scan(world.scan(&list, "memory.sqlite", AUTHORITY).args(["--stage", "txt"]))?;
        Ok::<_, String>(taken.memory)
    };
    let (small, large) = (of(all / SMALL)?, of(all)?);
    let ratio = large as f64 / small as f64;
    println!(
        "memory: {:.1} MB for {} names, {:.1} MB for {all}: ratio {ratio:.2} (wanted at most {WANTED_MEMORY})",
        small as f64 / 1e6,
        all / SMALL,
        large as f64 / 1e6
    );
    Ok(ratio <= WANTED_MEMORY)
}

/// Record, policy and MX of the same domains, by checkdmarc and by us.
fn stages(world: &Inside) -> Outcome {
    let list = world.part("hits", COMPARED)?;
    let names = fs::File::open(&list).map_err(|error| error.to_string())?;
    let mut peer = Command::new(python());
    peer.arg(place::root().join("tests/realparts/scan-checkdmarc")).args([RESOLVER, AT_ONCE]).stdin(names);
    peer.env("REQUESTS_CA_BUNDLE", world.file("tls/ca.pem"));
    let (status, out) = command::output(&mut peer)?;
    let theirs: Value = serde_json::from_slice(&out).map_err(|error| format!("checkdmarc: {error}"))?;
    let of = |key: &str| theirs.get(key).and_then(Value::as_f64).unwrap_or_default();
    if !status.success() || of("names") < 1.0 {
        return Err("checkdmarc failed".to_owned());
    }
    // Ours with all it takes to start and to keep the results; theirs without loading.
    let taken = scan(world.scan(&list, "stages.sqlite", RESOLVER).args([
        "--profile",
        "extended",
        "--surveys",
        AT_ONCE,
    ]))?;
    let (ours, theirs_each) = (taken.processor / of("names"), of("looking") / of("names"));
    let share = ours / theirs_each;
    println!(
        "record, policy and MX of {} domains: {:.2} ms of processor each, checkdmarc {} {:.2} ms: 1/{:.0} (wanted 1/20)",
        of("names"),
        ours * 1e3,
        theirs.get("version").and_then(Value::as_str).unwrap_or_default(),
        theirs_each * 1e3,
        1.0 / share
    );
    Ok(share <= WANTED_PROCESSOR)
}

/// The whole list through both stages; the mail servers' own log says how often they were visited.
fn mix(world: &Inside) -> Outcome {
    let before = sessions(world)?;
    let taken = scan(&mut world.scan(&world.file("names"), "mix.sqlite", RESOLVER))?;
    std::thread::sleep(LOG_DELAY);
    let (had, addresses) = (sessions(world)? - before, world.expected("mx_addresses")?);
    println!(
        "both stages of {} names with {} hits: {:.0} s, {:.0} s of processor, {:.0} MB; {had} SMTP sessions for \
         {addresses} addresses of MX hosts",
        world.expected("names")?,
        world.expected("hits")?,
        taken.seconds,
        taken.processor,
        taken.memory as f64 / 1e6
    );
    Ok(had == addresses)
}

/// Sessions in Postfix's log.
fn sessions(world: &Inside) -> Result<usize, String> {
    let log = fs::read_to_string(world.file("log/postfix.log")).map_err(|error| error.to_string())?;
    Ok(log.lines().filter(|line| line.contains("]: connect from")).count())
}

/// A scan that must come to its end, quietly.
fn scan(command: &mut Command) -> Result<Taken, String> {
    let taken = meter::run(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
    // 7: some domains have no answer at all, which is their own fault here.
    match taken.status.code() {
        Some(0 | 7) => Ok(taken),
        _ => {
            let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
            Err(format!("mta-sts {} ended with {}", words.join(" "), taken.status))
        }
    }
}

fn number(count: usize) -> f64 {
    count as f64
}
