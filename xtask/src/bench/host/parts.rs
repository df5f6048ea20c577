//! What the measurements need: certificates, and the program that makes, serves and loads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{command, place};

/// The processors of servers and of clients.
pub(super) const OF_SERVERS: &str = "0";
const OF_CLIENTS: &str = "1";

/// A folder with everything, gone when dropped.
pub(super) struct Parts {
    folder: PathBuf,
    bench: PathBuf,
}

impl Parts {
    /// Builds the program and makes a certificate.
    pub(super) fn make() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("mta-sts-bench-host-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let parts = Self { folder, bench: build()? };
        let mut make = Command::new(&parts.bench);
        make.args(["certificates", "--names", "1", "--out"]).arg(&parts.folder);
        if command::passes(&mut make)? { Ok(parts) } else { Err("the certificates were not made".to_owned()) }
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The program on the servers' processor.
    pub(super) fn server(&self) -> Command {
        on(OF_SERVERS, &self.bench)
    }

    /// Runs the program as a client, on a processor of its own, and reads what it saw.
    pub(super) fn client(&self, words: &[&str]) -> Result<Value, String> {
        let (status, out) = command::output(on(OF_CLIENTS, &self.bench).args(words))?;
        if !status.success() {
            return Err(format!("{} failed", words.first().unwrap_or(&"the client")));
        }
        serde_json::from_slice(&out).map_err(|error| error.to_string())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever looks after the folder of temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A program bound to one processor.
pub(super) fn on(processor: &str, program: &Path) -> Command {
    let mut taskset = Command::new("taskset");
    taskset.args(["-c", processor]).arg(program);
    taskset
}

/// A number of what a program said.
pub(super) fn number(said: &Value, key: &str) -> Result<f64, String> {
    said.get(key).and_then(Value::as_f64).ok_or_else(|| format!("no {key} in {said}"))
}

/// The bench program, as cargo builds and names it, or what `MTA_STS_BENCH_DOOR` names.
fn build() -> Result<PathBuf, String> {
    if let Some(built) = std::env::var_os("MTA_STS_BENCH_DOOR") {
        return Ok(PathBuf::from(built));
    }
    // Of no package in particular, so that the features of everything are those of all other commands.
    let words = ["build", "--profile", "release", "--bench", "door"];
    let (status, out) = command::output(command::cargo(&words).args(["--message-format", "json"]))?;
    if !status.success() {
        return Err("the bench was not built".to_owned());
    }
    let text = String::from_utf8_lossy(&out);
    let built =
        text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
            let is_it = message.pointer("/target/name").and_then(Value::as_str) == Some("door");
            message
                .get("executable")
                .and_then(Value::as_str)
                .filter(|_| is_it)
                .map(|path| place::root().join(path))
        });
    built.ok_or_else(|| "cargo named no bench program".to_owned())
}
