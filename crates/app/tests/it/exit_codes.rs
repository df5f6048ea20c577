//! Every documented exit code, for the reason that is documented.

use std::net::UdpSocket;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::binary::{check_lab, command, run, run_in};
use crate::house::House;

#[test]
fn zero_when_all_is_good_by_the_threshold() {
    assert_eq!(check_lab("healthy.test", &[]).code, 0);
    // INFO is below the default threshold.
    assert_eq!(check_lab("healthy-testing.test", &[]).code, 0);
    assert_eq!(check_lab("mx-mismatch-all.test", &["--fail-on", "none"]).code, 0);
}

#[test]
fn one_when_findings_reach_the_threshold() {
    assert_eq!(check_lab("mx-mismatch-all.test", &[]).code, 1);
    assert_eq!(check_lab("mx-mismatch-all.test", &["--fail-on", "high"]).code, 1);
    assert_eq!(check_lab("healthy-testing.test", &["--fail-on", "info"]).code, 1);
    assert_eq!(check_lab("tlsrpt-missing.test", &["--fail-on", "medium"]).code, 0);
    assert_eq!(check_lab("tlsrpt-missing.test", &["--fail-on", "low"]).code, 1);
}

#[test]
fn not_deployed_is_good_unless_required() {
    assert_eq!(check_lab("record-missing.test", &[]).code, 0);
    assert_eq!(check_lab("record-missing.test", &["--require"]).code, 1);
}

#[test]
fn two_when_the_command_line_is_wrong() {
    for words in [
        &["check"][..],
        &["chekc", "example.com"],
        &["check", "example.com", "--format", "yaml"],
        &["check", "example.com", "--expect", "colour=red"],
        &["check", "example.com", "--expect", "mode=enforced"],
        &["check", "example.com", "--lab"],
        &["check", "example.com", "--timeout", "0"],
        &["check", "example.com", "--connect-to", "x"],
        &["check", "example.com", "--helo", "a b"],
        &["check", "example.com", "--helo", "a.example\r\nRSET"],
        &["check", "example.com", "--resolver", "not an address"],
        &["check", "example.com", "--roots", "/nonexistent/roots.pem"],
        &["check", "example.com", "--severity", "/nonexistent/severities"],
        &["check", "example.com", "--since", "/nonexistent/capsule"],
        &["check", "example.com", "--record", "-"],
        &["check", "example.com", "--record", "/nonexistent/directory/capsule"],
        &["check", "example.com", "-o", "/nonexistent/directory/result"],
        &["ready", "example.com", "-o", "/nonexistent/directory/result"],
        &["check", "--lab", "-o", "/"],
        &["check", "example.com", "--trust-anchor", "/dev/null"],
        &["replay", "/nonexistent/capsule"],
        &["lint", "/nonexistent/policy"],
        &["explain", "no-such-word-anywhere"],
        &["lab", "check", "no-such-scenario"],
        &["lint", "--vectors", "x.json"],
        &[],
    ] {
        let run = run(words);
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        assert!(run.out.is_empty() && !run.err.is_empty(), "{words:?}: {run:?}");
    }
}

