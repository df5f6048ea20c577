//! Words are interface: what we never say (C1 to C9, C28), and that every paste can be pasted.

use judge::{Assessment, Catalogue, GateStatus, Layer, Reports, ready};

use crate::cases;
use crate::healthy::healthy;
use crate::one_change::changed;

/// Words that would be wrong wherever they stand: the tool's reader is the receiving side (C6), nobody bounces for a
/// policy host (C1), and we make no promises (C20, C28).
const NEVER: &[&str] = &[
    "receivers cache",
    "receiver caches",
    "receivers report",
    "receivers drop",
    "receiving servers cache",
    "100 %",
    "100%",
    "guarantee",
    "reputation",
    "GDPR",
];

/// Words that are wrong about record, policy host and policy.
const NEVER_OF_POLICY: &[&str] = &["bounce", "reject", "stop sending", "undeliver", "lose mail", "lost mail"];

fn sentences(assessment: &Assessment) -> Vec<(Layer, String)> {
    let mut all = vec![(Layer::Across, assessment.summary.clone())];
    for finding in &assessment.findings {
        for text in [&finding.fact, &finding.meaning, &finding.remedy.text] {
            all.push((finding.layer, text.clone()));
        }
        all.extend(finding.remedy.paste.clone().map(|paste| (finding.layer, paste)));
    }
    all.extend(assessment.layers.iter().map(|layer| (layer.layer, layer.summary.clone())));
    for row in &assessment.protection {
        all.push((Layer::Across, row.because.clone()));
        all.extend(row.protects.iter().map(|protects| (Layer::Across, protects.how.clone())));
    }
    all
}

#[test]
fn what_we_never_say() {
    let catalogue = Catalogue::all().map(|entry| (entry.layer, format!("{} {}", entry.title, entry.when)));
    let pages = std::iter::once((Layer::Across, Catalogue::to_markdown()));
    let printed = cases::all().flat_map(|case| sentences(&changed(&case)));
    for (layer, text) in catalogue.chain(pages).chain(printed) {
        let lower = text.to_lowercase();
        for word in NEVER {
            assert!(!lower.contains(&word.to_lowercase()), "{word}: {text}");
        }
        if matches!(layer, Layer::Record | Layer::Fetch | Layer::Policy) {
            for word in NEVER_OF_POLICY {
                assert!(!lower.contains(word), "{word}: {text}");
            }
        }
    }
}

#[test]
fn pasted_records_are_valid() {
    let mut records = 0;
    for case in cases::all() {
        for finding in changed(&case).findings {
            let Some(paste) = finding.remedy.paste else { continue };
            records += strictly_read(&paste);
        }
    }
    assert!(records > 30, "{records}");
}

/// Reads the records and policies in a paste as strictly as a sender does, and counts them. Marks in angle brackets
/// stand for what only the owner knows.
fn strictly_read(paste: &str) -> usize {
    let mailbox = "<mailbox in another domain>";
    let paste =
        paste.replace(mailbox, "tls@reports.example").replace("<the name of your MX host>", "mx.example");
    let mut count = 0;
    for line in paste.lines() {
        let text = line.split('"').nth(1).unwrap_or_default();
        if text.starts_with("v=STSv1") {
            protocol::sts::read_records(&[text]).expect(&paste);
            count += 1;
        }
        if text.starts_with("v=TLSRPTv1") {
            protocol::tlsrpt::read_records(&[text]).expect(&paste);
            count += 1;
        }
        if let Some(mx) = line.strip_prefix("mx: ") {
            protocol::MxPattern::parse(mx).expect(&paste);
        }
    }
    let fields = ["version:", "mode:", "mx:", "max_age:"];
    let is_field = |line: &&str| fields.iter().any(|field| line.starts_with(field));
    if paste.lines().any(|line| line.starts_with("version")) {
        let is_paste = |line: &&str| is_field(line) || !(line.starts_with(';') || line.contains(" IN "));
        let policy: String = paste.lines().filter(is_paste).map(|line| format!("{line}\n")).collect();
        protocol::sts::PolicyText::read(policy.as_bytes()).expect(&paste);
        assert_eq!(policy.matches("version").count(), 1, "{paste}");
        count += 1;
    }
    count
}

/// What is pasted never sends mail to a name that the policy does not list.
#[test]
fn pasted_mx_records_name_what_the_policy_names() {
    let mut seen = 0;
    for case in cases::all() {
        let mut setup = healthy();
        (case.change)(&mut setup);
        for finding in crate::one_change::judged(&setup).findings {
            let paste = finding.remedy.paste.unwrap_or_default();
            for line in paste.lines().filter(|line| !line.starts_with(';')) {
                let Some((_, mx)) = line.split_once(" IN MX ") else { continue };
                let host = mx.split_once(' ').map(|(_, host)| host.trim_end_matches('.')).unwrap_or_default();
                let listed = ["", "example.com", "mx1.example.com", "mx2.example.com"].contains(&host);
                assert!(listed || host.starts_with("<host that"), "{}: {line}", case.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 1, "{seen}");
}

#[test]
fn hostile_text_stays_bounded() {
    let mut setup = healthy();
    let long = "x".repeat(100_000);
    setup.record(&[&format!("v=STSv1; id={long}"), ""]);
    setup.policy(&format!("version: STSv1\n{long}\u{1b}[31m: 1\n{}", "mx: a\n".repeat(5000)));
    setup.tlsrpt(&format!("v=TLSRPTv1; rua={long}"));
    setup.evidence.hosts[0].name = long.clone();
    let assessment = crate::one_change::judged(&setup);
    for finding in &assessment.findings {
        for text in [&finding.subject, &finding.fact, &finding.meaning] {
            assert!(text.len() < 4000, "{}: {} octets", finding.code, text.len());
        }
        assert!(finding.evidence.iter().all(|item| item.text.len() < 4000), "{}", finding.code);
        assert!(finding.remedy.paste.as_ref().is_none_or(|paste| paste.len() < 200_000), "{}", finding.code);
    }
}

#[test]
fn gates_speak_as_well() {
    for case in cases::all() {
        let mut setup = healthy();
        (case.change)(&mut setup);
        let assessment = crate::one_change::judged(&setup);
        let readiness = ready(&setup.evidence, &setup.history, &assessment, Reports::NotGiven, setup.now);
        assert!(!readiness.ready, "without reports nothing is ready");
        for gate in &readiness.gates {
            assert!(!gate.evidence.is_empty() && gate.question.ends_with('?'), "{gate:?}");
            assert_eq!(gate.remedy.is_none(), gate.status == GateStatus::Pass, "{}: {gate:?}", case.name);
        }
    }
}

/// A hostile answer with very many MX names stays cheap, and what is left out is said.
#[test]
fn ten_thousand_mx_hosts() {
    let mut setup = healthy();
    let many = (0..10_000).map(|n| crate::healthy::mx(10, &format!("mx{n}.example.com"))).collect();
    setup.evidence.mx = crate::healthy::records("example.com", "MX", many);
    let assessment = crate::one_change::judged(&setup);
    let coverage = assessment.not_tested.iter().find(|item| item.layer == Layer::Coverage);
    assert!(coverage.is_some_and(|item| item.subject.contains("9500 more")), "{:?}", assessment.not_tested);
}
