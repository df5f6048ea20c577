//! `publish`: what it places, prints, refuses. The order under crashes is tested with real servers, by
//! `cargo xtask test publish`.

use std::path::Path;

use serde_json::Value;

use crate::binary::{Run, run, run_in};
use crate::house::House;

/// The policy that the lab serves for a domain.
pub(crate) fn served(house: &House, domain: &str) -> String {
    let words =
        ["check", domain, "--profile", "basic", "--fail-on", "none", "--record", "seen.capsule", "-q"];
    assert_eq!(run_in(house.path(), &words).code, 0);
    let capsule = std::fs::read(house.file("seen.capsule")).expect("recorded");
    let capsule: Value = serde_json::from_slice(&capsule).expect("JSON");
    let fetch = &capsule["domains"][0]["evidence"]["policy_host"]["fetches"][0];
    fetch["outcome"]["response"]["body"].as_str().expect("a policy").to_owned()
}

/// `publish` into the folder `public`, with a journal of its own.
fn publish(dir: &Path, words: &[&str]) -> Run {
    let always = ["--to", "public", "--journal", "journal.jsonl"];
    run_in(dir, &[&["publish"], words, &always].concat())
}

fn house(scenario: &str) -> (House, String) {
    let house = House::of(&[scenario]);
    std::fs::create_dir(house.file("public")).expect("a folder");
    let body = served(&house, &format!("{scenario}.test"));
    std::fs::write(house.file("policy.txt"), &body).expect("written");
    (house, body)
}

fn valid(run: &Run) -> Value {
    let schema = crate::binary::run(&["schema", "publish"]).json();
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let value = run.json();
    let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} {run:?}");
    value
}

#[test]
fn what_is_published_already_is_left_alone() {
    let (house, body) = house("healthy");
    let words = ["healthy.test", "--policy", "policy.txt", "--format", "json"];
    let first = publish(house.path(), &words);
    assert_eq!(first.code, 0, "{first:?}");
    // The folder was empty: it holds the policy now, and the record stays as it is.
    let told = valid(&first);
    assert_eq!(told["record"].get("by"), None, "{told}");
    assert_eq!(told["status"], "adopted", "nothing changed for senders: {told}");
    assert_eq!(told.get("notice"), None, "so nobody notices: {told}");
    let file = house.file("public/.well-known/mta-sts.txt");
    assert_eq!(std::fs::read_to_string(&file).expect("placed"), body);
    let again = publish(house.path(), &words);
    let told = valid(&again);
    assert_eq!((again.code, told["status"].as_str()), (0, Some("unchanged")), "{again:?}");
    assert_eq!(told.get("notice"), None, "nothing changed, so nobody notices");
    let human = publish(house.path(), &["healthy.test", "--policy", "policy.txt"]);
    assert!(human.out.starts_with("healthy.test: nothing to do"), "{human:?}");
}

#[test]
fn a_printed_record_is_the_same_until_it_is_there() {
    let (house, _) = house("policy-without-record");
    let words = ["policy-without-record.test", "--policy", "policy.txt", "--allow-mismatch"];
    let human = publish(house.path(), &words);
    assert_eq!(human.code, 0, "{human:?}");
    for part in [
        "now publish this record",
        "_mta-sts.policy-without-record.test. 300 IN TXT \"v=STSv1; id=",
        "only up to here",
        "earliest",
    ] {
        assert!(human.out.contains(part), "{part}: {human:?}");
    }
    let first = valid(&publish(house.path(), &[&words[..], &["--format", "json"]].concat()));
    let second = valid(&publish(house.path(), &[&words[..], &["--format", "json"]].concat()));
    assert_eq!(first["status"], "printed");
    assert_eq!(first["record"]["text"], second["record"]["text"]);
    assert!(human.out.contains(first["record"]["text"].as_str().expect("a record")), "{human:?}");
}

#[test]
fn what_is_not_served_is_not_announced() {
    let (house, body) = house("healthy");
    std::fs::write(house.file("other.txt"), body.replace("max_age: ", "max_age: 1")).expect("written");
    let run = publish(house.path(), &["healthy.test", "--policy", "other.txt", "--wait", "1"]);
    assert_eq!((run.code, run.out.as_str()), (4, ""), "{run:?}");
    assert!(run.err.contains("serves another policy") && run.err.contains("The id is as it was"), "{run:?}");
    // The journal knows of it: what was there before is where a rollback leads.
    let back = publish(house.path(), &["rollback", "healthy.test", "--format", "json"]);
    let told = valid(&back);
    assert_eq!(told["status"], "printed", "{told}");
    assert_eq!(std::fs::read_to_string(house.file("public/.well-known/mta-sts.txt")).expect("placed"), body);
}