#[test]
fn three_when_the_resolver_is_down() {
    // Port 1 of loopback is closed.
    let run = run(&["check", "example.com", "--resolver", "127.0.0.1:1", "--timeout", "5"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.out.starts_with("example.com: unknown\n"), "{run:?}");
    let doctor = crate::binary::run(&["doctor", "--resolver", "127.0.0.1:1", "--timeout", "5"]);
    assert_eq!(doctor.code, 3, "{doctor:?}");
    assert!(doctor.out.contains("resolver: not tested, because"), "{doctor:?}");
}

#[test]
fn four_unless_every_gate_passes() {
    for domain in ["healthy-testing.test", "mx-mismatch-testing.test", "record-missing.test"] {
        assert_eq!(run(&["ready", "--lab", domain]).code, 4, "{domain}");
    }
}

#[test]
fn five_when_something_is_not_as_expected() {
    for (expect, code) in [
        ("mode=enforce", 0),
        ("verdict=enforcing,mode=enforce", 0),
        ("mx=mx1.healthy.test", 0),
        ("mode=testing", 5),
        ("id=other", 5),
        ("mode=enforce,max_age=1", 5),
    ] {
        assert_eq!(check_lab("healthy.test", &["--expect", expect]).code, code, "{expect}");
    }
}

#[test]
fn six_when_the_settings_are_wrong() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let file = dir.path().join("mta-sts.toml");
    for text in [
        "resolvr = \"x\"",
        "= 3",
        "format = \"yaml\"",
        "helo = \"a\\nb\"",
        "timeout = \"soon\"",
        "roots = \"missing.pem\"",
    ] {
        std::fs::write(&file, text).expect("written");
        let run = run_in(dir.path(), &["check", "example.com"]);
        assert_eq!(run.code, 6, "{text}: {run:?}");
        assert!(run.err.contains("mta-sts.toml"), "{text}: {run:?}");
    }
    std::fs::write(dir.path().join("bad.pem"), "no certificate").expect("written");
    for text in ["roots = \"bad.pem\"", "trust-anchor = \"bad.pem\"", "resolver = \"tls://\""] {
        std::fs::write(&file, text).expect("written");
        let run = run_in(dir.path(), &["check", "healthy.test"]);
        assert_eq!(run.code, 6, "{text}: {run:?}");
    }
    let wrong = command(&["check", "example.com"]).env("MTA_STS_FAIL_ON", "perhaps").output().expect("runs");
    assert_eq!(wrong.status.code(), Some(6));
    let injected =
        command(&["check", "example.com"]).env("MTA_STS_HELO", "a\r\nRSET").output().expect("runs");
    assert_eq!(injected.status.code(), Some(6));
}

#[test]
fn seventy_when_the_machine_fails_us() {
    // A full disk is found only when it is full.
    let run = check_lab("healthy.test", &["-o", "/dev/full"]);
    assert_eq!(run.code, 70, "{run:?}");
    assert!(run.err.contains("cannot write /dev/full"), "{run:?}");
}

/// Interrupts a check once its first question says that it is at work; it must end with 130.
fn interrupt_at_work(child: &mut Child, resolver: &UdpSocket) {
    resolver.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    resolver.recv_from(&mut [0; 512]).expect("a question");
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
}

#[test]
fn a_hundred_and_thirty_when_interrupted() {
    // A resolver that never answers keeps the check busy.
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let resolver = silent.local_addr().expect("its address").to_string();
    let mut child = command(&["check", "example.com", "--resolver", &resolver])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("runs");
    interrupt_at_work(&mut child, &silent);
}

#[test]
fn what_is_there_is_written_when_interrupted() {
    let house = House::of(&["healthy"]);
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let words = ["check", "healthy.test", "--format", "json", "-o", "result", "--record", "capsule"];
    for name in ["result", "capsule"] {
        std::fs::write(house.file(name), "as it was").expect("written");
    }
    let resolver = silent.local_addr().expect("its address").to_string();
    let mut child = command(&[&words[..], &["--resolver", &resolver]].concat())
        .current_dir(house.path())
        .stderr(Stdio::null())
        .spawn()
        .expect("runs");
    interrupt_at_work(&mut child, &silent);
    for name in ["result", "capsule"] {
        // Nothing was there yet: the files are as they were, and no draft is left.
        assert_eq!(std::fs::read(house.file(name)).expect("readable"), b"as it was");
    }
    let drafts = std::fs::read_dir(house.path()).expect("readable").filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(".mta-sts-"))
    });
    assert_eq!(drafts.count(), 0);
}

#[test]
fn a_closed_output_does_not_change_the_result() {
    let house = House::of(&["healthy", "mx-mismatch-all"]);
    let check = |domain: &str| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut child = command(&["check", domain, "-q"])
            .current_dir(house.path())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .expect("runs");
        let mut talk = String::new();
        let mut pipe = child.stderr.take().expect("a pipe");
        std::io::Read::read_to_string(&mut pipe, &mut talk).expect("readable");
        (child.wait().expect("it ends").code(), talk)
    };
    assert_eq!(check("healthy.test"), (Some(0), String::new()));
    assert_eq!(check("mx-mismatch-all.test"), (Some(1), String::new()));
    for (line, code) in [("ready --lab healthy-testing.test", 4), ("lint -", 1), ("explain --list", 0)] {
        let words: Vec<&str> = line.split(' ').collect();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let (input, mut text) = std::io::pipe().expect("a pipe");
        std::io::Write::write_all(&mut text, b"v=STSv1; id=a-b;\n").expect("written");
        drop(text);
        let mut child = command(&words).stdin(input).stdout(writer).spawn().expect("runs");
        assert_eq!(child.wait().expect("it ends").code(), Some(code), "{line}");
    }
}

