//! `lint`: places, mends, and judging vectors.

use crate::binary::{run, run_in, run_with};

#[test]
fn fix_prints_and_writes_the_mended_text() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let file = dir.path().join("mta-sts.txt");
    let broken = "version: STSv1\nmode: Enforce\nmx: mx.example.com\nmax_age: 604800\n";
    std::fs::write(&file, broken).expect("written");
    let mended = broken.replace("Enforce", "enforce");
    assert_eq!(run_in(dir.path(), &["lint", "mta-sts.txt"]).code, 1);
    let fix = run_in(dir.path(), &["lint", "--fix", "mta-sts.txt"]);
    assert_eq!((fix.code, fix.out.as_str()), (0, mended.as_str()));
    assert_eq!(std::fs::read_to_string(&file).expect("readable"), broken);
    assert_eq!(run_in(dir.path(), &["lint", "--fix", "-i", "mta-sts.txt"]).code, 0);
    assert_eq!(std::fs::read_to_string(&file).expect("readable"), mended);
    assert_eq!(run_in(dir.path(), &["lint", "mta-sts.txt"]).code, 0);
}

#[test]
fn a_zone_file_is_mended_in_place() {
    let zone = "$ORIGIN example.com.\n_mta-sts 300 IN TXT \"v=STSv1; id=2026-04-29;\" ; comment stays\nwww 1 IN A 192.0.2.1\n";
    let fix = run_with(&["lint", "--fix", "-"], zone.as_bytes());
    assert_eq!(fix.code, 0, "{fix:?}");
    assert_eq!(fix.out, zone.replace("2026-04-29", "20260429"));
}

#[test]
fn what_cannot_be_mended_is_named() {
    let policy = b"version: STSv1\nmode: Enforce\nmx: mx.example.com\n";
    let fix = run_with(&["lint", "--fix", "--kind", "policy", "-"], policy);
    assert_eq!((fix.code, fix.out.as_str()), (1, "version: STSv1\nmode: enforce\nmx: mx.example.com\n"));
    assert!(fix.err.contains("remains: max_age_missing"), "{fix:?}");
    let hopeless = run_with(&["lint", "--fix", "--kind", "policy", "-"], b"<html>");
    assert_eq!((hopeless.code, hopeless.out.as_str()), (1, ""), "{hopeless:?}");
}

#[test]
fn texts_that_are_too_large_are_refused() {
    let run = run_with(&["lint", "--kind", "sts", "-"], &vec![b'a'; 70_000]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.err.contains("larger than 65536 octets"), "{run:?}");
    let long = format!("version: STSv1\nmode: {}\n", "x".repeat(60_000));
    let shown = run_with(&["lint", "--kind", "policy", "-"], long.as_bytes());
    assert!(shown.out.lines().all(|line| line.chars().count() <= 80), "{}", shown.out);
}

#[test]
fn zones_that_are_hostile_or_empty() {
    let hostile = b"$ORIGIN e.\na 5 IN TXT ( \"v\"\n\"x\"y MX 10 m\n";
    assert_eq!(run_with(&["lint", "--kind", "zone", "-"], hostile).code, 1);
    let none = run_with(&["lint", "-"], b"www IN 1h MX 10 mx\n");
    assert_eq!(none.code, 0, "{none:?}");
    assert!(none.out.contains("no MTA-STS or TLSRPT record found in it"), "{none:?}");
    let many = run_with(&["lint", "--kind", "zone", "-"], "x\n".repeat(1_500).as_bytes());
    assert!(many.out.contains("and 500 more"), "{}", many.err);
}

#[test]
fn severities_are_those_of_check() {
    for (kind, text, fail_on, code) in [
        ("sts", "v=STSv1; id=20260429;", "low", 0),
        ("sts", "v=STSv1; id=20260429;", "info", 1),
        ("sts", "v=STSv1; id=1-2;", "high", 1),
        ("tlsrpt", "v=TLSRPTv1; rua=mailto:a@a.example,http://a.example/", "medium", 1),
        ("policy", "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 3600\n", "medium", 1),
        ("policy", "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 86400\n", "medium", 0),
    ] {
        let run = run_with(&["lint", "--kind", kind, "--fail-on", fail_on, "-"], text.as_bytes());
        assert_eq!(run.code, code, "{text}: {run:?}");
    }
}

