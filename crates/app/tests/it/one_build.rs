//! Every dependency is built once: the commands of the README agree on the features of each (xtask/one-build says why).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn cargo(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(words)
        .args(["--offline", "--locked"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Each package that these words select, with the features that it gets: `name version|feature,feature`.
fn features(words: &[&str]) -> BTreeSet<String> {
    let tree = cargo(&[&["tree", "--prefix", "none", "--no-dedupe", "--format", "{p}|{f}"], words].concat());
    tree.lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (package, features) = line.trim_end_matches(" (*)").rsplit_once('|').expect("a line of ours");
            let name_and_version: Vec<&str> = package.split(' ').take(2).collect();
            format!("{}|{features}", name_and_version.join(" "))
        })
        .collect()
}

#[test]
fn every_command_builds_with_the_features_of_the_tests() {
    let tests = features(&["--workspace"]);
    assert!(tests.len() > 200, "cargo lists the dependencies");
    for (command, words) in [
        ("cargo run", &["--edges", "normal,build"][..]),
        ("cargo xtask", &["--edges", "normal,build", "--package", "xtask"]),
    ] {
        let twice: Vec<String> = features(words).difference(&tests).cloned().collect();
        assert!(
            twice.is_empty(),
            "`{command}` builds these with other features than `cargo test --workspace`, hence twice:\n  {}\n\
             A dev-dependency is missing in xtask/one-build/Cargo.toml, or a feature in xtask/Cargo.toml.",
            twice.join("\n  ")
        );
    }
}

#[test]
fn what_tests_need_is_listed_where_it_counts_always() {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let dependencies = |package: &Value, kind: Option<&str>| -> BTreeSet<String> {
        let all = package["dependencies"].as_array().cloned().unwrap_or_default();
        all.iter()
            .filter(|one| one["kind"].as_str() == kind && one["path"].is_null())
            .map(|one| {
                format!("{} {} default={}", one["name"], one["features"], one["uses_default_features"])
            })
            .collect()
    };
    let one_build = packages.iter().find(|package| package["name"] == "one-build").expect("one-build");
    let listed = dependencies(one_build, None);
    let needed: BTreeSet<String> =
        packages.iter().flat_map(|package| dependencies(package, Some("dev"))).collect();
    assert_eq!(
        listed, needed,
        "the [dependencies] of xtask/one-build are the dev-dependencies of all members"
    );
}
