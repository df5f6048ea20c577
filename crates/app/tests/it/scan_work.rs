//! `scan`: interrupted, killed, shared; junk; the flags that protect a store.

use std::io::{BufRead as _, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::Ordering;

use crate::answerer::Answerer;
use crate::binary::{Run, command, run_in, run_with};
use crate::house::House;

/// A directory with a list of so many names.
fn list(count: usize) -> tempfile::TempDir {
    let dir = tempfile::TempDir::new().expect("a directory");
    let name = |number: usize| {
        if number % 100 == 7 { format!("hit{number}.example\n") } else { format!("n{number}.example\n") }
    };
    let text: String = (0..count).map(name).collect();
    std::fs::write(dir.path().join("list.txt"), text).expect("written");
    dir
}

fn spawn(dir: &Path, words: &[&str]) -> Child {
    command(words)
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs")
}

/// What is in a store, name by name.
fn rows(dir: &Path, words: &[&str]) -> String {
    let export = [&["scan", "export"], words, &["--format", "jsonl", "--what", "evidence"]].concat();
    let run = run_in(dir, &export);
    assert_eq!(run.code, 0, "{run:?}");
    run.out
}

fn summary(run: &Run, what: &str) -> String {
    let line = run.out.lines().find(|line| line.trim_start().starts_with(what));
    line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn killed_and_resumed_it_is_as_if_nothing_had_happened() {
    let (server, dir) = (Answerer::start(), list(30_000));
    let scan = ["scan", "list.txt", "--stage", "txt", "--resolver", &server.address, "--in-flight", "64"];
    let whole = run_in(dir.path(), &[&scan[..], &["--store", "whole"]].concat());
    assert_eq!(whole.code, 0, "{whole:?}");
    let mut killed = 0;
    for round in 0..4 {
        let before = server.answers.load(Ordering::SeqCst);
        let resume = if round == 0 { "--quiet" } else { "--resume" };
        let mut child = spawn(dir.path(), &[&scan[..], &["--store", "parts", resume]].concat());
        server.wait_for(before + 4_000, &mut child);
        if matches!(child.try_wait(), Ok(None)) {
            killed += 1;
        }
        // SIGKILL: nothing can be put in order.
        let _ = child.kill();
        child.wait().expect("it ends");
    }
    assert!(killed >= 3, "it was too quick to be killed");
    let again = run_in(dir.path(), &[&scan[..], &["--store", "parts", "--resume"]].concat());
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(summary(&again, "with a record"), "with a record 300");
    let (parts, whole) = (rows(dir.path(), &["parts"]), rows(dir.path(), &["whole"]));
    assert_eq!(whole.lines().count(), 30_000);
    assert!(parts == whole, "the results differ");
    assert!(!dir.path().join("parts.lock").exists(), "the lock is left behind");
}

#[test]
fn interrupted_it_says_how_to_go_on() {
    let (server, dir) = (Answerer::start(), list(40_000));
    let scan = ["scan", "list.txt", "--stage", "txt", "--resolver", &server.address, "--in-flight", "64"];
    let mut child = command(&scan)
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    server.wait_for(3_000, &mut child);
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, &child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    };
    signal("-USR1");
    let mut talk = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    talk.read_line(&mut line).expect("UTF-8");
    assert!(line.contains(" of ") && line.contains(" hits"), "{line}");
    let signal = |name: &str, id: u32| {
        std::process::Command::new("kill").args([name, &id.to_string()]).status().expect("kill runs")
    };
    assert!(signal("-INT", child.id()).success());
    let rest: Vec<String> = talk.lines().map_while(Result::ok).collect();
    assert_eq!(child.wait().expect("it ends").code(), Some(130), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("--resume --store list.txt.scan.sqlite")), "{rest:?}");
    let refused = run_in(dir.path(), &scan);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("not finished") && refused.err.contains("--resume"), "{refused:?}");
    // The list's name is in the store.
    let rest = ["scan", "--resume", "--store", "list.txt.scan.sqlite", "--resolver", &server.address];
    let ended = run_in(dir.path(), &rest[..]);
    assert_eq!((ended.code, summary(&ended, "asked")), (0, "asked 40000".to_owned()), "{ended:?}");
}

