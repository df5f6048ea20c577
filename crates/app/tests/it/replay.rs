//! A replay says what the check said, octet for octet, and needs no network.

use std::process::Command;

use crate::binary::{run, run_in};
use crate::house::House;

const FORMATS: [&str; 10] =
    ["human", "json", "jsonl", "markdown", "html", "sarif", "junit", "csv", "github", "nagios"];

#[test]
fn every_format_is_the_same_again() {
    let house = House::of(&["healthy", "mx-mismatch-all", "policy-tls-expired"]);
    let domains = ["healthy.test", "mx-mismatch-all.test", "policy-tls-expired.test"];
    for format in FORMATS {
        for count in [1, 3] {
            let mut words =
                vec!["check", "--record", "x.capsule", "--format", format, "--show-commands", "-v"];
            words.extend(&domains[..count]);
            let check = run_in(house.path(), &words);
            let replay =
                run_in(house.path(), &["replay", "x.capsule", "--format", format, "--show-commands", "-v"]);
            assert_eq!(check.out, replay.out, "{format}, {count}");
            assert_eq!(check.code, replay.code, "{format}, {count}");
            assert!(!check.out.is_empty() || format == "github", "{format}, {count}");
        }
    }
}

#[test]
fn the_max_age_profile_is_in_the_capsule() {
    let house = House::of(&["max-age-by-ncsc"]);
    let check = |profile| {
        let words = [
            "check",
            "max-age-by-ncsc.test",
            "--record",
            "x.capsule",
            "--format",
            "csv",
            "--max-age-profile",
            profile,
        ];
        run_in(house.path(), &words)
    };
    for profile in ["seed", "ncsc", "rfc"] {
        let check = check(profile);
        let replay = run_in(house.path(), &["replay", "x.capsule", "--format", "csv"]);
        assert_eq!((check.code, &check.out), (replay.code, &replay.out), "{profile}");
        let short = replay.out.contains("mta_sts_max_age_short");
        assert_eq!(short, profile != "seed", "{profile}");
        let kept = std::fs::read_to_string(house.file("x.capsule")).expect("readable");
        let named = kept.contains(&format!("\"max_age_profile\":\"{profile}\""));
        assert_eq!(named, profile != "seed", "{profile}");
    }
    assert_eq!(check("weeks").code, 2);
}

#[test]
fn memory_vantages_and_severities_are_in_the_capsule() {
    let house = House::of(&["healthy"]);
    let file = house.file("severities.toml");
    std::fs::write(&file, "mta_sts_id_changed_same_policy = \"HIGH\"\ndane_no_rollover = \"HIGH\"\n")
        .expect("written");
    let first = run_in(house.path(), &["check", "healthy.test", "--record", "first.capsule"]);
    assert_eq!(first.code, 0, "{first:?}");
    let check = [
        "check",
        "healthy.test",
        "--since",
        "first.capsule",
        "--with",
        "first.capsule",
        "--severity",
        "severities.toml",
        "--record",
        "second.capsule",
        "--format",
        "json",
    ];
    let check = run_in(house.path(), &check);
    for name in ["first.capsule", "severities.toml"] {
        std::fs::remove_file(house.file(name)).expect("removed");
    }
    let replay = run_in(house.path(), &["replay", "second.capsule", "--format", "json"]);
    assert_eq!((check.out, check.code), (replay.out, replay.code));
}

#[test]
fn a_replay_needs_no_network() {
    let house = House::of(&["mx-mismatch-all"]);
    let check = run_in(house.path(), &["check", "mx-mismatch-all.test", "--record", "x.capsule"]);
    let capsule = house.file("x.capsule");
    let alone = Command::new("unshare")
        .args(["--net", "--map-root-user", env!("CARGO_BIN_EXE_mta-sts"), "replay", "--no-config"])
        .arg(&capsule)
        .output();
    match alone {
        Ok(output) if output.status.code() == Some(check.code) => {
            assert_eq!(String::from_utf8_lossy(&output.stdout), check.out);
        }
        // Where namespaces are not allowed the test command of the repository says that it skipped this.
        other => {
            let refused =
                other.map_or(true, |output| String::from_utf8_lossy(&output.stderr).contains("unshare"));
            assert!(refused, "replay without a network gave something else");
        }
    }
}

#[test]
fn ready_reads_capsules_too() {
    let house = House::of(&["healthy-testing"]);
    let check = run_in(house.path(), &["check", "healthy-testing.test", "--record", "x.capsule"]);
    assert_eq!(check.code, 0, "{check:?}");
    let capsule = house.file("x.capsule");
    let capsule = capsule.to_str().expect("a path");
    let live = run_in(house.path(), &["ready", "healthy-testing.test"]);
    let again = run(&["ready", "healthy-testing.test", "--capsule", capsule]);
    assert_eq!((live.code, live.out), (again.code, again.out));
}
