//! The catalogue keeps itself honest: each code has a scenario, a clause, a remedy and a page.

use std::collections::BTreeSet;

use judge::{Catalogue, Kind};

#[test]
fn each_code_has_a_scenario() {
    let scenarios = lab::catalogue();
    let codes: BTreeSet<&str> = scenarios
        .iter()
        .flat_map(|scenario| scenario.findings.iter().map(|finding| finding.code.as_str()))
        .collect();
    let details: BTreeSet<&str> = scenarios
        .iter()
        .flat_map(|scenario| scenario.findings.iter().filter_map(|finding| finding.detail.as_deref()))
        .collect();
    for entry in Catalogue::all() {
        let word = entry.code.rsplit('.').next().unwrap_or(entry.code);
        let covered = match entry.kind {
            Kind::Finding => codes.contains(entry.code),
            Kind::DetailOf(_) => details.contains(word),
        };
        assert!(covered, "{} has no scenario", entry.code);
    }
    assert!(scenarios.len() >= Catalogue::codes().count(), "fewer scenarios than codes");
}

#[test]
fn scenarios_expect_only_codes_that_exist() {
    for scenario in lab::catalogue() {
        for finding in &scenario.findings {
            let entry = Catalogue::find(&finding.code);
            assert!(
                entry.is_some_and(|entry| entry.kind == Kind::Finding),
                "{}: {}",
                scenario.name,
                finding.code
            );
        }
    }
}

#[test]
fn each_code_has_a_clause_a_title_and_a_page() {
    for entry in Catalogue::all() {
        assert!(
            !entry.clause.is_empty() && !entry.title.is_empty() && !entry.when.is_empty(),
            "{}",
            entry.code
        );
        assert!(judge::explain(entry.code).is_some(), "{} has no page", entry.code);
    }
}

#[test]
fn each_finding_of_the_lab_has_a_remedy_and_words() {
    // One scenario for each code, all in one check.
    let mut wanted: BTreeSet<&str> = Catalogue::codes().map(|entry| entry.code).collect();
    let mut names = Vec::new();
    let scenarios = lab::catalogue();
    for scenario in scenarios.iter().filter(|scenario| !scenario.name.starts_with("hostile")) {
        let news = scenario.findings.iter().filter(|finding| wanted.remove(finding.code.as_str())).count();
        if news > 0 {
            names.push(scenario.name.as_str());
        }
    }
    let house = crate::house::House::of(&names);
    let domains: Vec<String> = scenarios
        .iter()
        .filter(|scenario| names.contains(&scenario.name.as_str()))
        .map(|scenario| scenario.domain.clone())
        .collect();
    let mut words = vec!["check", "--format", "jsonl", "--timeout", "30"];
    words.extend(domains.iter().map(String::as_str));
    let run = crate::binary::run_in(house.path(), &words);
    let mut seen = 0;
    for line in run.out.lines() {
        let report: serde_json::Value = serde_json::from_str(line).expect("JSON");
        for finding in report["findings"].as_array().expect("findings") {
            seen += 1;
            for field in ["fact", "meaning", "clause", "docs", "subject"] {
                assert!(
                    finding[field].as_str().is_some_and(|text| !text.trim().is_empty()),
                    "{field}: {finding}"
                );
            }
            assert!(finding["remedy"]["text"].as_str().is_some_and(|text| text.len() > 10), "{finding}");
            let page = finding["docs"].as_str().unwrap_or_default();
            assert!(judge::explain(page).is_some(), "no page {page}");
            words_are_right(finding);
        }
    }
    assert!(seen >= names.len() / 2, "{seen} findings of {} domains", names.len());
}

/// C1 to C6: faults of the policy host never cost mail, and it is senders who keep policies.
fn words_are_right(finding: &serde_json::Value) {
    let text =
        format!("{} {} {}", finding["fact"], finding["meaning"], finding["remedy"]["text"]).to_lowercase();
    for wrong in ["receivers cache", "receiver caches", "bounce"] {
        assert!(!text.contains(wrong), "{wrong}: {finding}");
    }
    if finding["layer"] == "fetch" {
        assert!(!text.contains("rejected"), "{finding}");
        assert_ne!(finding["consequence"], "delivery-lost", "{finding}");
    }
}