#[test]
fn of_several_domains_the_worst_counts() {
    let house = House::of(&["healthy", "mx-mismatch-all"]);
    let run = run_in(house.path(), &["check", "healthy.test", "mx-mismatch-all.test", "healthy.test", "-q"]);
    assert_eq!((run.code, run.out.lines().count()), (1, 2), "{run:?}");
}

#[test]
fn a_finding_outranks_what_could_not_be_checked() {
    let house = House::of(&["healthy", "mx-mismatch-all"]);
    run_in(house.path(), &["check", "healthy.test", "mx-mismatch-all.test", "--record", "both"]);
    let alone = house.file("alone");
    let alone = alone.to_str().expect("a path");
    let down =
        run(&["check", "example.com", "--resolver", "127.0.0.1:1", "--timeout", "5", "--record", alone]);
    assert_eq!(down.code, 3, "{down:?}");
    let read = |path: &std::path::Path| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON")
    };
    let mut both = read(&house.file("both"));
    both["domains"][0] = read(alone.as_ref())["domains"][0].clone();
    std::fs::write(house.file("both"), both.to_string()).expect("written");
    let words = |more: &[&str]| run_in(house.path(), &[&["replay", "both"], more].concat()).code;
    assert_eq!(words(&[]), 1);
    assert_eq!(words(&["--fail-on", "none"]), 3);
    assert_eq!(words(&["--expect", "mode=testing"]), 5);
}

#[test]
fn nagios_has_its_own_codes() {
    for (domain, code, word) in [
        ("healthy.test", 0, "OK"),
        ("policy-tls-expired.test", 1, "WARNING"),
        ("mx-mismatch-all.test", 2, "CRITICAL"),
    ] {
        let run = check_lab(domain, &["--format", "nagios"]);
        assert_eq!(run.code, code, "{run:?}");
        assert!(run.out.starts_with(&format!("MTA-STS {word} - {domain}: ")), "{run:?}");
    }
    let down = run(&["check", "example.com", "--resolver", "127.0.0.1:1", "--format", "nagios"]);
    assert_eq!(down.code, 3);
}

#[test]
fn nagios_hears_of_every_early_end() {
    for words in [
        &["check", "--format", "nagios"][..],
        &["check", "not a domain", "--format=nagios"],
        &["check", "example.com", "--format", "nagios", "--expect", "mode=enforced"],
        &["check", "example.com", "--format", "nagios", "--roots", "/nonexistent/a|b"],
        &["check", "example.com", "--format", "nagios", "--config", "/nonexistent/settings"],
        &["check", "example.com", "--format", "nagios", "--record", "/nonexistent/x/y"],
        &["replay", "/nonexistent/capsule", "--format", "nagios"],
    ] {
        let run = run(words);
        assert_eq!(run.code, 3, "{words:?}: {run:?}");
        assert!(run.out.starts_with("MTA-STS UNKNOWN - "), "{words:?}: {run:?}");
        assert_eq!((run.out.lines().count(), run.out.contains('|')), (1, false), "{words:?}: {run:?}");
    }
    let by_environment =
        command(&["check", "no domain"]).env("MTA_STS_FORMAT", "nagios").output().expect("runs");
    assert_eq!(by_environment.status.code(), Some(3));
    assert!(by_environment.stdout.starts_with(b"MTA-STS UNKNOWN - "));
}

#[test]
fn what_is_not_as_expected_shows_in_every_format() {
    let house = House::of(&["healthy"]);
    for format in ["human", "json", "jsonl", "markdown", "html", "sarif", "junit", "csv", "github", "nagios"]
    {
        let words = ["check", "healthy.test", "--expect", "mode=testing", "--format", format];
        let run = run_in(house.path(), &words);
        assert_eq!(run.code, if format == "nagios" { 2 } else { 5 }, "{format}: {run:?}");
        let shown = if format.starts_with("json") { "\"met\":false" } else { "xpected" };
        assert!(run.out.contains(shown) && run.out.contains("testing"), "{format}: {run:?}");
    }
}
