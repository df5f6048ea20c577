//! `lab up`: what it prints is all that a check needs, and it leaves nothing behind.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::binary::{command, run};

#[test]
fn another_process_checks_in_it() {
    let mut child = command(&["lab", "up", "healthy"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
    let check = lines.find(|line| line.contains(" check ")).expect("a line to copy");
    let words: Vec<&str> = check.split_whitespace().skip(1).collect();
    let result = run(&words);
    assert_eq!((result.code, result.out.lines().next()), (0, Some("healthy.test: enforcing")), "{result:?}");
    let settings = words.get(1).map(std::path::PathBuf::from).expect("a settings file");
    assert!(settings.is_file());
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert!(!settings.exists(), "files are left behind");
}

#[test]
fn the_showcase_ends_with_verdicts_and_all_is_as_expected() {
    let result = run(&["check", "--lab"]);
    assert_eq!(result.code, 0, "{result:?}");
    let verdicts = [
        "enforcing",
        "enforcing-but-broken",
        "testing",
        "ready-to-enforce",
        "broken",
        "disabled",
        "not-deployed",
    ];
    for verdict in verdicts {
        assert!(
            result.out.lines().any(|line| line.ends_with(&format!("  {verdict}"))),
            "{verdict}: {}",
            result.out
        );
    }
    let jsonl = run(&["check", "--lab", "--format", "jsonl", "--fail-on", "none"]);
    assert!(jsonl.out.lines().count() >= verdicts.len() && jsonl.code == 0, "{jsonl:?}");
}

#[test]
fn some_scenarios_compared_with_what_is_expected() {
    let result = run(&["lab", "check", "healthy", "mx-mismatch-all", "record-id-unchanged"]);
    assert_eq!(result.code, 0, "{result:?}");
    assert!(result.out.contains("3 scenarios: 3 as expected, 0 not"), "{result:?}");
}
