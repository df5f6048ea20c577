use std::collections::BTreeSet;
use std::net::SocketAddr;

use lab::{Lab, LabError, Options, View, catalogue};

/// Codes and umbrella details that need a scenario each (docs/findings.md).
const CODES: &str = include_str!("codes.txt");

#[test]
fn every_code_has_a_scenario() {
    let covered: BTreeSet<String> = catalogue()
        .iter()
        .flat_map(|scenario| &scenario.findings)
        .map(|expected| match &expected.detail {
            Some(detail) => format!("{} {detail}", expected.code),
            None => expected.code.clone(),
        })
        .collect();
    let missing: Vec<&str> = CODES.lines().filter(|line| !covered.contains(*line)).collect();
    assert!(missing.is_empty(), "no scenario expects {missing:?}");
    let known: BTreeSet<&str> = CODES.lines().collect();
    let unknown: Vec<&String> = covered.iter().filter(|line| !known.contains(line.as_str())).collect();
    assert!(unknown.is_empty(), "scenarios expect codes that are not in the list: {unknown:?}");
}

#[test]
fn names_and_verdicts_are_proper() {
    let verdicts = [
        "not-deployed",
        "broken",
        "disabled",
        "testing",
        "ready-to-enforce",
        "enforcing",
        "enforcing-but-broken",
        "unknown",
    ];
    let mut names = BTreeSet::new();
    for scenario in catalogue() {
        assert!(names.insert(scenario.name.clone()), "{} stands twice", scenario.name);
        assert!(scenario.name.len() <= 63, "{} is no label", scenario.name);
        assert_eq!(scenario.domain, format!("{}.test", scenario.name));
        if let Some(verdict) = &scenario.verdict {
            assert!(verdicts.contains(&verdict.as_str()), "{}: {verdict}", scenario.name);
        }
        let mut sorted = scenario.findings.clone();
        sorted.dedup();
        assert_eq!(sorted.len(), scenario.findings.len(), "{} expects a finding twice", scenario.name);
    }
    assert!(catalogue().iter().filter(|scenario| scenario.showcase).count() >= 8);
}

/// All scenarios start together, and no documentation address stands for two places.
#[tokio::test]
async fn all_scenarios_start() {
    let lab = Lab::start(Options::default()).await.unwrap();
    assert_eq!(lab.scenarios().len(), catalogue().len());
    let map = lab.connect_map();
    let addresses: BTreeSet<SocketAddr> = map.iter().map(|(address, _)| *address).collect();
    assert_eq!(addresses.len(), map.len());
    assert!(map.iter().all(|(_, real)| real.ip().is_loopback() && real.port() != 0));
    for view in [View::Now, View::Before, View::Elsewhere] {
        assert!(lab.resolver(view).ip().is_loopback());
    }
    assert!(lab.trust_anchor().starts_with(". "));
    assert!(lab.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[tokio::test]
async fn an_unknown_scenario_is_refused() {
    let options = Options { only: vec!["no-such-thing".to_owned()], ..Options::default() };
    assert!(matches!(Lab::start(options).await, Err(LabError::Unknown(name)) if name == "no-such-thing"));
}
