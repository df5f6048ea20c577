//! Each case changes one thing of a healthy domain; exactly the expected findings come.

use std::collections::BTreeSet;

use judge::{Assessment, Catalogue, Kind, SeverityProfile, assess};

use crate::cases::{self, OneChange};
use crate::healthy::{Setup, healthy};

pub fn judged(setup: &Setup) -> Assessment {
    assess(&setup.evidence, &setup.history, setup.now, &SeverityProfile::Default)
}

pub fn changed(case: &OneChange) -> Assessment {
    let mut setup = healthy();
    (case.change)(&mut setup);
    judged(&setup)
}

/// The findings as `code` or `code/detail`.
pub fn codes(assessment: &Assessment) -> BTreeSet<String> {
    assessment.findings.iter().map(|finding| finding.code.to_owned()).collect()
}

#[test]
fn a_healthy_domain_has_no_finding() {
    let assessment = judged(&healthy());
    assert_eq!(codes(&assessment), BTreeSet::new(), "{:#?}", assessment.findings);
    assert_eq!(assessment.verdict, judge::Verdict::Enforcing);
    assert!(assessment.layers.iter().all(|layer| layer.status == judge::LayerStatus::Pass));
    assert!(assessment.not_tested.is_empty());
}

#[test]
fn each_change_brings_exactly_its_findings() {
    let mut wrong = Vec::new();
    for case in cases::all() {
        let assessment = changed(&case);
        let expected: BTreeSet<String> =
            case.expected.iter().map(|code| code.split('/').next().unwrap().to_owned()).collect();
        if codes(&assessment) != expected {
            wrong.push(format!("{}: found {:?}, expected {expected:?}", case.name, codes(&assessment)));
        }
        for (code, detail) in case.expected.iter().filter_map(|code| code.split_once('/')) {
            let found: Vec<_> = assessment.findings.iter().filter(|finding| finding.code == code).collect();
            if !found.iter().any(|finding| finding.detail.as_deref() == Some(detail)) {
                wrong.push(format!(
                    "{}: no {code}/{detail}, but {:?}",
                    case.name,
                    found.iter().map(|finding| &finding.detail).collect::<Vec<_>>()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_and_detail_has_a_case() {
    let mut seen = BTreeSet::new();
    for case in cases::all() {
        for finding in changed(&case).findings {
            seen.insert(finding.code.to_owned());
            seen.extend(finding.detail);
        }
    }
    let missing: Vec<_> =
        Catalogue::all().map(|entry| entry.code).filter(|code| !seen.contains(*code)).collect();
    assert!(missing.is_empty(), "no case brings {missing:?}");
}

#[test]
fn findings_are_whole() {
    for case in cases::all() {
        let assessment = changed(&case);
        for finding in &assessment.findings {
            let name = format!("{}: {}", case.name, finding.code);
            let entry = Catalogue::find(finding.code).unwrap();
            assert_eq!(entry.kind, Kind::Finding, "{name}");
            assert_eq!(finding.layer, entry.layer, "{name}");
            for text in
                [&finding.subject, &finding.fact, &finding.meaning, &finding.remedy.text, &finding.docs]
            {
                assert!(!text.is_empty(), "{name} {finding:#?}");
            }
            for sentence in [&finding.fact, &finding.meaning, &finding.remedy.text] {
                assert!(sentence.ends_with(['.', '?', ')']), "{name}: {sentence}");
                assert!(!sentence.contains("  ") && !sentence.contains(".."), "{name}: {sentence}");
            }
            assert!(finding.clause.starts_with("RFC "), "{name}");
            assert!(judge::explain(&finding.docs).is_some(), "{name}: no page {}", finding.docs);
        }
        let umbrellas =
            |code: &str| assessment.findings.iter().filter(|finding| finding.code == code).count();
        assert!(
            umbrellas("mta_sts_unreachable") <= 1 && umbrellas("mta_sts_mx_mismatch") <= 1,
            "{}",
            case.name
        );
        let sorted = assessment.findings.is_sorted_by(|a, b| a.severity >= b.severity);
        assert!(sorted, "{}", case.name);
    }
}

#[test]
fn a_layer_that_fails_or_warns_has_a_finding() {
    for case in cases::all() {
        let assessment = changed(&case);
        for layer in &assessment.layers {
            let findings = assessment.findings.iter().filter(|finding| finding.layer == layer.layer).count();
            let complains = matches!(layer.status, judge::LayerStatus::Fail | judge::LayerStatus::Warn);
            assert!(!complains || findings > 0 || case.name.contains("null MX"), "{}: {layer:?}", case.name);
            assert!(!layer.summary.is_empty());
        }
    }
}
