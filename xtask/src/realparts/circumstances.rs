//! Trouble of our own network, planted in the namespace: never a finding about the domain (three outcomes, rule 143).

use std::path::Path;

use super::expectation::{Expectation, Opinion};
use super::namespace::Namespace;
use crate::{Outcome, command};

/// A healthy domain, looked at while our own side is broken.
const DOMAIN: &str = "plain.test";
/// `--timeout`, in seconds: what is cut off does not answer any later.
const TIMEOUT: &str = "20";

pub(super) struct Circumstance {
    what: &'static str,
    /// `net-fault` words, empty for none.
    fault: &'static [&'static str],
    /// Whether the resolver is the one that never answers.
    resolver_down: bool,
    /// The one exit status that is right, if there is just one.
    exit: Option<i32>,
}

pub(super) const ALL: [Circumstance; 3] = [
    Circumstance { what: "port 25 is blocked", fault: &["cut", "25"], resolver_down: false, exit: None },
    Circumstance { what: "no IPv6 route", fault: &["no-ipv6"], resolver_down: false, exit: None },
    Circumstance { what: "our resolver does not answer", fault: &[], resolver_down: true, exit: Some(3) },
];

impl Circumstance {
    /// Check the healthy domain under this trouble: no finding that it does not have anyway.
    pub(super) fn holds(&self, space: &Namespace, binary: &Path, expectation: &Expectation) -> Outcome {
        if !self.fault.is_empty() {
            space.fault(self.fault)?;
        }
        let mut check = space.exec();
        check.arg(binary).args(["check", DOMAIN, "--format", "json"]);
        let resolver =
            if self.resolver_down { expectation.silent_resolver() } else { expectation.resolver() };
        check.args(super::flags(space, resolver, TIMEOUT));
        let result = command::output(&mut check);
        if !self.fault.is_empty() {
            space.fault(&["clear"])?;
        }
        let (status, out) = result?;
        let found = Opinion::of(&super::object(&out)?);
        let allowed = expectation.of(DOMAIN).ok_or("expect.json lacks the healthy domain")?;
        let surplus: Vec<&String> = found.findings.difference(&allowed.findings).collect();
        let good = surplus.is_empty() && self.exit.is_none_or(|exit| status.code() == Some(exit));
        println!(
            "{} {}: {found} (exit {})",
            if good { "ok  " } else { "DIFF" },
            self.what,
            status.code().unwrap_or(-1)
        );
        Ok(good)
    }
}
