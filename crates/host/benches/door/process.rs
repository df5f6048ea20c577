//! What a process has taken so far.

use std::fs;

use super::Outcome;

/// Ticks of proc(5)'s `stat` in a second: the same on every Linux that people run.
const TICKS: f64 = 100.0;

/// Processor seconds of a process, user and system, in all its threads.
pub(super) fn processor(id: &str) -> Outcome<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name in brackets may hold blanks; field 3 follows it.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks =
        |field: usize| rest.split_whitespace().nth(field - 3).and_then(|word| word.parse::<f64>().ok());
    match (ticks(14), ticks(15)) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS),
        _ => Err("proc(5) `stat` cannot be read".into()),
    }
}

/// Octets that are resident now.
pub(super) fn memory(id: &str) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kibi: u64 = line.split_whitespace().next().ok_or("no number")?.parse()?;
    Ok(kibi * 1024)
}
