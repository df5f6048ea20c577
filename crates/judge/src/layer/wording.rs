//! Sentences and snippets that several rules use, so that the same thing is always said in the same words.

use jiff::Timestamp;
use protocol::sts::Mode;

use crate::case::Case;

/// What a fault of record or policy host costs. RFC 8461 §3.3 (C1 to C3).
pub(crate) const NO_POLICY: &str = "Senders without a copy of the policy deliver as if there were no MTA-STS; \
     senders with an unexpired copy keep to it. Mail arrives, and its protection fades.";

/// What an MX host's fault costs, by mode and by what is left. RFC 8461 §5, §8.4 (C5, C9).
pub(crate) const fn skipped(enforced: bool, path_left: bool) -> &'static str {
    match (enforced, path_left) {
        (true, true) => {
            "Senders that honour the policy do not deliver there; they go on to the other MX hosts and \
             addresses, so that mail arrives by fewer paths."
        }
        (true, false) => {
            "Senders that honour the policy have nowhere to deliver: they defer the mail, retry, and finally \
             return it to their own user. Your own logs show nothing."
        }
        (false, _) => {
            "Mail is delivered today; with a policy in mode enforce, senders that honour it would pass this \
             host by."
        }
    }
}

/// A new record, with an id made from the time.
pub(crate) fn record(domain: &str, now: Timestamp) -> String {
    format!("_mta-sts.{domain}. 3600 IN TXT \"v=STSv1; id={};\"", id(now))
}

/// An id made from the time: letters and digits only (C13), and fine enough for several changes a day (C14).
pub(crate) fn id(now: Timestamp) -> String {
    now.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A policy text.
pub(crate) fn policy<T: AsRef<str>>(mode: &str, mx: &[T], max_age: u64) -> String {
    let mut text = format!("version: STSv1\nmode: {mode}\n");
    for name in mx {
        text.push_str("mx: ");
        text.push_str(name.as_ref());
        text.push('\n');
    }
    text.push_str(&format!("max_age: {max_age}\n"));
    text
}

/// A first policy for the domain's own MX hosts: in mode testing, and short-lived, so that mistakes pass soon.
pub(crate) fn testing_policy(case: &Case<'_>) -> String {
    policy("testing", &mx_names(case), case.max_age.wanted(Mode::Testing))
}

/// The change of the policy's text, and after it the record that announces it (RFC 8461 §8.1), as one paste.
pub(crate) fn announced(case: &Case<'_>, policy_lines: &str) -> String {
    format!(
        "; first, in the policy at {}:\n{}\n; then, in DNS:\n{}",
        case.policy_url(),
        policy_lines.trim_end(),
        record(case.evidence.domain.as_str(), case.now)
    )
}

/// The MX hosts that a policy can name, or a mark where one has to be filled in.
pub(crate) fn mx_names<'a>(case: &'a Case<'_>) -> Vec<&'a str> {
    let names: Vec<&str> = case.nameable().map(|candidate| candidate.name.as_str()).collect();
    if names.is_empty() { vec!["<the name of your MX host>"] } else { names }
}

/// A target of reports that has to be filled in.
pub(crate) const OTHER_MAILBOX: &str = "mailto:<mailbox in another domain>";

/// What to do after a change of the policy's text.
pub(crate) const THEN_NEW_ID: &str =
    "Serve the changed policy first, then publish the record with a new id (RFC 8461 §8.1).";
