//! No policy in mode enforce that leaves out a live MX host. R74.

use protocol::Domain;
use protocol::observed::{Evidence, Outcome};
use protocol::sts::{Mode, Policy};

/// What stands against a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WouldBreak {
    /// Senders that honour it would deliver no mail to these hosts, to which mail goes today.
    #[error(
        "in mode enforce the policy leaves out {}: senders that honour it would deliver no mail there", .hosts.join(", ")
    )]
    LeftOut {
        /// The hosts, by preference.
        hosts: Vec<String>,
    },
    /// It is not known which hosts take the domain's mail.
    #[error(
        "the MX records of {domain} could not be looked up, so that it is not known whether the policy covers them"
    )]
    NotKnown {
        /// The domain.
        domain: Domain,
    },
}

/// The live MX hosts that no pattern of the policy allows; none unless the mode is enforce, for only there it matters.
#[must_use]
pub fn left_out(policy: &Policy, hosts: &[String]) -> Vec<String> {
    if policy.mode != Mode::Enforce {
        return Vec::new();
    }
    // RFC 8461 §4.1
    let allowed = |host: &String| policy.mx.iter().any(|pattern| pattern.matches(host));
    hosts.iter().filter(|host| !allowed(host)).cloned().collect()
}

/// The hosts that take the domain's mail today.
///
/// # Errors
/// [`WouldBreak::NotKnown`] when the MX records could not be looked up.
pub fn live_hosts(evidence: &Evidence) -> Result<Vec<String>, WouldBreak> {
    match &evidence.mx.outcome {
        Outcome::Records(records) => {
            // RFC 7505: the null MX has no host.
            Ok(records.iter().map(|mx| mx.host.clone()).filter(|host| !host.is_empty()).collect())
        }
        // RFC 5321 §5.1: without MX records the domain itself is the host.
        Outcome::NoData | Outcome::NxDomain => Ok(vec![evidence.domain.as_str().to_owned()]),
        Outcome::Failed(_) | Outcome::NotTested(_) => {
            Err(WouldBreak::NotKnown { domain: evidence.domain.clone() })
        }
    }
}

/// Refuses a policy that would make senders withhold mail from a host that mail goes to today.
///
/// # Errors
/// [`WouldBreak`] says what stands against it.
pub fn mx_guard(policy: &Policy, evidence: &Evidence) -> Result<(), WouldBreak> {
    if policy.mode != Mode::Enforce {
        return Ok(());
    }
    let hosts = left_out(policy, &live_hosts(evidence)?);
    if hosts.is_empty() { Ok(()) } else { Err(WouldBreak::LeftOut { hosts }) }
}

#[cfg(test)]
mod tests {
    use protocol::sts::PolicyText;

    use super::*;

    #[test]
    fn which_hosts_are_left_out() {
        for (mode, patterns, hosts, expected) in [
            ("enforce", "mx: mx.example.com\n", &["mx.example.com"][..], &[][..]),
            ("enforce", "mx: *.example.com\n", &["a.example.com", "b.a.example.com"], &["b.a.example.com"]),
            (
                "enforce",
                "mx: mx.example.com\n",
                &["mx.example.com", "backup.example.net"],
                &["backup.example.net"],
            ),
            ("testing", "mx: mx.example.com\n", &["backup.example.net"], &[]),
            ("none", "", &["backup.example.net"], &[]),
            ("enforce", "mx: mx.example.com\n", &[], &[]),
        ] {
            let text = format!("version: STSv1\nmode: {mode}\n{patterns}max_age: 86400\n");
            let policy = PolicyText::read(text.as_bytes()).expect("a policy");
            let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
            assert_eq!(left_out(policy.policy(), &hosts), expected, "{text} {hosts:?}");
        }
    }
}