#[test]
fn two_workers_on_one_queue_and_one_is_killed() {
    let Ok(url) = std::env::var("MTA_STS_TEST_POSTGRES") else {
        eprintln!("PostgreSQL is left out: `cargo xtask test postgres` tests it too");
        return;
    };
    let (server, dir) = (Answerer::start(), list(40_000));
    let name = format!("two workers of {}", std::process::id());
    let common = [
        "--queue",
        &url,
        "--name",
        &name,
        "--stage",
        "txt",
        "--resolver",
        &server.address,
        "--in-flight",
        "32",
    ];
    let mut first = spawn(dir.path(), &[&["scan", "list.txt"], &common[..]].concat());
    server.wait_for(3_000, &mut first);
    // It has no list of its own, and comes when the first is under way.
    let second = spawn(dir.path(), &[&["scan"], &common[..]].concat());
    server.wait_for(12_000, &mut first);
    assert!(matches!(first.try_wait(), Ok(None)), "the first ended before it could be killed");
    first.kill().expect("killed");
    first.wait().expect("it ends");
    // Should it have died over loading the list, somebody has to go on with it.
    let third = run_in(dir.path(), &[&["scan", "list.txt"], &common[..]].concat());
    let second = second.wait_with_output().expect("it ends");
    assert_eq!((second.status.code(), third.code), (Some(0), 0), "{third:?}");
    let store = rows(dir.path(), &[&url, "--name", &name]);
    let names: Vec<String> = store
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|row| row["domain"].as_str().expect("a name").to_owned())
        .collect();
    let wanted = std::fs::read_to_string(dir.path().join("list.txt")).expect("there");
    assert!(
        names.iter().map(String::as_str).eq(wanted.lines()),
        "{} names, in another order or twice",
        names.len()
    );
}

#[test]
fn hits_are_surveyed_and_junk_is_told() {
    let house = House::of(&["healthy", "healthy-two-mx", "mx-cert-expired"]);
    let text = "# mine\nhealthy.test\r\nHEALTHY.test\nhealthy-two-mx.test # two\nno.healthy.test\n\u{1b}[31mred\nme@healthy.test\nmx-cert-expired.test\n";
    std::fs::write(house.file("list.txt"), text).expect("written");
    std::fs::write(house.file("exclude.txt"), "mx-cert-expired.test # asked by mail\n").expect("written");
    let scan = ["scan", "list.txt", "--exclude", "exclude.txt", "--contact", "me@checker.example"];
    let run = run_in(house.path(), &scan);
    assert_eq!(run.code, 0, "{run:?}");
    for (what, line) in [
        ("list.txt:", "list.txt: 3 names"),
        ("with a record", "with a record 2"),
        ("surveyed", "surveyed 2"),
        ("1 duplicates", "1 duplicates: line 3 healthy.test"),
        ("1 excluded", "1 excluded: line 8 mx-cert-expired.test"),
        ("1 mailboxes", "1 mailboxes: line 7 me@healthy.test"),
    ] {
        assert_eq!(summary(&run, what), line, "{run:?}");
    }
    assert!(!run.out.contains('\u{1b}'), "{run:?}");
    let rows = rows(house.path(), &["list.txt.scan.sqlite"]);
    let first: serde_json::Value = serde_json::from_str(rows.lines().next().expect("a row")).expect("JSON");
    assert_eq!(first["domain"], "healthy.test");
    assert!(first["evidence"]["tool"].as_str().expect("a tool").ends_with("(+mailto:me@checker.example)"));
    assert!(!rows.contains("mx-cert-expired"), "it asked not to be");
}

