//! The pages are complete, reachable, and speak the house's words.

use std::collections::BTreeSet;
use std::path::Path;

use super::alias::ALIASES;
use super::{Page, explain, folded, pages, suggest};

/// What every page on a code has, in this order.
const PARTS_OF_A_CODE: [&str; 6] = [
    "## What was seen",
    "## What it costs",
    "## Who does what",
    "## How to mend",
    "## How to check",
    "## See also",
];

/// What no page says: the house has other words for it, or it is wrong (senders keep, apply and report policies;
/// mail is deferred, retried and finally returned).
const FORBIDDEN: [&str; 6] = ["bounce", "reject", "receiver", "recipient", "receiving server", "mystery"];

fn is_code(page: &Page) -> bool {
    page.body.contains("## What it costs")
}

#[test]
fn every_file_is_in_the_table() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explain/pages");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".md").unwrap().to_owned())
        .collect();
    let table: BTreeSet<String> = pages().iter().map(|page| page.name.to_owned()).collect();
    assert_eq!(files, table);
    assert_eq!(table.len(), pages().len(), "a page stands twice in the table");
}

#[test]
fn every_page_begins_with_its_name_and_a_sentence() {
    for page in pages() {
        assert!(page.body.starts_with(&format!("# {}\n\n{}\n", page.name, page.title)), "{}", page.name);
        assert!((20..=100).contains(&page.title.chars().count()), "{}: {}", page.name, page.title);
        assert!(!page.title.starts_with('#'), "{}", page.name);
        let lines = page.body.lines().count();
        assert!((12..=50).contains(&lines), "{}: {lines} lines", page.name);
        assert!(page.body.contains("\n## See also\n"), "{}", page.name);
    }
}

#[test]
fn every_code_page_has_all_parts_in_order() {
    let mut codes = 0;
    for page in pages().iter().filter(|page| is_code(page)) {
        codes += 1;
        let headings: Vec<&str> = page.body.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, PARTS_OF_A_CODE, "{}", page.name);
        for mode in ["\n- enforce: ", "\n- testing: ", "\n- none: "] {
            assert!(page.body.contains(mode), "{}: {mode}", page.name);
        }
        assert!(page.body.contains("RFC "), "{}: no clause", page.name);
    }
    assert!(codes > 100, "{codes}");
}

#[test]
fn every_entry_of_the_catalogue_has_a_page() {
    for entry in crate::Catalogue::all() {
        let page = explain(entry.code).unwrap_or_else(|| panic!("no page for {}", entry.code));
        assert!(is_code(page), "{}", entry.code);
    }
}

#[test]
fn every_code_page_is_in_the_catalogue() {
    for page in pages().iter().filter(|page| is_code(page)) {
        let code = page.name.strip_prefix("mta_sts_mx_mismatch.").unwrap_or(page.name);
        assert!(crate::Catalogue::find(code).is_some(), "{}", page.name);
    }
}

#[test]
fn see_also_resolves() {
    for page in pages() {
        let (_, names) = page.body.rsplit_once("## See also\n").unwrap();
        let names: Vec<&str> =
            names.split([',', '\n']).map(str::trim).filter(|name| !name.is_empty()).collect();
        assert!(!names.is_empty(), "{}", page.name);
        for name in names {
            let name = name.trim_matches('`');
            assert!(pages().iter().any(|other| other.name == name), "{} → {name}", page.name);
            assert_ne!(name, page.name, "{} points to itself", page.name);
        }
    }
}

#[test]
fn every_page_can_be_reached_from_another() {
    for page in pages() {
        let link = format!("`{}`", page.name);
        assert!(
            pages().iter().any(|other| other.name != page.name && other.body.contains(&link)),
            "{}",
            page.name
        );
    }
}

#[test]
fn no_page_says_forbidden_words() {
    for page in pages() {
        let body = page.body.to_lowercase();
        for word in FORBIDDEN {
            assert!(!body.contains(word), "{}: {word}", page.name);
        }
    }
}

