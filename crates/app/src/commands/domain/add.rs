//! `mta-sts domain add`.

use host::domains::{NewDomain, Owner};

use super::{drafting, guarding};
use crate::cli::AddArgs;
use crate::commands::Context;
use crate::commands::hosting::{Author, Hosting, of_domains};
use crate::exit::ExitStatus;

/// Takes a domain in.
pub(super) async fn add(args: &AddArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, true).await?;
    let now = hosting.clock.now();
    let tlsrpt = drafting::tlsrpt_text(&args.rua)?;
    let policy = match (&args.policy, args.draft) {
        (_, true) => None,
        (Some(path), _) => Some(drafting::from_file(path)?),
        (None, _) => Some(drafting::from_flags(args, now, context).await?),
    };
    if let Some(policy) = policy.as_ref().filter(|_| !args.allow_mismatch) {
        guarding::guard(&args.domain, policy.policy(), &args.look, context).await?;
    }
    let new = NewDomain {
        domain: args.domain.clone(),
        owner: args.owner.clone().unwrap_or_else(Owner::operator),
        policy,
        tlsrpt,
        quota: args.quota,
    };
    hosting.domains.add(new, Author::of(&args.by).by(), now).await.map_err(of_domains)?;
    hosting.show(&args.domain, &args.shown, context).await
}
