//! Every format is what it says it is.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::binary::{check_lab, run, run_in, run_with};
use crate::house::House;

/// Domains that between them show every layer failing, and every optional part.
const DOMAINS: [&str; 9] = [
    "healthy",
    "healthy-testing",
    "mx-mismatch-all",
    "policy-tls-expired",
    "record-missing",
    "policy-mx-umlaut",
    "dane-mismatch",
    "record-escape-sequence",
    "mx-null",
];

fn schema(name: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&run(&["schema", name]).json()).expect("the schema is a schema")
}

fn valid(validator: &jsonschema::Validator, value: &Value, what: &str) {
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

fn vendored(name: &str) -> String {
    format!("{}/../../assets/vendor/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn json_validates_against_the_published_schemas() {
    let house = House::of(&DOMAINS);
    let names: Vec<String> = DOMAINS.iter().map(|name| format!("{name}.test")).collect();
    let check = schema("check");
    for name in &names {
        let words = [
            "check",
            name,
            "--format",
            "json",
            "--show-commands",
            "--expect",
            "mode=enforce",
            "--record",
            "c",
        ];
        valid(&check, &run_in(house.path(), &words).json(), name);
        valid(&schema("capsule"), &read_json(&house.file("c")), name);
        valid(&schema("ready"), &run_in(house.path(), &["ready", name, "--format", "json"]).json(), name);
        valid(&schema("mx"), &run_in(house.path(), &["mx", name, "--format", "json"]).json(), name);
    }
    let mut words = vec!["check", "--format", "json"];
    words.extend(names.iter().map(String::as_str));
    let all = run_in(house.path(), &words);
    assert_eq!(all.json().as_array().map(Vec::len), Some(names.len()));
    valid(&check, &all.json(), "an array");
    words[2] = "jsonl";
    let lines = run_in(house.path(), &words);
    assert_eq!(lines.out.lines().count(), names.len());
    for (line, name) in lines.out.lines().zip(&names) {
        let value: Value = serde_json::from_str(line).expect("JSON");
        valid(&check, &value, name);
        assert_eq!(value["domain"], **name, "results come in the order asked");
    }
}

fn read_json(path: &std::path::Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("readable")).expect("JSON")
}

#[test]
fn the_schema_of_check_is_strict() {
    let mut value = check_lab("healthy.test", &["--format", "json"]).json();
    let check = schema("check");
    valid(&check, &value, "as it is");
    value["more"] = Value::from(1);
    assert!(!check.is_valid(&value));
    value.as_object_mut().expect("object").remove("more");
    value["verdict"] = Value::from("fine");
    assert!(!check.is_valid(&value));
}

#[test]
fn generate_json_validates() {
    let generate = schema("generate");
    let offline = ["generate", "example.com", "--mx", "mx1.example.com", "--format", "json"];
    for more in [
        &[][..],
        &["--mode", "none"],
        &["--delegate", "provider.example"],
        &["--for", "nginx", "--rua", "mailto:a@example.net"],
        &["--previous-id", "7", "--id", "counter", "--json-pretty"],
    ] {
        valid(&generate, &run(&[&offline[..], more].concat()).json(), &more.join(" "));
    }
    let seen = run(&["generate", "healthy.test", "--lab", "--format", "json"]).json();
    valid(&generate, &seen, "seen");
    assert!(seen["inputs"].is_object() && seen["mx_hosts"].as_array().is_some_and(|hosts| !hosts.is_empty()));
}

#[test]
fn lint_json_validates() {
    let lint = schema("lint");
    for text in [
        "v=STSv1; id=2026-04-29;",
        "version: STSv1\nmode: Enforce\n",
        "v=TLSRPTv1; rua=http://x",
        "",
        "$ORIGIN example.com.\n_mta-sts 1 IN TXT \"v=STSv1; id=1-1;\"\n",
    ] {
        valid(&lint, &run_with(&["lint", "-", "--format", "json"], text.as_bytes()).json(), text);
    }
}

#[test]
fn sarif_validates_against_the_official_schema() {
    let official = read_json(vendored("sarif-schema-2.1.0.json").as_ref());
    let official = jsonschema::validator_for(&official).expect("the schema is a schema");
    let house = House::of(&DOMAINS);
    let names: Vec<String> = DOMAINS.iter().map(|name| format!("{name}.test")).collect();
    let mut words = vec!["check", "--format", "sarif"];
    words.extend(names.iter().map(String::as_str));
    let check = run_in(house.path(), &words).json();
    valid(&official, &check, "check");
    assert!(check["runs"][0]["results"].as_array().is_some_and(|results| results.len() > 5));
    let lint = run_with(&["lint", "-", "--format", "sarif"], b"version: STSv1\nmode: Enforce\n\n").json();
    valid(&official, &lint, "lint");
    let region = &lint["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert!(region["startLine"].is_u64(), "{lint}");
}

#[test]
fn junit_validates_against_its_schema() {
    let house = House::of(&DOMAINS);
    let names: Vec<String> = DOMAINS.iter().map(|name| format!("{name}.test")).collect();
    let mut words = vec!["check", "--format", "junit", "-o", "junit.xml"];
    words.extend(names.iter().map(String::as_str));
    let run = run_in(house.path(), &words);
    assert!(run.out.is_empty(), "{run:?}");
    let xml = std::fs::read_to_string(house.file("junit.xml")).expect("written");
    assert_eq!(xml.matches("<testsuite ").count(), names.len());
    assert!(xml.matches("<testcase ").count() >= names.len() * 6);
    let lint = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema", &vendored("junit-10.xsd")])
        .arg(house.file("junit.xml"))
        .stdin(Stdio::null())
        .output();
    match lint {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        // libxml2-utils is one of the packages that the test command installs.
        Err(error) => assert!(std::env::var_os("CI").is_none(), "xmllint is missing: {error}"),
    }
}

#[test]
fn csv_has_fixed_columns() {
    let house = House::of(&["mx-mismatch-all", "healthy"]);
    let run = run_in(house.path(), &["check", "mx-mismatch-all.test", "healthy.test", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let columns = reader.headers().expect("a first line").len();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!((columns, rows.iter().all(|row| row.len() == columns)), (14, true));
    assert!(run.out.lines().all(|line| !line.ends_with('\n')) && run.out.ends_with("\r\n"));
    assert!(rows.iter().any(|row| &row[0] == "healthy.test" && row[2].is_empty()));
}

#[test]
fn html_is_one_page_that_fetches_nothing() {
    let run = check_lab("record-escape-sequence.test", &["--format", "html", "--show-commands"]);
    assert!(run.out.starts_with("<!DOCTYPE html>") && run.out.ends_with("</html>\n"));
    for forbidden in ["<script", "src=", "<link", "@import", "url("] {
        assert!(!run.out.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn people_get_eighty_columns() {
    for domain in ["healthy.test", "mx-mismatch-all.test", "policy-tls-expired.test", "record-missing.test"] {
        let run = check_lab(domain, &["-v"]);
        for line in run.out.lines().filter(|line| !line.starts_with("         ")) {
            assert!(line.chars().count() <= 80, "{domain}: {line}");
        }
    }
}

#[test]
fn colour_is_only_for_those_who_want_it() {
    let plain = check_lab("mx-mismatch-all.test", &[]);
    assert!(!plain.out.contains('\x1b'));
    let forced = check_lab("mx-mismatch-all.test", &["--color", "always"]);
    assert!(forced.out.contains("\x1b["));
    // Without the colour it is the same text.
    let mut stripped = String::new();
    let mut rest = forced.out.as_str();
    while let Some((before, after)) = rest.split_once("\x1b[") {
        stripped.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    // The id to publish is made of the time, which went on between the two.
    let steady =
        |text: &str| text.lines().filter(|line| !line.contains("; id=")).collect::<Vec<_>>().join("\n");
    assert_eq!(steady(&(stripped + rest)), steady(&plain.out));
}
