//! `cargo xtask conformance [DIR]`: the vectors, judged by the shipped binary, compared with what they expect.
//!
//! `must` cases have to agree. Disputed ones are listed with what we say and why (`docs/conformance.md`).

mod agreement;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Outcome, command, place};

/// The files and the kind of reader each is for.
const FILES: [(&str, &str); 4] = [
    ("records.json", "sts"),
    ("tlsrpt_records.json", "tlsrpt"),
    ("policies.json", "policy"),
    ("mx_match.json", "mx"),
];

pub(crate) fn run(words: &[String]) -> Outcome {
    let dir = words.first().map_or_else(|| place::root().join("vectors"), PathBuf::from);
    let binary = place::binary()?;
    let reasons = std::fs::read_to_string(place::root().join("docs/conformance.md")).unwrap_or_default();
    let mut all = true;
    for (name, kind) in FILES {
        all &= file(&binary, &dir.join(name), kind, &reasons)?;
    }
    Ok(all)
}

fn file(binary: &Path, path: &Path, kind: &str, reasons: &str) -> Outcome {
    let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let cases: Vec<Value> =
        serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let (_, out) =
        command::output(Command::new(binary).args(["lint", "--kind", kind, "--vectors"]).arg(path))?;
    let answers = answers(&out)?;

    let (mut must, mut agreed, mut disputed) = (0, 0, Vec::new());
    let mut faults = Vec::new();
    for case in &cases {
        let id = case["id"].as_str().unwrap_or_default();
        let difference = answers.get(id).map_or_else(
            || Some("no answer".to_owned()),
            |answer| agreement::difference(kind, &case["input"], &case["expect"], answer),
        );
        if case["strictness"] == "must" {
            must += 1;
            match difference {
                None => agreed += 1,
                Some(what) => {
                    faults.push(format!("  {id}: {what} ({})", case["expect"]["why"].as_str().unwrap_or("")));
                }
            }
        } else {
            disputed.push((case, difference, answers.get(id)));
        }
    }

    println!("{}: must agree {agreed}/{must}", path.file_name().unwrap_or_default().to_string_lossy());
    for fault in &faults {
        println!("{fault}");
    }
    let differing = disputed.iter().filter(|(_, difference, _)| difference.is_some()).count();
    println!("  disputed: {}, of which {differing} answered otherwise than suggested", disputed.len());
    for (case, difference, answer) in disputed {
        let id = case["id"].as_str().unwrap_or_default();
        let suggested = case["expect"]["why"].as_str().filter(|_| difference.is_none());
        let why = reason(reasons, id).or_else(|| suggested.map(str::to_owned));
        let ours = answer.map_or_else(String::new, agreement::in_short);
        println!("  {id}: we say {ours}; {}", difference.unwrap_or_else(|| "as suggested".to_owned()));
        println!("      {}", why.unwrap_or_else(|| "docs/conformance.md gives no reason".to_owned()));
    }
    Ok(agreed == must)
}

/// The answers by case: one JSON line each.
fn answers(out: &[u8]) -> Result<HashMap<String, Value>, String> {
    let lines = out.split(|octet| *octet == b'\n').filter(|line| !line.is_empty());
    let mut answers = HashMap::new();
    for line in lines {
        let answer: Value = serde_json::from_slice(line)
            .map_err(|error| format!("not JSON: {error}: {}", String::from_utf8_lossy(line)))?;
        answers.insert(answer["id"].as_str().unwrap_or_default().to_owned(), answer);
    }
    Ok(answers)
}

/// The row of `docs/conformance.md` whose cells name the case: its other cells.
fn reason(document: &str, id: &str) -> Option<String> {
    let number = id.split('-').next().unwrap_or(id);
    let rows = document.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>()).find_map(|cells| {
        let named = cells.iter().position(|cell| names(cell, id, number))?;
        let others = cells.iter().enumerate().filter(|(index, cell)| *index != named && !cell.is_empty());
        Some(others.map(|(_, cell)| *cell).collect::<Vec<_>>().join("; "))
    })
}

fn names(cell: &str, id: &str, number: &str) -> bool {
    cell.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(|word| word == id || word == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_found_by_the_case() {
        let document =
            "| input | cases | answer |\n|---|---|---|\n| a blank | R062, `R063-tab` | accepted |\n";
        assert_eq!(reason(document, "R062-ws-before-semi").as_deref(), Some("a blank; accepted"));
        assert_eq!(reason(document, "R063-tab").as_deref(), Some("a blank; accepted"));
        assert_eq!(reason(document, "R06-x"), None);
    }
}
