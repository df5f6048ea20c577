//! No policy in mode enforce that leaves out a live MX host, unless that is asked for. R74.

use host::domains::{WouldBreak, mx_guard};
use protocol::Domain;
use protocol::observed::Evidence;
use protocol::sts::{Mode, Policy};

use crate::cli::{LookArgs, ProfileWord};
use crate::commands::Context;
use crate::commands::progress::Progress;
use crate::commands::site::Site;
use crate::exit::{ExitStatus, Stop};
use crate::settings::Look;

/// Looks at the domain if the policy is one for which it matters, and refuses what would keep mail from a live host.
pub(super) async fn guard(
    domain: &Domain,
    policy: &Policy,
    look: &LookArgs,
    context: &Context,
) -> anyhow::Result<()> {
    if policy.mode != Mode::Enforce {
        return Ok(());
    }
    checked(policy, &seen(domain, ProfileWord::Extended, look, context).await?)
}

/// Refuses what would keep mail from a live host.
pub(super) fn checked(policy: &Policy, evidence: &Evidence) -> anyhow::Result<()> {
    mx_guard(policy, evidence).map_err(|error| {
        let (status, mend) = match &error {
            WouldBreak::NotKnown { .. } => (ExitStatus::CouldNotCheck, String::new()),
            WouldBreak::LeftOut { hosts } => (
                ExitStatus::Findings,
                hosts.iter().map(|host| format!("\n  --mx {}", crate::render::visible(host))).collect(),
            ),
        };
        let also = if mend.is_empty() { String::new() } else { format!(". Add:{mend}\nor") };
        let message = format!("{error}; nothing was changed{also} --allow-mismatch takes it all the same");
        Stop { status, message: message.replace("changed --", "changed; --") }.into()
    })
}

/// Looks at the domain.
pub(super) async fn seen(
    domain: &Domain,
    profile: ProfileWord,
    look: &LookArgs,
    context: &Context,
) -> anyhow::Result<Evidence> {
    let flags = LookArgs { profile: look.profile.or(Some(profile)), ..look.clone() };
    let look = Look::resolve(&flags, &context.layers)?;
    let site = Site::internet(&look, None)?;
    let progress = Progress::begin(&context.printer, 1);
    let seen = site.look(domain, &progress.watcher()).await;
    progress.end();
    Ok(seen.evidence)
}
