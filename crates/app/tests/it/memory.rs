//! What earlier looks and looks from elsewhere add: `--since` and `--with`.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use lab::View;
use serde_json::Value;

use crate::binary::run_in;
use crate::house::House;

fn codes(house: &House, words: &[&str]) -> Vec<String> {
    let run = run_in(house.path(), &[words, &["--format", "json", "--fail-on", "none"]].concat());
    let json = run.json();
    let findings = json["findings"].as_array().expect("findings");
    findings.iter().filter_map(|finding| finding["code"].as_str().map(str::to_owned)).collect()
}

/// Adds a look of so many days ago to a capsule, which saw a policy in mode testing. (The look itself cannot be moved:
/// the lab's certificates were not valid then.)
fn remember(capsule: &Path, days: i64) {
    let mut value: Value = serde_json::from_slice(&std::fs::read(capsule).expect("readable")).expect("JSON");
    let domain = &mut value["domains"][0];
    let taken_at: Timestamp =
        domain["evidence"]["taken_at"].as_str().expect("a time").parse().expect("a time");
    let then = taken_at - SignedDuration::from_hours(24 * days);
    domain["history"]["looks"] = serde_json::json!([{
        "taken_at": then.to_string(),
        "id": "1",
        "record_absent": false,
        "policy": { "sha256": "0".repeat(64), "mode": "testing", "max_age": 86_400 },
    }]);
    std::fs::write(capsule, value.to_string()).expect("written");
}

#[test]
fn an_old_look_tells_how_long_testing_lasts() {
    let house = House::of(&["healthy-testing"]);
    let plain = codes(&house, &["check", "healthy-testing.test", "--record", "old"]);
    assert!(!plain.contains(&"mta_sts_testing_too_long".to_owned()), "{plain:?}");
    remember(&house.file("old"), 100);
    let with_memory = codes(&house, &["check", "healthy-testing.test", "--since", "old"]);
    assert!(with_memory.contains(&"mta_sts_testing_too_long".to_owned()), "{with_memory:?}");
    let gate = |words: &[&str]| {
        let json = run_in(house.path(), &[words, &["--format", "json"]].concat()).json();
        let gates = json["gates"].as_array().expect("gates").clone();
        gates.iter().filter(|gate| gate["status"] == "pass").count()
    };
    assert!(
        gate(&["ready", "healthy-testing.test", "--since", "old"]) > gate(&["ready", "healthy-testing.test"]),
        "a gate more passes when it is known how long testing lasts"
    );
}

#[test]
fn another_place_that_sees_something_else() {
    let house = House::of(&["vantage-policy"]);
    let elsewhere = house.lab.resolver(View::Elsewhere).to_string();
    let there =
        ["check", "vantage-policy.test", "--resolver", &elsewhere, "--vantage", "there", "--record", "there"];
    let alone = codes(&house, &there);
    assert!(!alone.contains(&"vantage_disagree".to_owned()), "{alone:?}");
    let both = codes(&house, &["check", "vantage-policy.test", "--with", "there"]);
    assert!(both.contains(&"vantage_disagree".to_owned()), "{both:?}");
}

#[test]
fn capsules_about_other_domains_are_said_to_be_of_no_use() {
    let house = House::of(&["healthy", "healthy-testing"]);
    run_in(house.path(), &["check", "healthy.test", "--record", "other"]);
    let run = run_in(house.path(), &["check", "healthy-testing.test", "--since", "other"]);
    assert_eq!((run.code, run.err.trim()), (0, "--since: nothing recorded about healthy-testing.test"));
}

#[test]
fn a_flag_takes_one_capsule_and_leaves_the_domain_alone() {
    let house = House::of(&["healthy"]);
    run_in(house.path(), &["check", "healthy.test", "--record", "old"]);
    for flag in ["--since", "--with"] {
        let run = run_in(house.path(), &["check", flag, "old", flag, "old", "healthy.test"]);
        assert_eq!(run.code, 0, "{run:?}");
    }
}
