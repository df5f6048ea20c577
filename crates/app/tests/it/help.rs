//! The help: every example in it is carried out.

use std::process::Command;

use crate::binary::run;
use crate::house::House;

const VERBS: [&str; 21] = [
    "check",
    "replay",
    "ready",
    "mx",
    "lint",
    "generate",
    "explain",
    "publish",
    "publish rollback",
    "lab",
    "completions",
    "man",
    "schema",
    "config show",
    "doctor",
    "lab check",
    "scan",
    "scan export",
    "scan summary",
    "scan diff",
    "scan judge",
];

fn help(verb: &str) -> String {
    let mut words: Vec<&str> = verb.split(' ').filter(|word| !word.is_empty()).collect();
    words.push("--help");
    let run = run(&words);
    assert_eq!(run.code, 0, "{verb}: {run:?}");
    run.out
}

fn examples() -> Vec<String> {
    let mut all = Vec::new();
    for verb in std::iter::once("").chain(VERBS) {
        let text = help(verb);
        let after = text.split_once("Examples:\n").map_or("", |(_, after)| after);
        all.extend(
            after.lines().take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()),
        );
    }
    all
}

#[test]
fn every_verb_has_help_that_fits() {
    for verb in VERBS {
        let text = help(verb);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{verb}");
    }
}

#[test]
fn every_example_works() {
    let house = House::of(&["healthy", "healthy-testing", "healthy-two-mx"]);
    let file = |name: &str, text: &str| std::fs::write(house.file(name), text).expect("written");
    file("mta-sts.txt", "version: STSv1\nmode: Enforce\nmx: mx.example.com\nmax_age: 604800\n");
    std::fs::create_dir(house.file("zones")).expect("a folder");
    file("zones/healthy.test.zone", "_mta-sts 300 IN TXT \"v=STSv1; id=1;\"\n");
    file("db.healthy.test", "@ 300 IN SOA ns hostmaster 1 2 3 4 5\n_mta-sts 300 IN TXT \"v=STSv1; id=1;\"\n");
    file(
        "policies.json",
        "[{\"id\":\"a\",\"input\":{\"status\":200,\"headers\":[],\"body\":\"\"},\"expect\":{}}]",
    );
    for name in ["last-week.capsule", "last-month.capsule", "example.capsule"] {
        let check = crate::binary::run_in(house.path(), &["check", "healthy.test", "--record", name, "-q"]);
        assert_eq!(check.code, 0, "{check:?}");
    }
    file("policy.txt", &crate::publish::served(&house, "healthy.test"));
    std::fs::create_dir(house.file("public")).expect("a folder");
    // A scan, and its rows under the names that the examples give them.
    file("domains.txt", "healthy.test\nhealthy-testing.test\n");
    file("ranks.csv", "rank,domain\n1,healthy.test\n");
    let scan = crate::binary::run_in(house.path(), &["scan", "domains.txt", "--store", "once.sqlite", "-q"]);
    assert_eq!(scan.code, 0, "{scan:?}");
    for name in ["january.sqlite", "february.sqlite"] {
        std::fs::copy(house.file("once.sqlite"), house.file(name)).expect("copied");
    }
    let rows = crate::binary::run_in(house.path(), &["scan", "export", "january.sqlite"]);
    for name in ["rows.jsonl", "january.jsonl", "february.jsonl", "last-year.jsonl"] {
        file(name, &rows.out);
    }
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_mta-sts")).parent().expect("a folder");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let examples = examples();
    assert!(examples.len() > 25, "{examples:?}");
    for example in examples {
        // The whole lab is checked by its own test; a lab that stays up would stay up.
        if ["mta-sts lab check", "mta-sts lab up"].contains(&example.as_str()) {
            continue;
        }
        // It changes what is served, which the lab does not: carried out with real servers by `cargo xtask test publish`.
        if example.starts_with("mta-sts publish rollback") {
            continue;
        }
        let words =
            example.replace("example.com", "healthy.test").replace("example.net", "healthy-two-mx.test");
        let output = Command::new("sh")
            .args(["-c", &words])
            .env("PATH", &path)
            .env("XDG_STATE_HOME", house.path())
            .current_dir(house.path())
            .output()
            .expect("a shell");
        let code = output.status.code();
        assert!(
            matches!(code, Some(0 | 1 | 4)),
            "{words}: {code:?} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            !output.stdout.is_empty()
                || words.contains('>')
                || words.contains("man1")
                || words.contains(" -o ")
                || words.contains("--write"),
            "{words}"
        );
    }
}

#[test]
fn what_publish_refuses_is_not_offered() {
    for verb in ["publish", "publish rollback"] {
        let text = help(verb);
        for flag in ["--profile", "--ipv4", "--ipv6"] {
            assert!(!text.contains(flag), "{verb}: {flag}\n{text}");
        }
        assert!(text.contains("--resolver") && text.contains("--timeout"), "{verb}: the others are");
    }
    assert!(help("check").contains("--profile"), "elsewhere they have a meaning");
}

#[test]
fn version() {
    assert_eq!(run(&["--version"]).out, format!("mta-sts {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(&["--version", "--json"]).json()["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn completions_and_manual_pages() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(run(&["completions", shell]).out.contains("mta-sts"), "{shell}");
    }
    assert!(run(&["man"]).out.contains(".TH mta-sts"));
    let dir = tempfile::TempDir::new().expect("a directory");
    let words = ["man", dir.path().to_str().expect("a path")];
    assert_eq!(run(&words).code, 0);
    assert!(dir.path().join("mta-sts-check.1").is_file());
}

#[test]
fn settings_show_where_they_come_from() {
    let dir = tempfile::TempDir::new().expect("a directory");
    std::fs::write(dir.path().join("mta-sts.toml"), "timeout = 30\nprofile = \"basic\"\n").expect("written");
    let output = crate::binary::command(&["config", "show", "--origin", "--profile", "extended"])
        .current_dir(dir.path())
        .env("MTA_STS_HELO", "mail.example")
        .output()
        .expect("runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    for (start, end) in [
        ("profile = \"extended\"", "# a flag"),
        ("timeout = 30", "mta-sts.toml"),
        ("helo = \"mail.example\"", "# the environment, MTA_STS_HELO"),
        ("roots = \"webpki\"", "# built in"),
    ] {
        assert!(text.lines().any(|line| line.starts_with(start) && line.ends_with(end)), "{start}: {text}");
    }
}