#[test]
fn what_a_scan_cannot_begin_with() {
    let (server, dir) = (Answerer::start(), list(3));
    std::fs::write(dir.path().join("other.txt"), "another.example\n").expect("written");
    std::fs::write(dir.path().join("text"), "this is no database at all\n".repeat(200)).expect("written");
    std::fs::write(dir.path().join("exclude"), "example.com\nnot a name\n").expect("written");
    let at = ["--resolver", &server.address, "--stage", "txt"];
    let done = run_in(dir.path(), &[&["scan", "list.txt"], &at[..]].concat());
    assert_eq!(done.code, 0, "{done:?}");
    for (words, said) in [
        (&["scan", "list.txt"][..], "holds a finished scan"),
        (&["scan", "none.txt"], "none.txt"),
        (&["scan", "other.txt", "--resume"], "there is no scan in other.txt.scan.sqlite"),
        (&["scan", "other.txt", "--store", "text"], "holds no scan|no database"),
        (&["scan", "-"], "--store FILE is needed"),
        (&["scan", "--resume"], "which scan?"),
        (&["scan", "other.txt", "--store", "."], "is a folder"),
        (&["scan", "other.txt", "--exclude", "exclude"], "line 2"),
        (&["scan", "other.txt", "--column", "2"], "--column is for CSV"),
        (&["scan", "other.txt", "--queue", "mysql://x"], "postgres://"),
        (&["scan", "other.txt", "--contact", "nobody"], "a mail address"),
    ] {
        let run = run_in(dir.path(), &[words, &at[..]].concat());
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        assert!(said.split('|').any(|said| run.err.contains(said)), "{words:?}: {run:?}");
    }
    assert!(!dir.path().join("other.txt.scan.sqlite").exists(), "a store is left behind");
    assert!(!dir.path().join("other.txt.scan.sqlite.lock").exists(), "a lock is left behind");
    // Encrypted resolvers are for the second stage.
    let run = run_in(dir.path(), &["scan", "other.txt", "--resolver", "tls://127.0.0.1"]);
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn resolvers_that_fail_everything_end_it_and_no_name_is_lost() {
    // One says SERVFAIL to everything, one holds its port and says nothing.
    let failing = Answerer::start();
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let silent = silent.local_addr().expect("bound").to_string();
    let dir = tempfile::TempDir::new().expect("a directory");
    let text: String = (0..200).map(|number| format!("fail{number}.example\n")).collect();
    std::fs::write(dir.path().join("list.txt"), text).expect("written");
    for (store, resolver, said) in [
        ("one", &failing.address, "the resolvers have failed every question"),
        ("two", &silent, "no resolver"),
    ] {
        let words = [
            "scan",
            "list.txt",
            "--store",
            store,
            "--stage",
            "txt",
            "--resolver",
            resolver,
            "--patience",
            "1",
        ];
        failing.set_broken(true);
        let run = run_in(dir.path(), &words);
        assert_eq!(run.code, 3, "{run:?}");
        assert!(run.err.contains(said) && run.err.contains(&format!("--resume --store {store}")), "{run:?}");
        failing.set_broken(false);
        let again =
            ["scan", "--resume", "--store", store, "--resolver", &failing.address, "--patience", "60"];
        let run = run_in(dir.path(), &again);
        assert_eq!(run.code, 7, "the names themselves fail: {run:?}");
        assert_eq!(summary(&run, "asked"), "asked 200");
    }
}

#[test]
fn names_without_an_answer_are_a_partial_result() {
    let (server, dir) = (Answerer::start(), tempfile::TempDir::new().expect("a directory"));
    let store = dir.path().join("store").display().to_string();
    let words = ["scan", "-", "--store", &store, "--stage", "txt", "--resolver", &server.address];
    let run = run_with(&words, b"a.example\nfail.example\nhit.example\n");
    assert_eq!(run.code, 7, "{run:?}");
    assert_eq!(summary(&run, "without an answer"), "without an answer 1 1 SERVFAIL");
}

/// A disk of its own that is too small, in a namespace of its own; then it is made larger.
#[test]
fn a_full_disk_stops_it_with_a_word_and_it_goes_on_when_there_is_room() {
    let may = std::process::Command::new("unshare").args(["--mount", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("left out: no mount namespace without root");
        return;
    }
    let (server, dir) = (Answerer::start(), list(30_000));
    std::fs::create_dir(dir.path().join("small")).expect("a folder");
    let scan = format!(
        "\"$0\" scan list.txt --no-config --stage txt --resolver {} --patience 1 --store small/store",
        server.address
    );
    let script = format!(
        "mount -t tmpfs -o size=900k none small && {{ {scan}; echo \"first $?\"; \
         mount -o remount,size=100m small; {scan} --resume; echo \"second $?\"; }}"
    );
    let output = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_mta-sts")])
        .current_dir(dir.path())
        .output()
        .expect("unshare runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("first 3\n") && out.contains("second 0\n"), "{out}{err}");
    assert!(err.contains("disk is full") && err.contains("--resume --store small/store"), "{err}");
    assert!(out.contains("30000 names"), "{out}");
}