#[test]
fn several_files_in_order() {
    let dir = tempfile::TempDir::new().expect("a directory");
    std::fs::write(dir.path().join("a.txt"), "v=STSv1; id=1;").expect("written");
    std::fs::write(dir.path().join("b.txt"), "v=STSv1; id=1-2;").expect("written");
    let run = run_in(dir.path(), &["lint", "b.txt", "a.txt"]);
    assert_eq!(run.code, 1);
    assert!(run.out.find("b.txt (sts)") < run.out.find("a.txt (sts)"), "{run:?}");
    assert_eq!(run_in(dir.path(), &["lint", "--fix", "a.txt", "b.txt"]).code, 2);
    assert_eq!(run_in(dir.path(), &["lint", "--fix", "-i", "a.txt", "b.txt"]).code, 0);
    assert_eq!(std::fs::read_to_string(dir.path().join("b.txt")).expect("readable"), "v=STSv1; id=12;");
    assert_eq!(std::fs::read_dir(dir.path()).expect("readable").count(), 2);
}

#[test]
fn spans_in_json() {
    let text = "version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 86400\n";
    let json = run_with(&["lint", "-", "--format", "json"], text.as_bytes()).json();
    let oddity = &json["oddities"][0];
    let (start, end) = (oddity["start"].as_u64().expect("start"), oddity["end"].as_u64().expect("end"));
    assert_eq!(text.get(start as usize..end as usize), Some("Enforce"));
    assert_eq!((&oddity["from"]["line"], &oddity["from"]["column"]), (&2.into(), &7.into()));
    assert_eq!(json["kind"], "policy");
}

#[test]
fn fail_on_counts_weights() {
    // Blank lines: some senders refuse them, so LOW.
    let disputed = b"version: STSv1\nmode: none\nmax_age: 86400\nunknown: x\n";
    assert_eq!(run_with(&["lint", "-"], disputed).code, 0);
    assert_eq!(run_with(&["lint", "-", "--fail-on", "info"], disputed).code, 1);
    assert_eq!(run_with(&["lint", "-", "--fail-on", "none"], b"garbage").code, 0);
}

#[test]
fn what_is_no_file_of_vectors_is_told_with_place_and_mend() {
    let dir = tempfile::TempDir::new().expect("a folder");
    for (text, said) in [
        ("[{\"id\": \"a\",\n \"input\" {}}]", "not JSON from line 2, column 10 on"),
        ("[{\"id\": \"a\"", "ends too early, at line 1, column 11"),
        ("", "ends too early"),
        ("{\"id\": \"a\"}", "put `[` and `]` around it"),
        ("7", "one value"),
    ] {
        std::fs::write(dir.path().join("v.json"), text).expect("written");
        let run = run_in(dir.path(), &["lint", "--kind", "sts", "--vectors", "v.json"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{run:?}");
        for part in ["--vectors: v.json: ", said, "one JSON array of cases"] {
            assert!(run.err.contains(part), "{part}: {run:?}");
        }
        assert!(!run.err.contains("expected"), "no words of the library: {run:?}");
    }
}

#[test]
fn vectors_give_one_line_a_case() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors");
    for (file, kind) in [
        ("records.json", "sts"),
        ("tlsrpt_records.json", "tlsrpt"),
        ("policies.json", "policy"),
        ("mx_match.json", "mx"),
    ] {
        let path = format!("{folder}/{file}");
        let cases: Vec<serde_json::Value> =
            serde_json::from_slice(&std::fs::read(&path).expect("readable")).expect("JSON");
        let run = run(&["lint", "--kind", kind, "--vectors", &path]);
        assert_eq!((run.code, run.out.lines().count()), (0, cases.len()), "{file}");
        for (line, case) in run.out.lines().zip(&cases) {
            let answer: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(answer["id"], case["id"], "{file}");
            assert!(answer["valid"].is_boolean() || answer["match"].is_boolean(), "{file}: {line}");
        }
    }
}