#[test]
fn a_policy_that_leaves_out_a_live_host_is_refused() {
    let (house, _) = house("healthy");
    let policy = "version: STSv1\nmode: enforce\nmx: mx.elsewhere.example\nmax_age: 604800\n";
    std::fs::write(house.file("narrow.txt"), policy).expect("written");
    let run = publish(house.path(), &["healthy.test", "--policy", "narrow.txt"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.contains("leaves out") && run.err.contains("--allow-mismatch"), "{run:?}");
    assert!(!house.file("public/.well-known").exists(), "nothing was changed");
    std::fs::write(house.file("narrow.txt"), policy.replace("enforce", "testing")).expect("written");
    let run = publish(house.path(), &["healthy.test", "--policy", "narrow.txt", "--wait", "1"]);
    assert_eq!(run.code, 4, "in mode testing mail flows: {run:?}");
    std::fs::write(house.file("narrow.txt"), "version: STSv1\nmode: Enforce\n").expect("written");
    let run = publish(house.path(), &["healthy.test", "--policy", "narrow.txt"]);
    assert!(run.code == 1 && run.err.contains("mta-sts lint"), "{run:?}");
}

#[test]
fn nothing_is_announced_beside_an_alias() {
    let (house, _) = house("healthy-delegated");
    let words = ["healthy-delegated.test", "--policy", "policy.txt", "--allow-mismatch"];
    let run = publish(house.path(), &words);
    assert_eq!((run.code, run.out.as_str()), (3, ""), "{run:?}");
    assert!(run.err.contains("is an alias of") && run.err.contains("--at"), "{run:?}");
    assert!(!house.file("public/.well-known").exists(), "nothing was changed");
}

#[test]
fn wrong_words_are_told_before_anything_is_done() {
    let (house, _) = house("healthy");
    std::fs::write(house.file("key"), "hmac-sha256:name:c2hvcnQ=").expect("written");
    let policy = ["healthy.test", "--policy", "policy.txt"];
    for (more, said) in [
        (&["--id", "2026-04-29"][..], "20260429"),
        (&["--announce", "rfc2136"], "--server"),
        (&["--announce", "rfc2136", "--server", "127.0.0.1"], "MTA_STS_TSIG_KEY"),
        (&["--announce", "rfc2136", "--server", "127.0.0.1", "--key-file", "key"], "at least 16 octets"),
        (&["--announce", "provider"], "cloudflare"),
        (&["--announce", "provider", "--provider", "x", "--token-file", "key"], "no provider \"x\""),
        (&["--announce", "rfc2136", "--server", "127.0.0.1", "--key-file", "key"], "--key-file key: "),
        (&["--server", "127.0.0.1"], "--announce rfc2136"),
        (&["--zone", "healthy.test"], "--zone is for --announce rfc2136 and provider"),
        (&["--provider-url", "http://127.0.0.1"], "--provider-url is for --announce provider"),
        (&["other.test"], "one domain at a time, and then came `other.test`"),
        (&["--to", "missing"], "no such folder"),
        (&["--at", "a b"], "no name in DNS"),
        (&["-4"], "every address"),
        (&["-6"], "every address"),
        (&["--profile", "basic"], "--profile"),
    ] {
        let run = publish(house.path(), &[&policy[..], more].concat());
        assert_eq!(run.code, 2, "{more:?}: {run:?}");
        assert!(run.err.contains(said) && !run.err.contains("c2hvcnQ"), "{more:?}: {run:?}");
    }
    let none = run(&["publish", "example.com"]);
    assert!(none.code == 2 && none.err.contains("--policy FILE"), "{none:?}");
    let misspelt = run(&["publish", "roll-back", "example.com", "--to", "public"]);
    assert!(misspelt.code == 2 && misspelt.err.contains("did you mean `rollback`"), "{misspelt:?}");
    let rollback = publish(house.path(), &["rollback", "healthy.test"]);
    assert!(rollback.code == 2 && rollback.err.contains("knows no version"), "{rollback:?}");
    assert!(!house.file("public/.well-known").exists(), "nothing was changed");
}
