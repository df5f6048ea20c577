//! The rules of the house: which room may know which, how long a file may be, what may not be written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Which of our crates each may depend on (docs/ARCHITECTURE.md). Those of tests and benches count like the others,
/// except where said.
const DOORS: [(&str, &[&str]); 10] = [
    ("mta-sts-protocol", &[]),
    ("mta-sts-judge", &["mta-sts-protocol"]),
    ("mta-sts-outside", &["mta-sts-protocol"]),
    ("mta-sts-database", &[]),
    ("mta-sts-scan", &["mta-sts-protocol", "mta-sts-outside", "mta-sts-database"]),
    ("mta-sts-host", &["mta-sts-protocol", "mta-sts-outside", "mta-sts-database"]),
    // A parser shared with the checker would hide a bug from it.
    ("mta-sts-lab", &[]),
    (
        "mta-sts",
        &[
            "mta-sts-protocol",
            "mta-sts-judge",
            "mta-sts-outside",
            "mta-sts-lab",
            "mta-sts-database",
            "mta-sts-scan",
            "mta-sts-host",
        ],
    ),
    ("xtask", &[]),
    ("one-build", &[]),
];

/// What the pure rooms must not know: sockets, runtimes, logs.
const IMPURE: [&str; 8] = ["tokio", "hyper", "rustls", "domain", "hickory-server", "tracing", "log", "mio"];

/// Lines of the longest file, and of all but a tenth.
const LONGEST: usize = 600;
const NINE_TENTHS: usize = 350;
const MEDIAN: usize = 150;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn dependencies(package: &Value) -> Vec<(String, Option<String>)> {
    let all = package["dependencies"].as_array().expect("dependencies");
    all.iter()
        .map(|one| {
            (one["name"].as_str().unwrap_or_default().to_owned(), one["kind"].as_str().map(str::to_owned))
        })
        .collect()
}

#[test]
fn arrows_point_downward_only() {
    let doors: BTreeMap<&str, &[&str]> = DOORS.into();
    let packages = packages();
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    for package in &packages {
        let name = package["name"].as_str().unwrap_or_default();
        let open = doors.get(name).unwrap_or_else(|| panic!("{name} is not in the table of doors"));
        for (dependency, _) in dependencies(package).iter().filter(|(one, _)| names.contains(&one.as_str())) {
            assert!(open.contains(&dependency.as_str()), "{name} must not know {dependency}");
        }
    }
}

#[test]
fn pure_rooms_know_no_sockets_no_runtime_and_no_logs() {
    for package in packages() {
        let name = package["name"].as_str().unwrap_or_default().to_owned();
        if ["mta-sts-protocol", "mta-sts-judge"].contains(&name.as_str()) {
            for (dependency, kind) in dependencies(&package) {
                assert!(
                    kind.is_some() || !IMPURE.contains(&dependency.as_str()),
                    "{name} must not know {dependency}"
                );
            }
        }
    }
}

/// The files of the repository that are ours, by their ending.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git runs");
    let list = String::from_utf8(output.stdout).expect("UTF-8");
    let list: Vec<PathBuf> = list
        .lines()
        .filter(|line| {
            endings.iter().any(|ending| line.ends_with(ending)) && !line.starts_with("assets/vendor/")
        })
        .map(|line| root().join(line))
        .filter(|path| path.is_file())
        .collect();
    assert!(list.len() > 20, "the repository's files are not listed");
    list
}

#[test]
fn a_file_is_one_idea() {
    let mut lengths: Vec<(usize, PathBuf)> = files(&[".rs"])
        .into_iter()
        .map(|path| (std::fs::read_to_string(&path).expect("readable").lines().count(), path))
        .collect();
    lengths.sort();
    for (length, path) in &lengths {
        assert!(*length <= LONGEST, "{} has {length} lines", path.display());
    }
    assert!(lengths[lengths.len() / 2].0 < MEDIAN, "the median is {}", lengths[lengths.len() / 2].0);
    assert!(
        lengths[lengths.len() * 9 / 10].0 < NINE_TENTHS,
        "nine tenths: {}",
        lengths[lengths.len() * 9 / 10].0
    );
}

#[test]
fn names_of_files_are_nouns_of_the_field() {
    for path in files(&[".rs"]) {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        assert!(
            !["utils", "util", "common", "helpers", "helper", "types", "misc"].contains(&stem),
            "{}",
            path.display()
        );
    }
}

#[test]
fn nothing_of_one_machine_is_written_down() {
    // Spelt in pieces, so that this file does not find itself.
    let forbidden = [
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
        ["/ho", "me/"].concat(),
        ["index.crates", ".io"].concat(),
    ];
    for path in files(&[".rs", ".toml", ".md", ".sh", ".json", ".snap"]) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for word in &forbidden {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

#[test]
fn no_unsafe_code() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("readable");
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    for package in packages() {
        let path = package["manifest_path"].as_str().unwrap_or_default();
        let text = std::fs::read_to_string(path).expect("readable");
        assert!(
            text.contains("[lints]\nworkspace = true"),
            "{path} does not take the lints of the workspace"
        );
    }
}

#[test]
fn vendored_files_are_unmodified() {
    let folder = root().join("assets/vendor");
    let table = std::fs::read_to_string(folder.join("README.md")).expect("readable");
    for entry in std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if name != "README.md" {
            let output = Command::new("sha256sum").arg(&entry).output().expect("sha256sum runs");
            let hash =
                String::from_utf8_lossy(&output.stdout).split(' ').next().unwrap_or_default().to_owned();
            assert!(
                table.contains(&format!("`{name}`")) && table.contains(&hash),
                "{name}: {hash} is not in the table"
            );
        }
    }
}
