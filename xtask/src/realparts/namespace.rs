//! A box in its network namespace, driven by the scripts. Stopped when dropped, whatever happens before.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, command, place};

/// Where parts and boxes are kept. Not in the repository: the servers drop privileges and must still reach their files.
const HOME: &str = "/var/cache/mta-sts-box";

pub(super) struct Namespace {
    name: String,
    dir: PathBuf,
    /// Whether it ends with this process.
    ours: bool,
}

impl Namespace {
    /// The box of `box up`, which stays until `box down`.
    pub(super) fn kept() -> Self {
        Self { name: "mta-sts-box".to_owned(), dir: home().join("box"), ours: false }
    }

    /// A box for one run of the tests; several may run at the same time.
    pub(super) fn of_this_run() -> Self {
        let id = std::process::id();
        Self { name: format!("mta-sts-box-{id}"), dir: home().join(format!("run-{id}")), ours: true }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Install what is missing, write the configuration, start everything.
    pub(super) fn up(&self, words: &[&str]) -> Outcome {
        if !install()? {
            return Err("the real parts could not be installed".to_owned());
        }
        let mut up = self.script("up");
        up.arg(&self.dir).args(words);
        if self.ours {
            // Should this process be killed, the box goes too.
            up.args(["--while", &std::process::id().to_string()]);
        }
        command::passes(&mut up)
    }

    /// A command inside, to be completed with a program and its arguments.
    pub(super) fn exec(&self) -> Command {
        self.script("exec")
    }

    /// A command of the script `net-fault` on this namespace.
    pub(super) fn fault(&self, words: &[&str]) -> Result<(), String> {
        let (status, _) = command::output(script("net-fault").arg(&self.name).args(words))?;
        if status.success() { Ok(()) } else { Err(format!("net-fault {} failed", words.join(" "))) }
    }

    /// Are the planted conditions really there? Prints what is not, and the last line.
    pub(super) fn verify(&self, domains: &[String]) -> Outcome {
        let mut check = self.exec();
        check.arg(scripts().join("box-check")).arg(&self.dir).args(domains);
        let (status, out) = command::output(&mut check)?;
        let text = String::from_utf8_lossy(&out);
        let quiet = self.ours;
        for line in text.lines().filter(|line| !quiet || !line.starts_with("ok ")) {
            println!("{line}");
        }
        Ok(status.success())
    }

    /// Stop every server, remove the namespace, and for a run of tests the files too.
    pub(super) fn down(&self) -> Result<(), String> {
        let stopped = command::passes(self.script("down").arg(&self.dir))?;
        if self.ours && self.dir.exists() {
            std::fs::remove_dir_all(&self.dir).map_err(|error| format!("{}: {error}", self.dir.display()))?;
        }
        if stopped { Ok(()) } else { Err("the box did not go down".to_owned()) }
    }

    fn script(&self, verb: &str) -> Command {
        let mut net = script("box-net");
        net.arg(&self.name).arg(verb);
        net
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if self.ours
            && self.dir.exists()
            && let Err(why) = self.down()
        {
            eprintln!("{why}");
        }
    }
}

/// Install the real parts that are missing; apt is called only then.
pub(super) fn install() -> Outcome {
    if !place::is_debian() || !place::is_root() {
        return Err("the box needs Debian and root".to_owned());
    }
    command::passes(script("parts-install").arg(home().join("parts")))
}

/// Whether the table in `docs/realparts.md` is the one of the box.
pub(super) fn documented() -> Outcome {
    command::passes(&mut script("table"))
}

pub(super) fn home() -> PathBuf {
    std::env::var_os("BOX_HOME").map_or_else(|| PathBuf::from(HOME), PathBuf::from)
}

fn scripts() -> PathBuf {
    place::root().join("tests/realparts")
}

pub(super) fn script(name: &str) -> Command {
    Command::new(scripts().join(name))
}
