//! What is made of a scan: every output tells the same of the same scan.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::binary::{Run, run, run_in, run_with};
use crate::house::House;

/// Lab domains that between them have every class of misconfiguration that a loopback can have, and the healthy ones.
const DOMAINS: [&str; 12] = [
    "healthy",
    "healthy-testing",
    "mode-none",
    "record-two",
    "policy-host-nxdomain",
    "policy-host-refused",
    "policy-tls-expired",
    "policy-http-404",
    "mx-mismatch-all",
    "mx-starttls-missing",
    "mx-cert-expired",
    "hostile-escape-mx",
];

/// A scan of them and of a name without MTA-STS, made by the shipped binary.
struct Scanned {
    house: House,
    store: &'static str,
}

impl Scanned {
    fn new() -> Self {
        let house = House::of(&[&DOMAINS[..], &["record-missing"]].concat());
        let mut list: Vec<String> = DOMAINS.iter().map(|name| format!("{name}.test")).collect();
        list.push("record-missing.test".to_owned());
        list.push("no.such.name.test".to_owned());
        std::fs::write(house.file("list.txt"), list.join("\n") + "\nhealthy.test\n\x01junk\n")
            .expect("written");
        let run = run_in(house.path(), &["scan", "list.txt", "-q"]);
        assert!(matches!(run.code, 0 | 7), "{run:?}");
        Self { house, store: "list.txt.scan.sqlite" }
    }

    fn run(&self, words: &[&str]) -> Run {
        run_in(self.house.path(), &[&["scan"], words].concat())
    }

    fn good(&self, words: &[&str]) -> Run {
        let run = self.run(words);
        assert_eq!(run.code, 0, "{words:?}: {run:?}");
        run
    }
}

fn schema(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&run(&["schema", name]).json()).expect("the schema is a schema")
}

