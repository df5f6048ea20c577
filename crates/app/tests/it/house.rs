//! A lab in this process, and the flags that send the binary there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lab::{Lab, Options, View};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A running lab. The binary is another process: only addresses and files connect them.
pub(crate) struct House {
    /// The lab.
    pub(crate) lab: Lab,
    /// A directory with trust anchor, roots, and a settings file for all.
    pub(crate) dir: TempDir,
    // Dropped last: the lab's servers live in it.
    _runtime: Runtime,
}

impl House {
    /// Starts scenarios.
    pub(crate) fn of(scenarios: &[&str]) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let only = scenarios.iter().map(|name| (*name).to_owned()).collect();
        let lab =
            runtime.block_on(Lab::start(Options { only, delay: Duration::ZERO })).expect("the lab starts");
        let dir = TempDir::new().expect("a directory");
        std::fs::write(dir.path().join("anchor"), lab.trust_anchor()).expect("written");
        std::fs::write(dir.path().join("ca.pem"), lab.ca_pem()).expect("written");
        let rules: Vec<String> =
            lab.connect_map().iter().map(|(from, to)| format!("\"{from}={to}\"")).collect();
        let allowed: Vec<String> = lab.allowed().iter().map(|network| format!("\"{network}\"")).collect();
        let settings = format!(
            "resolver = \"{}\"\ntrust-anchor = \"anchor\"\nroots = \"ca.pem\"\nhelo = \"checker.example\"\n\
             allow-target = [{}]\nconnect-to = [{}]\n",
            lab.resolver(View::Now),
            allowed.join(", "),
            rules.join(", ")
        );
        std::fs::write(dir.path().join("mta-sts.toml"), settings).expect("written");
        Self { lab, dir, _runtime: runtime }
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
