//! Completions and manual pages, in the real shell.

use std::process::Command;

use crate::binary::run;

/// What bash offers for the last of these words.
fn offered(words: &[&str]) -> Vec<String> {
    let script = run(&["completions", "bash"]);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), script.out).expect("written");
    let last = words.len() - 1;
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let line = format!(
        "source {}\nCOMP_WORDS=({})\nCOMP_CWORD={last}\n\
         handler=$(complete -p mta-sts | sed 's/.*-F \\([^ ]*\\) .*/\\1/')\n\
         $handler mta-sts {} {}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        file.path().display(),
        quoted.join(" "),
        quoted[last],
        quoted[last - 1],
    );
    let output = Command::new("bash").args(["--norc", "-c", &line]).output().expect("bash runs");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_every_word() {
    if Command::new("bash").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "bash is missing");
        return;
    }
    for (words, expected) in [
        (&["mta-sts", "ch"][..], "check"),
        (&["mta-sts", "check", "--res"], "--resolver"),
        (&["mta-sts", "check", "--format", "js"], "jsonl"),
        (&["mta-sts", "check", "example.com", "--prof"], "--profile"),
        (&["mta-sts", "check", "--profile", ""], "basic"),
        (&["mta-sts", "lab", "ch"], "check"),
        (&["mta-sts", "lab", "check", "healthy-t"], "healthy-testing"),
        (&["mta-sts", "explain", "mta_sts_mx"], "mta_sts_mx_mismatch"),
        (&["mta-sts", "schema", "ca"], "capsule"),
        (&["mta-sts", "completions", "f"], "fish"),
    ] {
        let offered = offered(words);
        assert!(offered.iter().any(|word| word == expected), "{words:?}: {offered:?}");
    }
}

#[test]
fn other_shells_take_their_scripts() {
    for (shell, name) in [("zsh", "zsh"), ("fish", "fish"), ("bash", "bash")] {
        let script = run(&["completions", name]);
        assert!(script.code == 0 && script.out.contains("mta-sts"), "{script:?}");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), script.out).expect("written");
        // Where the shell is there: it reads the script without running it.
        if let Ok(read) = Command::new(shell).arg("-n").arg(file.path()).output() {
            assert!(read.status.success(), "{shell}: {read:?}");
        }
    }
}

#[test]
fn manual_pages_have_their_sections() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let written = run(&["man", &dir.path().display().to_string()]);
    assert_eq!(written.code, 0, "{written:?}");
    for (name, usage) in [
        ("mta-sts", "mta\\-sts [OPTIONS] [COMMAND]"),
        ("mta-sts-check", "mta\\-sts check [OPTIONS] [DOMAIN]..."),
        ("mta-sts-lab", "mta\\-sts lab"),
        ("mta-sts-lab-up", "mta\\-sts lab up [OPTIONS] [SCENARIO]..."),
    ] {
        let page = std::fs::read_to_string(dir.path().join(format!("{name}.1"))).expect(name);
        assert!(page.contains(&format!(".SH SYNOPSIS\n.nf\n{usage}")), "{name}: {page}");
        let codes = page.split_once(".SH \"EXIT STATUS\"\n.nf\n").expect(name).1;
        assert!(codes.contains("0  all good") && codes.contains("\n.fi\n"), "{name}: {codes}");
        assert_eq!(
            page.contains(".SH EXAMPLES\n.nf\n  mta\\-sts"),
            name != "mta-sts-lab-up",
            "{name}: {page}"
        );
    }
    assert_eq!(run(&["man"]).out, std::fs::read_to_string(dir.path().join("mta-sts.1")).expect("there"));
}
