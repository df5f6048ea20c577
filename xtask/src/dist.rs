//! `cargo xtask dist`: the published binary.

use crate::{Outcome, command, place};

pub(crate) fn run() -> Outcome {
    if !command::passes(&mut command::cargo(&[
        "build",
        "--profile",
        "dist",
        "--package",
        "mta-sts",
        "--locked",
    ]))? {
        return Ok(false);
    }
    let path = place::target().join("dist").join(format!("mta-sts{}", std::env::consts::EXE_SUFFIX));
    let size = std::fs::metadata(&path).map_err(|error| format!("{}: {error}", path.display()))?.len();
    let (status, out) = command::output(std::process::Command::new("sha256sum").arg(&path))?;
    let sum = String::from_utf8_lossy(&out);
    println!("{}", path.display());
    println!("{size} octets, SHA-256 {}", sum.split_whitespace().next().unwrap_or("unknown"));
    Ok(status.success())
}
