//! Where an answer differs from what a case expects.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Kind;

/// The names of the parts in which `answer` differs from the `expect` of `case`; empty when they agree.
///
/// `mx` is compared as a set; `extensions` by name only where the body was generated; parts that a case does not mention
/// are not compared.
pub fn differences(kind: Kind, case: &Value, answer: &Value) -> Vec<&'static str> {
    let Some(expect) = case.get("expect") else { return vec!["expect"] };
    let differs = |key: &str| expect.get(key).is_some_and(|expected| Some(expected) != answer.get(key));
    let mut out: Vec<_> = ["valid", "outcome", "stage", "match", "fields", "extensions"]
        .into_iter()
        .filter(|key| differs(key))
        .collect();
    if kind == Kind::Policy
        && let Some(expected) = expect.get("policy")
    {
        let generated = case.pointer("/input/body_gen").is_some();
        out.extend(policy_differences(expected, answer.get("policy").unwrap_or(&Value::Null), generated));
    }
    out
}

fn policy_differences(expected: &Value, found: &Value, generated: bool) -> Vec<&'static str> {
    let mut out: Vec<_> = ["version", "mode", "max_age"]
        .into_iter()
        .filter(|key| expected.get(key) != found.get(key))
        .collect();
    if set(expected.get("mx")) != set(found.get("mx")) {
        out.push("mx");
    }
    let same = match generated {
        true => names(expected.get("extensions")) == names(found.get("extensions")),
        false => expected.get("extensions") == found.get("extensions"),
    };
    if !same {
        out.push("extensions");
    }
    out
}

fn set(list: Option<&Value>) -> BTreeSet<String> {
    list.and_then(Value::as_array).into_iter().flatten().map(Value::to_string).collect()
}

fn names(list: Option<&Value>) -> Vec<&Value> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(|pair| pair.get(0)).collect()
}
