//! The outputs of a scan, opened by readers that are not ours: `tests/realparts/readers.py`.

use std::process::Command;

use crate::{Outcome, command, place};

/// What reads Parquet, from PyPI.
const PYARROW: &str = "pyarrow";

/// Writes every output of a scan of lab domains with the shipped binary, and has others compare them.
pub(crate) fn run() -> Outcome {
    let binary = place::binary()?;
    let dir = place::target().join("readers");
    std::fs::create_dir_all(&dir).map_err(|error| format!("cannot make {}: {error}", dir.display()))?;
    let (venv, python) = (dir.join("venv"), dir.join("venv/bin/python"));
    let has = |python: &std::path::Path| {
        Command::new(python)
            .args(["-c", "import pyarrow.parquet"])
            .output()
            .is_ok_and(|out| out.status.success())
    };
    if !has(&python) {
        println!("installing {PYARROW}");
        let made = command::passes(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?
            && command::passes(Command::new(&python).args(["-m", "pip", "-q", "install", PYARROW]))?;
        if !made {
            return Err(format!("{PYARROW} cannot be installed: see above"));
        }
    }
    let script = place::root().join("tests/realparts/readers.py");
    command::passes(Command::new(&python).arg(script).arg(binary).arg(dir.join("outputs")))
}
