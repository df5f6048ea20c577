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
fn a_text_that_cannot_be_mended_is_not_written() {
    let fix = run_with(&["lint", "--fix", "--kind", "policy", "-"], b"no policy at all");
    assert_eq!((fix.code, fix.out.as_str()), (1, ""), "{fix:?}");
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
