//! What a check recorded is judged again in a namespace without a network, byte for byte the same.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, command, place};

/// Formats compared: for people, for programs, and one with identifiers of its own.
const FORMATS: [&str; 3] = ["human", "json", "sarif"];

/// The words that start a program without a network, if this machine allows any.
pub(crate) fn without_network() -> Option<Vec<&'static str>> {
    let ways = [vec!["unshare", "--net"], vec!["unshare", "--map-root-user", "--net"]];
    ways.into_iter().find(|way| start(way, Path::new("true")).status().is_ok_and(|status| status.success()))
}

/// Lab domains: two that are well in different ways, and two with faults.
const DOMAINS: [&str; 4] =
    ["healthy.test", "healthy-testing.test", "mx-cert-expired.test", "hostile-escape-header.test"];

/// Check lab domains, recording; then replay each capsule without a network.
pub(crate) fn run(wrapper: &[&str]) -> Outcome {
    let binary = place::binary()?;
    let capsule = place::target().join("replay.capsule");
    let mut same = true;
    for format in FORMATS {
        let (_, checked) = command::output(
            Command::new(&binary)
                .args(["check", "--lab", "--format", format, "--record"])
                .arg(&capsule)
                .args(DOMAINS),
        )?;
        same &= replayed(wrapper, &binary, &capsule, format, &checked)?;
    }
    std::fs::remove_file(&capsule).map_err(|error| format!("{}: {error}", capsule.display()))?;
    Ok(same)
}

/// Whether the replay of a capsule, without a network, writes exactly `checked`.
pub(crate) fn replayed(
    wrapper: &[&str],
    binary: &Path,
    capsule: &Path,
    format: &str,
    checked: &[u8],
) -> Outcome {
    let (_, again) =
        command::output(start(wrapper, binary).arg("replay").arg(capsule).args(["--format", format]))?;
    let same = !checked.is_empty() && again == checked;
    println!(
        "replay --format {format}: {} ({} octets checked, {} replayed)",
        if same { "the same" } else { "DIFFERENT" },
        checked.len(),
        again.len()
    );
    Ok(same)
}

fn start(wrapper: &[&str], program: &Path) -> Command {
    let mut words = wrapper.iter();
    let mut command = Command::new(words.next().copied().unwrap_or("unshare"));
    command.args(words).arg(program);
    command
}
