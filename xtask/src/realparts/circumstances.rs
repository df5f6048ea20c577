//! Trouble of our own network, planted in the namespace: never a finding about the domain (three outcomes, rule 143).

use std::path::Path;

use serde_json::Value;

use super::expectation::{Expectation, Opinion};
use super::namespace::Namespace;
use crate::{Outcome, command};

/// A healthy domain, looked at while our own side is broken.
const DOMAIN: &str = "plain.test";
/// `--timeout`, in seconds: what is cut off does not answer any later.
const TIMEOUT: &str = "20";

/// One kind of trouble, and what has to come of it.
pub(super) struct Circumstance {
    what: &'static str,
    /// `net-fault` words, empty for none.
    fault: &'static [&'static str],
    resolver: Resolver,
    /// The layer that cannot be tested then, if it is a whole one.
    untested: Option<&'static str>,
    /// The exit status.
    exit: i32,
}

enum Resolver {
    Good,
    Silent,
    /// Answers by TLS, with a certificate for another name than the one asked for.
    OtherName,
}

pub(super) const ALL: [Circumstance; 4] = [
    Circumstance {
        what: "port 25 is blocked",
        fault: &["cut", "25"],
        resolver: Resolver::Good,
        untested: Some("transport"),
        exit: 0,
    },
    Circumstance {
        what: "no IPv6 route",
        fault: &["no-ipv6"],
        resolver: Resolver::Good,
        untested: None,
        exit: 0,
    },
    Circumstance {
        what: "our resolver does not answer",
        fault: &[],
        resolver: Resolver::Silent,
        untested: Some("record"),
        exit: 3,
    },
    Circumstance {
        what: "our resolver is another than we meant",
        fault: &[],
        resolver: Resolver::OtherName,
        untested: Some("record"),
        exit: 3,
    },
];

impl Circumstance {
    /// Check the healthy domain under this trouble: no finding that it does not have anyway.
    pub(super) fn holds(&self, space: &Namespace, binary: &Path, expectation: &Expectation) -> Outcome {
        let resolver = match self.resolver {
            Resolver::Good => expectation.resolver().to_owned(),
            Resolver::Silent => expectation.silent_resolver().to_owned(),
            Resolver::OtherName => format!("tls://{}#elsewhere.test", expectation.resolver()),
        };
        if !self.fault.is_empty() {
            space.fault(self.fault)?;
        }
        let mut check = super::check(space, binary, &resolver, TIMEOUT);
        let result = command::output(check.args([DOMAIN, "--format", "json"]));
        if !self.fault.is_empty() {
            space.fault(&["clear"])?;
        }
        let (status, out) = result?;
        let answer = super::object(&out)?;
        let found = Opinion::of(&answer);
        let allowed = expectation.of(DOMAIN).ok_or("expect.json lacks the healthy domain")?;
        let surplus = found.findings.difference(&allowed.findings).count();
        let untested = self.untested.is_none_or(|layer| is_untested(&answer, layer));
        let said = answer["not_tested"].as_array().is_some_and(|items| !items.is_empty());
        let good = surplus == 0 && untested && said && status.code() == Some(self.exit);
        let word = if good { "ok  " } else { "DIFF" };
        println!("{word} {}: {found} (exit {})", self.what, status.code().unwrap_or(-1));
        Ok(good)
    }
}

fn is_untested(answer: &Value, layer: &str) -> bool {
    let layers = answer["layers"].as_array();
    layers.into_iter().flatten().any(|one| one["layer"] == layer && one["status"] == "not_tested")
}
