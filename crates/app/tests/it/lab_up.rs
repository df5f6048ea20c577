//! `lab up`: what it prints is all that a check needs, and it leaves nothing behind. The other verbs of the lab.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::binary::{Run, command, run};

/// The binary's own lab, up in another process until this is dropped.
pub(crate) struct LabUp {
    child: Child,
    /// The lines to copy: with the settings file, and with flags.
    lines: Vec<String>,
}

impl LabUp {
    /// With these scenarios.
    pub(crate) fn of(scenarios: &[&str]) -> Self {
        let mut child = command(&[&["lab", "up"], scenarios].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let lines = lines
            .take_while(|line| !line.contains("Ctrl-C"))
            .filter(|line| line.contains(" check "))
            .collect();
        Self { child, lines }
    }

    fn settings(&self) -> PathBuf {
        self.lines
            .first()
            .and_then(|line| line.split_whitespace().nth(2))
            .map(PathBuf::from)
            .expect("a settings file")
    }

    /// Runs the binary in this lab.
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        let settings = self.settings().display().to_string();
        run(&[&["--config", &settings], words].concat())
    }

    fn signal(&mut self, signal: &str) -> Option<i32> {
        let sent =
            Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for LabUp {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("-TERM");
        }
    }
}

#[test]
fn another_process_checks_in_it() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let mut lab = LabUp::of(&["healthy"]);
        let words: Vec<&str> =
            lab.lines.first().expect("a line to copy").split_whitespace().skip(1).collect();
        let result = run(&words);
        assert_eq!(
            (result.code, result.out.lines().next()),
            (0, Some("healthy.test: enforcing")),
            "{result:?}"
        );
        let settings = lab.settings();
        assert!(settings.is_file());
        #[cfg(unix)]
        {
            let dir = settings.parent().expect("a directory");
            let mode = std::os::unix::fs::PermissionsExt::mode(&dir.metadata().expect("there").permissions());
            assert_eq!(mode & 0o777, 0o700, "others may look into {}", dir.display());
        }
        assert_eq!(lab.signal(signal), Some(0));
        assert!(!settings.parent().expect("a directory").exists(), "files are left behind after {signal}");
    }
}

#[test]
fn the_line_with_flags_does_the_same() {
    let lab = LabUp::of(&["mx-cert-expired", "healthy"]);
    let line = lab.lines.get(1).expect("a second line").replace("mta-sts check", "\"$0\" check");
    let output = Command::new("sh")
        .args(["-c", &line, env!("CARGO_BIN_EXE_mta-sts")])
        .env("HOME", "/nonexistent")
        .output()
        .expect("a shell");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.starts_with("healthy.test: enforcing\n"), "{line}: {output:?}");
}

#[test]
fn scenarios_by_either_name() {
    let by_name = run(&["check", "--lab", "mx-cert-expired", "--format", "github"]);
    let by_domain = run(&["check", "--lab", "MX-cert-expired.test.", "--format", "github"]);
    // The titles alone: each lab has keys of its own, and a finding may quote their digests.
    let titles =
        |out: &str| out.lines().filter_map(|l| l.split("::").nth(1).map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(
        (by_name.code, titles(&by_name.out)),
        (by_domain.code, titles(&by_domain.out)),
        "{by_domain:?}"
    );
    assert!(!titles(&by_name.out).is_empty(), "{by_name:?}");
    assert!(by_name.out.contains("mx-cert-expired.test"), "{by_name:?}");
    let one = run(&["lab", "check", "healthy.test"]);
    assert!(one.code == 0 && one.out.contains("\n1 scenario: 1 as expected, 0 not"), "{one:?}");
    for words in [["check", "--lab", "helthy"], ["mx", "--lab", "helthy.test"], ["lab", "check", "helthy"]] {
        let miss = run(&words);
        assert!(miss.code == 2 && miss.err.contains("did you mean healthy"), "{words:?}: {miss:?}");
    }
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
