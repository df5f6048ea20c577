//! `cargo xtask bench resume`: scans that are killed in the middle and gone on with find what an undisturbed one finds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::meter;
use super::world::{Inside, RESOLVER, World};
use crate::{Outcome, command};

/// Names of the list.
const NAMES: usize = 100_000;
const QUICK: usize = 20_000;
/// When the scan is killed, as shares of the time that the undisturbed one took; each counts from where it goes on.
const KILLED_AFTER: [f64; 4] = [0.1, 0.25, 0.3, 0.2];
/// Columns of the flat output that differ between two scans of the same world.
const OF_THE_MOMENT: [&str; 1] = ["taken_at"];

pub(super) fn run(words: &[String]) -> Outcome {
    match words {
        [flag, dir] if flag == "--inside" => inside(&Inside::new(dir)?),
        [] => World::make(NAMES)?.enter(&["resume"]),
        [flag] if flag == "--quick" => World::make(QUICK)?.enter(&["resume"]),
        _ => Err("usage: cargo xtask bench resume [--quick]".to_owned()),
    }
}

fn inside(world: &Inside) -> Outcome {
    let list = world.file("names");
    let start = Instant::now();
    let whole = world.file("whole.sqlite");
    finish(&mut world.scan(&list, "whole.sqlite", RESOLVER))?;
    let took = start.elapsed();

    let disturbed = world.file("disturbed.sqlite");
    let mut scan = world.scan(&list, "disturbed.sqlite", RESOLVER);
    let mut kills = 0;
    for share in KILLED_AFTER {
        if !kill_after(&mut scan, took.mul_f64(share))? {
            break;
        }
        kills += 1;
        scan = world.resume(&disturbed, RESOLVER);
        scan.arg("--resume").arg(&list);
    }
    finish(&mut scan)?;

    let (expected, found) = (rows(world, &whole)?, rows(world, &disturbed)?);
    let different = expected.iter().zip(&found).filter(|(a, b)| a != b).count();
    println!(
        "killed {kills} times: {} rows, undisturbed {} in {:.0} s; {different} different",
        found.len(),
        expected.len(),
        took.as_secs_f64()
    );
    for (a, b) in expected.iter().zip(&found).filter(|(a, b)| a != b).take(5) {
        println!("- {a}\n+ {b}");
    }
    Ok(kills > 0 && expected.len() == found.len() && different == 0)
}

/// Runs a scan to its end.
fn finish(scan: &mut Command) -> Result<(), String> {
    let taken = meter::run(scan.stdout(Stdio::null()).stderr(Stdio::null()))?;
    match taken.status.code() {
        Some(0 | 7) => Ok(()),
        _ => Err(format!("the scan ended with {}", taken.status)),
    }
}

/// Starts a scan and kills it without a warning; false when it had come to its end before.
fn kill_after(scan: &mut Command, time: Duration) -> Outcome {
    let mut child = meter::spawn(scan.stdout(Stdio::null()).stderr(Stdio::null()))?;
    std::thread::sleep(time);
    let running = child.try_wait().map_err(|error| error.to_string())?.is_none();
    // SIGKILL.
    child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
    Ok(running)
}

/// What a scan found, a line for each name, without what is of the moment.
fn rows(world: &Inside, store: &Path) -> Result<Vec<String>, String> {
    let file: PathBuf = store.with_extension("csv");
    let mut export = world.binary();
    export.args(["scan", "export"]).arg(store).args(["--format", "csv", "-o"]).arg(&file);
    if !command::passes(&mut export)? {
        return Err("the scan cannot be exported".to_owned());
    }
    let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
    let header: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
    let skipped: Vec<usize> = (0..header.len())
        .filter(|at| header.get(*at).is_some_and(|name| OF_THE_MOMENT.contains(name)))
        .collect();
    // No cell before those has a comma in it: they are names, words and numbers.
    let line = |line: &str| {
        let cells = line.split(',').enumerate().filter(|(at, _)| !skipped.contains(at));
        cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(",")
    };
    Ok(text.lines().map(line).collect())
}
