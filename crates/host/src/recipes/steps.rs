//! Steps and warnings that several recipes share.

use super::quoting::shell;
use super::{POLICY_PATH, Wanted};

/// For servers and services that may have the domain's web site too (requirement C22).
pub(super) const NOT_THE_WEB_SITE: &str = "Do not let the configuration of your web site answer for this name: web \
     sites redirect (to www, to a language), and senders must not follow a redirect.";

/// For services in front of which something else may answer.
pub(super) const NO_CHALLENGE: &str =
    "A challenge page, a 403 for what looks like a robot, or a login gives senders no policy either.";

/// Puts the policy where the server reads it.
pub(super) fn install_policy(wanted: &Wanted) -> String {
    format!(
        "Put the policy where the server reads it: `install -D -m 644 {POLICY_PATH} {}`.",
        shell(&wanted.policy_file())
    )
}

/// The policy before the record. RFC 8461 §8.3 asks for this order.
pub(super) fn then_the_record(wanted: &Wanted) -> String {
    format!(
        "When the commands below fetch the policy (each with status 200, `text/plain` and the policy), and not \
         before, publish the record at `_mta-sts.{}`.",
        wanted.domain
    )
}

/// The steps of a recipe that publishes records, after what must come before them.
pub(super) fn after_the_policy(wanted: &Wanted, steps: Vec<String>) -> Vec<String> {
    let first = format!(
        "Serve the policy first: `{}` must answer with it before the record shows its id. Otherwise senders fetch the \
         old policy, take it for the new one, and keep it.",
        wanted.url()
    );
    let address = wanted.addresses.is_empty().then(|| {
        format!(
            "Unless {} has an address already, publish one too, A and AAAA or a CNAME: it is not in these files.",
            wanted.host()
        )
    });
    let zone = (wanted.zone == wanted.domain).then(|| {
        format!(
            "The records go into the zone {0}. If {0} is only a name in a larger zone, generate again with `--zone` and \
             the name of that zone.",
            wanted.zone
        )
    });
    std::iter::once(first).chain(address).chain(zone).chain(steps).collect()
}

/// Commands of a recipe that serves: those of the server itself, then the certificate, both families, the whole.
pub(super) fn served(wanted: &Wanted, own: &[String]) -> Vec<String> {
    [own, &wanted.fetches(), &[wanted.check()]].concat()
}

/// Commands of a recipe that publishes records.
pub(super) fn records_shown(wanted: &Wanted, own: &[String]) -> Vec<String> {
    [own, &wanted.lookups(), &[wanted.check()]].concat()
}