fn valid(schema: &jsonschema::Validator, value: &Value) {
    let errors: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

fn lines(run: &Run) -> Vec<Value> {
    run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn table(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

#[test]
fn every_output_tells_the_same() {
    let scan = Scanned::new();
    // Rows: each name of the list once, in its order; the same again from the rows themselves.
    let rows = scan.good(&["export", scan.store]);
    let names: Vec<String> =
        lines(&rows).iter().map(|row| row["domain"].as_str().expect("a name").to_owned()).collect();
    assert_eq!(names.len(), DOMAINS.len() + 2, "{names:?}");
    let row_schema = schema("scan-row");
    for (at, row) in lines(&rows).iter().enumerate() {
        valid(&row_schema, row);
        assert_eq!(row["position"], at);
    }
    std::fs::write(scan.house.file("rows.jsonl"), &rows.out).expect("written");
    assert_eq!(scan.good(&["export", "rows.jsonl"]).out, rows.out);
    // Nothing comes before all is read, so that whoever writes first and reads then is not stuck.
    let from_pipe = run_with(&["scan", "summary", "-", "--format", "json"], rows.out.as_bytes());
    assert_eq!(from_pipe.json()["names"], names.len());

    // Judged, as `check` writes it.
    let judged = lines(&scan.good(&["judge", scan.store]));
    let check = schema("check");
    assert_eq!(judged.len(), DOMAINS.len());
    for document in &judged {
        valid(&check, document);
        assert_eq!(document["judged_at"], document["taken_at"], "as of the look");
    }

    // Flat, from the store and from the rows, to a file and to standard output.
    scan.good(&["export", scan.store, "--format", "csv", "-o", "flat.csv"]);
    let flat = std::fs::read_to_string(scan.house.file("flat.csv")).expect("written");
    assert_eq!(scan.good(&["judge", "rows.jsonl", "--format", "csv"]).out, flat);
    assert!(flat.lines().all(|line| !line.is_empty()) && flat.ends_with("\r\n"));
    let table = table(&flat);
    assert_eq!(table.iter().map(|row| row["domain"].clone()).collect::<Vec<_>>(), names);
    for row in &table {
        let document = judged.iter().find(|document| document["domain"] == *row["domain"]);
        let verdict =
            document.map_or("not-deployed", |document| document["verdict"].as_str().expect("a word"));
        assert_eq!(row["verdict"], verdict, "{row:?}");
        let findings = document.map_or(0, |document| document["findings"].as_array().expect("a list").len());
        assert_eq!(row["findings"].split(';').filter(|code| !code.is_empty()).count(), findings, "{row:?}");
    }
    let of = |name: &str, column: &str| {
        table.iter().find(|row| row["domain"] == format!("{name}.test")).expect("there")[column].clone()
    };
    for (name, class) in [
        ("healthy", ""),
        ("record-two", "record"),
        ("policy-host-nxdomain", "policy-host-dns"),
        ("policy-host-refused", "policy-host-connect"),
        ("policy-tls-expired", "policy-host-tls"),
        ("policy-http-404", "policy-http"),
        ("mx-mismatch-all", "mx-mismatch"),
        ("mx-starttls-missing", "mx-tls"),
        ("mx-cert-expired", "mx-certificate"),
        ("record-missing", ""),
    ] {
        assert_eq!(of(name, "classes"), class, "{name}");
    }
    assert_eq!(
        (of("healthy", "mode"), of("healthy", "tlsrpt"), of("healthy", "mx_count")),
        ("enforce".into(), "true".into(), "1".into())
    );
    assert_eq!(of("mode-none", "mode"), "none");

    // Only the hits.
    let hits = scan.good(&["export", scan.store, "--format", "csv", "--hits"]);
    assert_eq!(hits.out.lines().count(), 1 + DOMAINS.len());

    // Nothing that a terminal would obey, in any form.
    for text in [&rows.out, &flat] {
        assert!(text.chars().all(|c| !c.is_control() || c == '\n' || c == '\r'), "{text:?}");
    }

    binaries(&scan, &flat);
    summaries(&scan, &table);
}

/// Parquet and SQLite are what they say and appear whole; their content is read by others in `cargo xtask test readers`.
fn binaries(scan: &Scanned, flat: &str) {
    let octets = |name: &str| std::fs::read(scan.house.file(name)).expect("written");
    scan.good(&["export", scan.store, "--format", "parquet", "-o", "d.parquet"]);
    let parquet = octets("d.parquet");
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    scan.good(&["export", scan.store, "--format", "sqlite", "-o", "d.sqlite"]);
    assert!(octets("d.sqlite").starts_with(b"SQLite format 3\0"));
    let left: Vec<String> = std::fs::read_dir(scan.house.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".mta-sts") || name.starts_with("d.sqlite-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    // It is not the scan's store, and is not touched when taken for it.
    let output = octets("d.sqlite");
    let run = scan.run(&["summary", "d.sqlite"]);
    assert!(run.code == 2 && run.err.contains("d.sqlite holds no scan"), "{run:?}");
    assert!(octets("d.sqlite") == output && !scan.house.file("d.sqlite-wal").exists());
    // What cannot be whole leaves what was there.
    let broken = format!("{}\n{{}}\n", scan.good(&["export", scan.store]).out);
    std::fs::write(scan.house.file("broken.jsonl"), broken).expect("written");
    for format in ["jsonl", "csv", "parquet", "sqlite"] {
        std::fs::write(scan.house.file("old"), "old").expect("written");
        let run = scan.run(&["export", "broken.jsonl", "--format", format, "-o", "old"]);
        assert_eq!(run.code, 2, "{format}: {run:?}");
        assert!(run.err.contains("broken.jsonl, line ") && run.err.contains("schema_version"), "{}", run.err);
        assert_eq!(octets("old"), b"old", "{format}");
    }
    assert!(!flat.is_empty());
}

fn summaries(scan: &Scanned, table: &[std::collections::BTreeMap<String, String>]) {
    let summary = scan.good(&["summary", scan.store, "--format", "json"]).json();
    valid(&schema("scan-summary"), &summary);
    assert_eq!(summary["names"], table.len());
    assert_eq!(summary["list"]["duplicates"], 1);
    assert_eq!(summary["list"]["junk"], 1);
    assert_eq!(summary["deployed"], DOMAINS.len());
    let with = |column: &str, value: &str| table.iter().filter(|row| row[column] == value).count();
    assert_eq!(
        summary["modes"]["enforce"]["domains"],
        with("verdict", "enforcing") + with("verdict", "enforcing-but-broken")
    );
    assert_eq!(summary["modes"]["none"]["domains"], with("verdict", "disabled"));
    assert_eq!(summary["modes"]["no_policy"]["domains"], with("verdict", "broken"));
    assert_eq!(summary["delivery_lost"]["domains"], with("worst_consequence", "delivery-lost"));
    assert_eq!(
        summary["misconfigured"]["domains"],
        table.iter().filter(|row| !row["classes"].is_empty()).count()
    );
    for class in summary["classes"].as_array().expect("a list") {
        let name = class["class"].as_str().expect("a word");
        let rows = table.iter().filter(|row| row["classes"].split(';').any(|other| other == name)).count();
        assert_eq!(class["domains"], rows, "{name}");
    }
    let human = scan.good(&["summary", scan.store]).out;
    for line in human.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for words in ["Misconfiguration, by class", "MX hosts, by provider", "Policy hosts", "mode enforce"] {
        assert!(human.contains(words), "{words}: {human}");
    }
    let markdown = scan.good(&["summary", "rows.jsonl", "--format", "markdown"]).out;
    assert!(markdown.contains("| mode enforce |"), "{markdown}");
}

#[test]
fn scans_are_compared() {
    let scan = Scanned::new();
    let rows = scan.good(&["export", scan.store]).out;
    std::fs::write(scan.house.file("before.jsonl"), &rows).expect("written");
    let same = scan.run(&["diff", scan.store, "before.jsonl", "--format", "json"]);
    assert_eq!(same.code, 0, "{same:?}");
    valid(&schema("scan-diff"), &same.json());
    assert_eq!(same.json()["changes"], Value::Array(Vec::new()));
    assert_eq!(same.json()["counts"]["names_in_both"], DOMAINS.len() + 2);

    // A name gone from the list, one without its record, one with another's evidence, one without an answer; order turned.
    let mut after: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let at = |after: &[Value], name: &str| {
        after.iter().position(|row| row["domain"] == format!("{name}.test")).expect("there")
    };
    after.remove(at(&after, "mode-none"));
    let (gone, changed, silent) =
        (at(&after, "healthy-testing"), at(&after, "healthy"), at(&after, "policy-http-404"));
    after[gone]["swept"] = "no_data".into();
    after[gone].as_object_mut().expect("object").remove("evidence");
    after[silent]["swept"] = serde_json::json!({ "failed": "timeout" });
    after[silent].as_object_mut().expect("object").remove("evidence");
    after[changed]["evidence"]["policy_host"]["fetches"] = Value::Array(Vec::new());
    after[changed]["evidence"]["policy_host"]["a"]["outcome"] = "nx_domain".into();
    after[changed]["evidence"]["policy_host"]["aaaa"]["outcome"] = "nx_domain".into();
    after.reverse();
    let text: Vec<String> = after.iter().map(Value::to_string).collect();
    std::fs::write(scan.house.file("after.jsonl"), text.join("\n")).expect("written");
    let run = scan.run(&["diff", "before.jsonl", "after.jsonl", "--format", "json"]);
    assert_eq!(run.code, 1, "{run:?}");
    let diff = run.json();
    valid(&schema("scan-diff"), &diff);
    let of = |name: &str| {
        let changes = diff["changes"].as_array().expect("a list");
        changes
            .iter()
            .find(|change| change["domain"] == format!("{name}.test"))
            .map(|change| change["change"].clone())
    };
    assert_eq!(of("mode-none"), Some("vanished".into()));
    assert_eq!(of("healthy-testing"), Some("vanished".into()));
    assert_eq!(of("healthy"), Some("verdict_changed".into()));
    assert_eq!(of("policy-http-404"), None);
    let counts = &diff["counts"];
    assert_eq!((&counts["not_compared"], &counts["names_removed"]), (&1.into(), &1.into()));
    let human = scan.run(&["diff", "before.jsonl", "after.jsonl"]);
    assert!(human.out.contains("healthy.test: enforcing (mode enforce) → broken"), "{}", human.out);
    assert!(human.out.contains("  + mta_sts_unreachable:policy_host_nxdomain"), "{}", human.out);
    let back = scan.run(&["diff", "after.jsonl", "before.jsonl", "--format", "json"]).json();
    assert_eq!((&back["counts"]["appeared"], &back["counts"]["names_added"]), (&2.into(), &1.into()));
}

#[test]
fn what_is_no_scan_is_told() {
    let dir = TempDir::new().expect("a directory");
    let write = |name: &str, text: &[u8]| std::fs::write(dir.path().join(name), text).expect("written");
    write("empty.jsonl", b"");
    write("junk.jsonl", b"\x1b[2J\xff\xfe\n");
    write("check.jsonl", b"{\"schema_version\":1,\"domain\":\"a.example\",\"verdict\":\"broken\"}\n");
    write("newer.jsonl", b"{\"schema_version\":9}\n");
    write("other.sqlite", b"SQLite format 3\0 and no more");
    for (file, words) in [
        ("nothing.jsonl", "nothing.jsonl cannot be read"),
        ("junk.jsonl", "junk.jsonl, line 1: no row of a scan"),
        ("check.jsonl", "Rows are what `mta-sts scan export STORE --format jsonl` writes"),
        ("newer.jsonl", "a row of version 9, and this program reads up to 1"),
        ("other.sqlite", "other.sqlite"),
    ] {
        for verb in ["export", "summary", "judge"] {
            let run = run_in(dir.path(), &["scan", verb, file]);
            assert_eq!(run.code, 2, "{verb} {file}: {run:?}");
            assert!(run.err.contains(words), "{verb} {file}: {}", run.err);
            assert!(!run.err.contains('\x1b'), "{}", run.err);
        }
    }
    assert_eq!(
        std::fs::read(dir.path().join("other.sqlite")).expect("there"),
        b"SQLite format 3\0 and no more"
    );
    let run = run_in(dir.path(), &["scan", "summary", "empty.jsonl"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = run_in(dir.path(), &["scan", "export", "empty.jsonl", "--format", "csv", "--what", "evidence"]);
    assert!(run.code == 2 && run.err.contains("--what evidence needs --format jsonl"), "{run:?}");
}

#[test]
fn the_columns_are_documented() {
    let schema = run(&["schema", "scan-flat"]).json();
    let described = schema["properties"].as_object().expect("properties");
    let dir = TempDir::new().expect("a directory");
    std::fs::write(dir.path().join("empty.jsonl"), "").expect("written");
    let head = run_in(dir.path(), &["scan", "export", "empty.jsonl", "--format", "csv"]).out;
    let columns: Vec<&str> = head.trim_end().split(',').collect();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scanning.md"))
        .expect("a page");
    for column in &columns {
        assert!(described.contains_key(*column), "{column} is not in the schema");
        assert!(page.contains(&format!("| `{column}` |")), "{column} is not in docs/scanning.md");
    }
    assert_eq!(described.len(), columns.len());
}

#[test]
fn no_output_takes_the_place_of_its_scan() {
    let scanned = Scanned::new();
    let store = scanned.house.file(scanned.store);
    std::fs::hard_link(&store, scanned.house.file("other.name")).expect("linked");
    let before = std::fs::read(&store).expect("there");
    let store = scanned.store;
    for words in [
        &["export", store, "-o", store][..],
        &["export", store, "--format", "sqlite", "-o", "./list.txt.scan.sqlite"],
        &["judge", store, "-o", "other.name"],
        &["summary", store, "-o", store],
        &["diff", store, store, "-o", store],
    ] {
        let run = scanned.run(words);
        assert_eq!(run.code, 2, "{words:?}: {run:?}");
        assert!(run.err.contains("would be lost"), "{words:?}: {run:?}");
    }
    assert_eq!(std::fs::read(scanned.house.file(store)).expect("there"), before);
}