/// What a terminal has to render: headings of two levels, paragraphs, lists, tables, fenced code, spans of code and
/// emphasis; nothing else, and no line too wide.
#[test]
fn pages_keep_to_simple_markdown() {
    for page in pages() {
        let mut in_code = false;
        for line in page.body.lines() {
            if let Some(language) = line.strip_prefix("```") {
                in_code = !in_code;
                let known = ["sh", "dns", "text", "nginx", "apache"].contains(&language);
                assert!(known == in_code, "{}: {line}", page.name);
                continue;
            }
            let width = line.chars().count();
            let is_whole = in_code || line.starts_with('|') || line == page.title;
            let widest = if is_whole { 118 } else { 80 };
            assert!(width <= widest, "{}: {width} columns: {line}", page.name);
            assert!(!line.chars().any(char::is_control), "{}: {line}", page.name);
            if !in_code {
                assert!(
                    !line.contains("**") && !line.contains("](") && !line.starts_with('>'),
                    "{}",
                    page.name
                );
                assert!(line.matches('`').count() % 2 == 0, "{}: {line}", page.name);
                assert!(
                    !line.starts_with("###") && !line.starts_with(' ') || line.starts_with("  "),
                    "{}",
                    page.name
                );
            }
        }
        assert!(!in_code, "{}: code without an end", page.name);
    }
}

/// Faults of the record, the policy host and the policy's text never cost mail (RFC 8461 §3.3).
#[test]
fn faults_of_the_policy_host_never_cost_mail() {
    for page in pages().iter().filter(|page| is_code(page)) {
        if page.name.starts_with("policy_") || page.name == "mta_sts_unreachable" {
            assert!(!page.body.contains("not delivered"), "{}", page.name);
            assert!(page.body.contains("\n- enforce: delivered"), "{}", page.name);
        }
    }
}

#[test]
fn words_are_found_in_any_spelling() {
    for (word, name) in [
        ("mta_sts_missing", "mta_sts_missing"),
        ("MTA-STS-Missing", "mta_sts_missing"),
        ("Max-Age", "max_age"),
        ("max age", "max_age"),
        (" `dane` ", "dane"),
        ("tls-rpt", "tlsrpt"),
        ("TLS RPT", "tlsrpt"),
        ("_mta-sts", "mta-sts"),
        ("preferred", "mta_sts_mx_mismatch.preferred"),
        ("mta_sts_mx_mismatch.all", "mta_sts_mx_mismatch.all"),
        ("Enforcing-but-broken", "verdict"),
        ("sts-webpki-invalid", "mta_sts_unreachable"),
        ("mta_sts_unreachable.policy_http_status", "policy_http_status"),
        ("mta_sts_unreachable.policy_no_such_detail", "mta_sts_unreachable"),
        ("STSv1", "mta-sts"),
        ("TLSRPTv1", "tlsrpt"),
    ] {
        assert_eq!(explain(word).map(|page| page.name), Some(name), "{word}");
    }
    for word in ["", " ", "no such word", "\u{1b}[31m", &"a".repeat(100_000)] {
        assert_eq!(explain(word), None, "{word:.20}");
    }
}

#[test]
fn aliases_lead_to_pages_and_hide_none() {
    for (alias, name) in ALIASES {
        assert!(pages().iter().any(|page| page.name == *name), "{alias} → {name}");
        assert!(pages().iter().all(|page| folded(page.name) != folded(alias)), "{alias} hides a page");
    }
}

#[test]
fn near_misses_are_suggested() {
    for (word, name) in [
        ("mta_sts_mising", "mta_sts_missing"),
        ("enforced", "enforce"),
        ("tlsrtp", "tlsrpt"),
        ("incomplete", "mx_cert_incomplete_chain"),
        ("mx_starttls", "mx_starttls_missing"),
    ] {
        assert!(suggest(word).contains(&name), "{word}: {:?}", suggest(word));
    }
    assert!(suggest("").is_empty());
    assert!(suggest("zzzzzzzzzzzz").is_empty());
    assert!(suggest(&"a".repeat(100_000)).is_empty());
    assert!(pages().iter().all(|page| suggest(page.name).len() <= 5));
}
