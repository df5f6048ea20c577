//! What the box expects for each domain, and what the binary found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// Codes whose `detail` is compared too: the umbrellas, which say by it what really happened.
const UMBRELLAS: [&str; 2] = ["mta_sts_unreachable", "mta_sts_mx_mismatch"];

/// A verdict and a set of codes; umbrella codes as `code:detail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opinion {
    pub(super) verdict: String,
    pub(super) findings: BTreeSet<String>,
}

/// `expect.json`.
pub(super) struct Expectation {
    resolver: String,
    silent: String,
    resolvers: Vec<String>,
    /// Name, condition, what is expected.
    domains: Vec<(String, String, Opinion)>,
}

/// What the binary said, by domain.
pub(super) struct Found(BTreeMap<String, Opinion>);

impl Expectation {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let all: Value =
            serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let domains =
            all["domains"].as_object().ok_or("expect.json: no domains")?.iter().map(|(name, row)| {
                let expect = &row["expect"];
                let findings = expect["findings"].as_array().into_iter().flatten().map(word).collect();
                (
                    name.clone(),
                    word(&row["condition"]),
                    Opinion { verdict: word(&expect["verdict"]), findings },
                )
            });
        Ok(Self {
            domains: domains.collect(),
            resolver: word(&all["resolver"]),
            silent: word(&all["resolver_silent"]),
            resolvers: all["resolvers"].as_array().into_iter().flatten().map(word).collect(),
        })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.domains.iter().map(|(name, _, _)| name.as_str())
    }

    /// The validating resolver.
    pub(super) fn resolver(&self) -> &str {
        &self.resolver
    }

    /// Other ways to ask, all of which must give the same answers.
    pub(super) fn resolvers(&self) -> &[String] {
        &self.resolvers
    }

    /// An address that takes questions and never answers.
    pub(super) fn silent_resolver(&self) -> &str {
        &self.silent
    }

    pub(super) fn of(&self, domain: &str) -> Option<&Opinion> {
        self.domains.iter().find(|(name, _, _)| name == domain).map(|(_, _, opinion)| opinion)
    }

    /// Print a line for each domain that counts; whether all are as expected.
    pub(super) fn compare(&self, found: &Found, counts: impl Fn(&str) -> bool) -> bool {
        let (mut right, mut all) = (0, 0);
        for (domain, condition, expected) in self.domains.iter().filter(|(domain, _, _)| counts(domain)) {
            all += 1;
            let got = found.0.get(domain);
            let same = got == Some(expected);
            right += usize::from(same);
            println!("{} {domain:24} {condition}", if same { "ok  " } else { "DIFF" });
            if same {
                println!("     {expected}");
            } else {
                println!("     expected  {expected}");
                println!("     found     {}", got.map_or_else(|| "nothing".to_owned(), Opinion::to_string));
            }
        }
        println!("{right} of {all} domains as expected");
        right == all
    }
}

impl Found {
    /// One JSON object a line.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let lines = text.split(|octet| *octet == b'\n').filter(|line| !line.is_empty());
        let all: Result<BTreeMap<_, _>, String> = lines
            .map(|line| {
                let value = super::object(line)?;
                let domain = value["domain"].as_str().unwrap_or_default().to_owned();
                Ok((domain, Opinion::of(&value)))
            })
            .collect();
        all.map(Self)
    }
}

impl Opinion {
    /// From an object of `check --format json`.
    pub(super) fn of(check: &Value) -> Self {
        let code = |finding: &Value| {
            let code = finding["code"].as_str().unwrap_or_default();
            match finding["detail"].as_str() {
                Some(detail) if UMBRELLAS.contains(&code) => format!("{code}:{detail}"),
                _ => code.to_owned(),
            }
        };
        let findings = check["findings"].as_array().into_iter().flatten().map(code).collect();
        Self { verdict: check["verdict"].as_str().unwrap_or_default().to_owned(), findings }
    }
}

impl std::fmt::Display for Opinion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let findings: Vec<&str> = self.findings.iter().map(String::as_str).collect();
        write!(
            f,
            "{}: {}",
            self.verdict,
            if findings.is_empty() { "no findings".to_owned() } else { findings.join(", ") }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(text: &str) -> Opinion {
        Opinion::of(&serde_json::from_str(text).expect("the test's own JSON"))
    }

    #[test]
    fn details_count_under_umbrellas_only() {
        let found = opinion(
            r#"{"verdict": "broken", "findings": [
                {"code": "mta_sts_unreachable", "detail": "policy_http_status"},
                {"code": "mx_cert_expired", "detail": "yesterday"},
                {"code": "mx_cert_expired", "detail": "today"}]}"#,
        );
        assert_eq!(found.to_string(), "broken: mta_sts_unreachable:policy_http_status, mx_cert_expired");
    }

    #[test]
    fn a_missing_domain_and_a_surplus_code_are_differences() {
        let good = opinion(r#"{"verdict": "enforcing", "findings": []}"#);
        let expectation = Expectation {
            resolver: String::new(),
            silent: String::new(),
            resolvers: Vec::new(),
            domains: vec![("good.test".to_owned(), String::new(), good)],
        };
        let all = |_: &str| true;
        let found = |text: &str| Found::read(text.as_bytes()).expect("the test's own JSON");
        let good = r#"{"domain": "good.test", "verdict": "enforcing", "findings": []}"#;
        assert!(expectation.compare(&found(good), all));
        assert!(!expectation.compare(&found(""), all));
        assert!(!expectation.compare(
            &found(
                r#"{"domain": "good.test", "verdict": "enforcing", "findings": [{"code": "dane_missing"}]}"#
            ),
            all
        ));
    }
}
