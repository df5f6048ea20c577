//! Runs the shipped binary.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run left.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit status.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("talk is UTF-8"),
        }
    }

    /// The output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The binary, with no settings but those given.
pub(crate) fn command<S: AsRef<str>>(words: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mta-sts"));
    command.args(words.iter().map(AsRef::as_ref));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("MTA_STS_")
            || name.starts_with("XDG_")
            || name == "NO_COLOR"
            || name == "CLICOLOR_FORCE"
        {
            command.env_remove(name);
        }
    }
    command.env("HOME", "/nonexistent").current_dir(std::env::temp_dir()).stdin(Stdio::null());
    command
}

/// Runs it.
pub(crate) fn run<S: AsRef<str>>(words: &[S]) -> Run {
    Run::of(command(words).output().expect("the binary runs"))
}

/// Runs it in a directory.
pub(crate) fn run_in<S: AsRef<str>>(dir: &Path, words: &[S]) -> Run {
    Run::of(command(words).current_dir(dir).output().expect("the binary runs"))
}

/// Runs it with a text on standard input.
pub(crate) fn run_with<S: AsRef<str>>(words: &[S], input: &[u8]) -> Run {
    let mut child = command(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // It may end without reading all.
    let _ = stdin.write_all(input);
    drop(stdin);
    Run::of(child.wait_with_output().expect("it ends"))
}

/// `check --lab` of one domain, with more words.
pub(crate) fn check_lab(domain: &str, more: &[&str]) -> Run {
    run(&[&["check", "--lab", domain], more].concat())
}
