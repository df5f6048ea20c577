//! The gate that time decides: has testing gone on long enough?

use protocol::observed::Look;
use protocol::sts::Mode;

use super::Thresholds;
use crate::case::Case;
use crate::certificate::date;
use crate::layer::history::{days_since, testing_since};
use crate::{Gate, GateStatus, Remedy};

/// Whether the domain has been in mode testing for long enough, as far as earlier looks tell (R62, R84).
pub(crate) fn tested_long_enough(case: &Case<'_>, thresholds: &Thresholds) -> Gate {
    let wanted = i64::from(thresholds.testing_days);
    let (status, evidence, remedy) = match (case.used_policy().map(|policy| policy.mode), testing_since(case))
    {
        (Some(Mode::Enforce), _) if has_tested(&case.history.looks, thresholds) => (
            GateStatus::Pass,
            "earlier looks saw the testing; the policy is in mode enforce already".to_owned(),
            None,
        ),
        (Some(Mode::Testing), Some(since)) if days_since(case, since) >= wanted => (
            GateStatus::Pass,
            format!("in mode testing since {} at least, {} days", date(since), days_since(case, since)),
            None,
        ),
        (Some(Mode::Testing), Some(since)) => (
            GateStatus::Fail,
            format!(
                "in mode testing since {} by earlier looks, {} of {wanted} days",
                date(since),
                days_since(case, since)
            ),
            Some(Remedy::of(format!(
                "Stay in testing for {} days more and look again.",
                wanted - days_since(case, since)
            ))),
        ),
        (Some(Mode::Enforce), _) => (
            GateStatus::NotTested,
            "not tested, because no earlier look saw the testing; the policy is in mode enforce already"
                .to_owned(),
            Some(Remedy::of(
                "Nothing to wait for; watch the TLSRPT reports, and go back to testing with the first failure.",
            )),
        ),
        _ => (
            GateStatus::NotTested,
            "not tested, because no earlier look saw the policy in mode testing".to_owned(),
            Some(Remedy::of(
                "Keep a look with `check --record FILE` now, stay in testing for the time asked, and give that file with \
                 `--since` then.",
            )),
        ),
    };
    Gate {
        name: "tested_long_enough",
        question: "Has the policy been in mode testing for long enough?",
        status,
        evidence,
        remedy,
        findings: Vec::new(),
    }
}

/// Whether earlier looks saw mode testing over the time asked.
fn has_tested(looks: &[Look], thresholds: &Thresholds) -> bool {
    let testing = |look: &&Look| look.policy.as_ref().is_some_and(|policy| policy.mode == Mode::Testing);
    let mut times = looks.iter().filter(testing).map(|look| look.taken_at);
    let (Some(first), last) = (times.next(), times.next_back()) else { return false };
    let last = last.unwrap_or(first);
    last.duration_since(first).as_hours() >= i64::from(thresholds.testing_days) * 24
}
