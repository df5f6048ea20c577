//! No policy in mode enforce that leaves out a live MX host.

use protocol::observed::{Evidence, Outcome};
use protocol::sts::{Mode, Policy};

use crate::exit::{ExitStatus, Stop};
use crate::render::visible;

/// Refuses a policy that would make senders withhold mail from a host that mail goes to today.
pub(super) fn check(policy: &Policy, evidence: &Evidence) -> anyhow::Result<()> {
    if policy.mode != Mode::Enforce {
        return Ok(());
    }
    let hosts: Vec<&str> = match &evidence.mx.outcome {
        Outcome::Records(records) => {
            records.iter().map(|mx| mx.host.as_str()).filter(|host| !host.is_empty()).collect()
        }
        // RFC 5321 §5.1: without MX records the domain itself is the host.
        Outcome::NoData | Outcome::NxDomain => vec![evidence.domain.as_str()],
        Outcome::Failed(_) | Outcome::NotTested(_) => {
            return Err(Stop {
                status: ExitStatus::CouldNotCheck,
                message: format!(
                    "the MX records of {} could not be looked up, so that it is not known whether the policy covers \
                     them; nothing was changed; --allow-mismatch publishes it all the same",
                    evidence.domain
                ),
            }
            .into());
        }
    };
    // RFC 8461 §4.1
    let uncovered: Vec<_> = hosts
        .into_iter()
        .filter(|host| !policy.mx.iter().any(|pattern| pattern.matches(host)))
        .map(visible)
        .collect();
    if uncovered.is_empty() {
        return Ok(());
    }
    let lines: String = uncovered.iter().map(|host| format!("\n  mx: {host}")).collect();
    Err(Stop {
        status: ExitStatus::Findings,
        message: format!(
            "in mode enforce the policy leaves out {}: senders that honour it would deliver no mail there; nothing was \
             changed. Add to the policy:{lines}\nor publish it all the same with --allow-mismatch",
            uncovered.join(", ")
        ),
    }
    .into())
}
