//! Running other programs: cargo, the scripts of the box, the binary under test.

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often a program that may hang is looked at.
const POLL: Duration = Duration::from_millis(50);

/// A `cargo` command in the repository, by the cargo that runs us.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(words).current_dir(crate::place::root());
    // What cargo set for this run of ours is not meant for the next.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// Run it with our own standard streams; whether it succeeded.
pub(crate) fn passes(command: &mut Command) -> Result<bool, String> {
    command.status().map(|status| status.success()).map_err(|error| cannot_run(command, &error))
}

/// Run it and return what it wrote on standard output; its standard error is ours.
pub(crate) fn output(command: &mut Command) -> Result<(ExitStatus, Vec<u8>), String> {
    let out = command.stderr(Stdio::inherit()).output().map_err(|error| cannot_run(command, &error))?;
    Ok((out.status, out.stdout))
}

/// Run it with standard output into a file; `None` when it did not end in time and was stopped.
pub(crate) fn into_file(
    command: &mut Command,
    file: &Path,
    limit: Duration,
) -> Result<Option<ExitStatus>, String> {
    let sink = File::create(file).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    let mut child = command.stdout(sink).spawn().map_err(|error| cannot_run(command, &error))?;
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if start.elapsed() < limit => std::thread::sleep(POLL),
            Ok(None) => {
                // It may have ended this very moment: then there is nothing to stop.
                let _ = child.kill();
                let _ = child.wait();
                return Ok(None);
            }
            Err(error) => return Err(cannot_run(command, &error)),
        }
    }
}

fn cannot_run(command: &Command, error: &std::io::Error) -> String {
    format!("cannot run {}: {error}", command.get_program().to_string_lossy())
}
