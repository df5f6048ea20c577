//! A made-up internet with real servers in namespaces of its own: Knot, unbound, nginx, Postfix.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{command, place};

/// Where the worlds are: not in the repository, since the servers drop privileges and must still reach their files.
const HOME: &str = "/var/cache/mta-sts-box";
/// The authority, and the resolver before it, as `scan-world` places them.
pub(super) const AUTHORITY: &str = "198.18.0.53";
pub(super) const RESOLVER: &str = "198.18.0.54";
const NETWORK: &str = "198.18.0.0/15";

/// A world, gone with its files when dropped.
pub(super) struct World {
    dir: PathBuf,
}

/// The world as seen from inside.
pub(super) struct Inside {
    dir: PathBuf,
    binary: PathBuf,
}

impl World {
    /// Writes a world of so many domains.
    pub(super) fn make(names: usize) -> Result<Self, String> {
        if !place::is_debian() || !place::is_root() {
            return Err("the servers come as Debian packages and need root and network namespaces".to_owned());
        }
        succeeds(script("scan-install").arg(parts()))?;
        let world = Self { dir: home().join(format!("scan-{}-{names}", std::process::id())) };
        succeeds(script("scan-world").arg(&world.dir).arg(names.to_string()))?;
        Ok(world)
    }

    /// Runs this program again inside, as `bench WORDS --inside DIR`.
    pub(super) fn enter(&self, words: &[&str]) -> crate::Outcome {
        let this = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut enter = script("scan-net");
        enter.arg(&self.dir).arg(this).arg("bench").args(words).arg("--inside").arg(&self.dir);
        command::passes(enter.env("MTA_STS_BIN", place::binary()?))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever looks into the cache.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

impl Inside {
    pub(super) fn new(dir: &str) -> Result<Self, String> {
        Ok(Self { dir: PathBuf::from(dir), binary: place::binary()? })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// A number of `expect.json`.
    pub(super) fn expected(&self, key: &str) -> Result<usize, String> {
        let text = fs::read_to_string(self.file("expect.json")).map_err(|error| error.to_string())?;
        let all: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        all.get(key)
            .and_then(Value::as_u64)
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| format!("expect.json has no {key}"))
    }

    /// The first `count` lines of a list, as a file of its own.
    pub(super) fn part(&self, list: &str, count: usize) -> Result<PathBuf, String> {
        let text = fs::read_to_string(self.file(list)).map_err(|error| error.to_string())?;
        let part = self.file(&format!("{list}-{count}"));
        let lines: String = text.split_inclusive('\n').take(count).collect();
        fs::write(&part, lines).map_err(|error| error.to_string())?;
        Ok(part)
    }

    /// `mta-sts scan` of a list into a store of its own, to be completed with further words.
    pub(super) fn scan(&self, list: &Path, store: &str, resolver: &str) -> Command {
        let store = self.file(store);
        for end in ["", "-wal", "-shm"] {
            let mut name = store.clone().into_os_string();
            name.push(end);
            // It is not there the first time.
            let _ = fs::remove_file(name);
        }
        let mut scan = self.resume(&store, resolver);
        scan.arg(list);
        scan
    }

    /// `mta-sts scan` with a store as it is.
    pub(super) fn resume(&self, store: &Path, resolver: &str) -> Command {
        let mut scan = Command::new(&self.binary);
        scan.arg("scan").arg("--store").arg(store).args(["--resolver", resolver, "--trust-anchor", "off"]);
        scan.args(["--allow-target", NETWORK, "--helo", "scan.mx.test", "-4", "--roots"]);
        scan.arg(self.file("tls/ca.pem"));
        scan
    }

    pub(super) fn binary(&self) -> Command {
        Command::new(&self.binary)
    }
}

/// The Python of the comparisons.
pub(super) fn python() -> PathBuf {
    parts().join("venv/bin/python")
}

pub(super) fn script(name: &str) -> Command {
    Command::new(place::root().join("tests/realparts").join(name))
}

fn succeeds(command: &mut Command) -> Result<(), String> {
    if command::passes(command)? {
        Ok(())
    } else {
        Err(format!("{} failed", command.get_program().to_string_lossy()))
    }
}

fn home() -> PathBuf {
    std::env::var_os("BOX_HOME").map_or_else(|| PathBuf::from(HOME), PathBuf::from)
}

fn parts() -> PathBuf {
    home().join("parts")
}
