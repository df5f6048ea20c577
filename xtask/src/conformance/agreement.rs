//! Whether an answer agrees with what a vector expects (`vectors/README.md`).

use std::collections::BTreeSet;

use serde_json::Value;

/// What differs, if anything.
pub(super) fn difference(kind: &str, input: &Value, expect: &Value, answer: &Value) -> Option<String> {
    if answer["valid"] != expect["valid"] {
        return Some(format!("expected valid = {}, found {}", expect["valid"], answer["valid"]));
    }
    let valid = expect["valid"] == true;
    match kind {
        "mx" => unequal("match", &expect["match"], &answer["match"]),
        "policy" if valid => policy(&expect["policy"], answer, input.get("body_gen").is_some()),
        "policy" => unequal("stage", &expect["stage"], &answer["stage"]),
        _ if valid => unequal("fields", &expect["fields"], &answer["fields"])
            .or_else(|| unequal("extensions", &expect["extensions"], &answer["extensions"])),
        _ => unequal("outcome", &expect["outcome"], &answer["outcome"]),
    }
}

/// One line about an answer.
pub(super) fn in_short(answer: &Value) -> String {
    let more = ["outcome", "stage", "match"]
        .iter()
        .find_map(|key| answer.get(*key).map(|value| format!(", {key} {value}")));
    format!("{}{}", if answer["valid"] == true { "valid" } else { "invalid" }, more.unwrap_or_default())
}

fn policy(expect: &Value, answer: &Value, generated: bool) -> Option<String> {
    let found = &answer["policy"];
    for field in ["version", "mode", "max_age"] {
        if let Some(difference) = unequal(field, &expect[field], &found[field]) {
            return Some(difference);
        }
    }
    // Patterns are a set: their order and number mean nothing (RFC 8461 §3.2).
    if set(&expect["mx"]) != set(&found["mx"]) {
        return Some(format!("expected mx {}, found {}", excerpt(&expect["mx"]), excerpt(&found["mx"])));
    }
    let extensions = found.get("extensions").unwrap_or(&answer["extensions"]);
    if generated {
        unequal("extension names", &names(&expect["extensions"]), &names(extensions))
    } else {
        unequal("extensions", &expect["extensions"], extensions)
    }
}

fn unequal(what: &str, expect: &Value, found: &Value) -> Option<String> {
    (!same(expect, found)).then(|| format!("expected {what} {}, found {}", excerpt(expect), excerpt(found)))
}

/// An absent value and an empty list are the same.
fn same(a: &Value, b: &Value) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    a == b || (empty(a) && empty(b))
}

fn set(list: &Value) -> BTreeSet<&str> {
    list.as_array().map(|items| items.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

fn names(extensions: &Value) -> Value {
    extensions.as_array().map(|pairs| pairs.iter().map(|pair| pair[0].clone()).collect()).unwrap_or_default()
}

/// Long values would drown the line.
fn excerpt(value: &Value) -> String {
    const LONGEST: usize = 120;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        text
    } else {
        text.chars().take(LONGEST).chain("…".chars()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_are_a_set() {
        let expect = json!({"valid": true, "policy": {"version": "STSv1", "mode": "enforce", "max_age": 1, "mx": ["a", "b"]}});
        let answer = json!({"valid": true, "policy": {"version": "STSv1", "mode": "enforce", "max_age": 1, "mx": ["b", "a", "b"],
                            "extensions": []}});
        assert_eq!(difference("policy", &json!({}), &expect, &answer), None);
    }

    #[test]
    fn each_part_counts() {
        let expect = json!({"valid": true, "fields": {"v": "STSv1", "id": "a"}, "extensions": [["x", "y"]]});
        for answer in [
            json!({"valid": false}),
            json!({"valid": true, "fields": {"v": "STSv1", "id": "b"}, "extensions": [["x", "y"]]}),
            json!({"valid": true, "fields": {"v": "STSv1", "id": "a"}, "extensions": []}),
        ] {
            assert!(difference("sts", &json!({}), &expect, &answer).is_some(), "{answer}");
        }
        assert_eq!(difference("sts", &json!({}), &expect, &expect), None);
    }

    #[test]
    fn generated_bodies_are_compared_by_name() {
        let policy = |value: &str| {
            json!({"valid": true, "policy": {"version": "STSv1", "mode": "none", "max_age": 1, "mx": [],
                                          "extensions": [["pad", value]]}})
        };
        let (expect, answer) = (policy("(body_gen)"), policy("xxx"));
        assert_eq!(difference("policy", &json!({"body_gen": {}}), &expect, &answer), None);
        assert!(difference("policy", &json!({}), &expect, &answer).is_some());
    }

    #[test]
    fn invalid_ones_must_fail_at_the_same_place() {
        let expect = json!({"valid": false, "stage": "parse"});
        assert!(
            difference("policy", &json!({}), &expect, &json!({"valid": false, "stage": "fetch"})).is_some()
        );
    }
}
