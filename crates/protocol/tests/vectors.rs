//! The test vectors of the repository: every case that the RFCs decide must be answered as they say, and of the disputed
//! ones exactly those listed here are answered otherwise than their authors suggest.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

use protocol::vectors::{Kind, differences, judge_case};
use serde_json::Value;

/// Disputed cases where we deliberately differ from the suggestion; docs/conformance.md gives the reasons.
const OTHERWISE: [&str; 0] = [];

fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/../../vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect(&path);
    serde_json::from_str(&text).expect("a list of cases")
}

fn judge(file: &str, kind: Kind, at_least: usize) {
    let mut wrong = Vec::new();
    let cases = cases(file);
    for case in &cases {
        let answer = judge_case(kind, case);
        let id = case["id"].as_str().expect("an id");
        let differing = differences(kind, case, &answer);
        let expected_to_differ = OTHERWISE.contains(&id);
        if differing.is_empty() == expected_to_differ {
            wrong.push(format!("{id}: {differing:?}\n  expect {}\n  answer {answer}", case["expect"]));
        }
        check_spans(id, &answer);
    }
    assert!(cases.len() >= at_least, "{file} has only {} cases", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A refused text has an oddity that says why, as far as there is a text to read.
fn check_spans(id: &str, answer: &Value) {
    let refused_by_reader = answer["outcome"] == "syntax" || answer["stage"] == "parse";
    let oddities = answer["oddities"].as_array().expect("oddities");
    if refused_by_reader {
        assert!(
            oddities.iter().any(|oddity| oddity["weight"] != "noted"),
            "{id}: nothing says why: {answer}"
        );
    }
    for oddity in oddities {
        assert!(oddity["start"].as_u64() <= oddity["end"].as_u64(), "{id}: {oddity}");
        assert!(oddity["text"].as_str().is_some_and(|text| text.len() > 10), "{id}: {oddity}");
    }
}

#[test]
fn sts_records() {
    judge("records.json", Kind::Sts, 62);
}

#[test]
fn policies() {
    judge("policies.json", Kind::Policy, 152);
}

#[test]
fn mx_patterns() {
    judge("mx_match.json", Kind::Mx, 62);
}

#[test]
fn tlsrpt_records() {
    judge("tlsrpt_records.json", Kind::Tlsrpt, 66);
}

#[test]
fn what_is_no_case_is_answered_all_the_same() {
    for kind in [Kind::Sts, Kind::Tlsrpt, Kind::Policy, Kind::Mx] {
        for text in [
            "{}",
            "null",
            "[]",
            r#"{"input":{"rrs":"x","pattern":1}}"#,
            r#"{"id":7,"input":{"rrs_b64":[["!"]]}}"#,
        ] {
            let case: Value = serde_json::from_str(text).expect("JSON");
            let answer = judge_case(kind, &case);
            assert_eq!(answer["valid"], Value::Bool(false), "{kind:?} {text}: {answer}");
        }
    }
}
