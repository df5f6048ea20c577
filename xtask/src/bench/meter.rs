//! What a program took: time, processor, memory.

use std::fs;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// How often the memory of a running program is looked at. Its peak only grows, so little is missed.
const POLL: Duration = Duration::from_millis(50);
/// Ticks of `/proc/*/stat` in a second: the same on every Linux that people run.
const TICKS: f64 = 100.0;

/// What a program took from start to end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) status: ExitStatus,
    pub(super) seconds: f64,
    /// Processor seconds, user and system, with those of its own children.
    pub(super) processor: f64,
    /// The most memory that was resident, in octets.
    pub(super) memory: u64,
}

/// Runs a program to its end.
pub(super) fn run(command: &mut Command) -> Result<Taken, String> {
    let before = processor_of_children()?;
    let start = Instant::now();
    let mut child = spawn(command)?;
    let mut memory = 0;
    loop {
        memory = peak(child.id()).unwrap_or(memory);
        match child.try_wait() {
            Ok(Some(status)) => {
                let seconds = start.elapsed().as_secs_f64();
                let processor = processor_of_children()? - before;
                return Ok(Taken { status, seconds, processor, memory });
            }
            Ok(None) => std::thread::sleep(POLL),
            Err(error) => return Err(error.to_string()),
        }
    }
}

pub(super) fn spawn(command: &mut Command) -> Result<Child, String> {
    command
        .spawn()
        .map_err(|error| format!("cannot run {}: {error}", command.get_program().to_string_lossy()))
}

/// `VmHWM` of a process.
fn peak(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kibi| kibi * 1024)
}

/// Processor seconds of all children that have ended: fields 16 and 17 of proc(5)'s `stat`.
fn processor_of_children() -> Result<f64, String> {
    let stat = fs::read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
    // The name in brackets may hold blanks; field 3 follows it.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks =
        |field: usize| rest.split_whitespace().nth(field - 3).and_then(|word| word.parse::<f64>().ok());
    match (ticks(16), ticks(17)) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS),
        _ => Err("/proc/self/stat cannot be read".to_owned()),
    }
}
