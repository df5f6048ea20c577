//! `mta-sts domain retire`.

use crate::cli::RetireArgs;
use crate::commands::Context;
use crate::commands::hosting::{Author, Hosting, of_domains};
use crate::exit::ExitStatus;

/// Ends a domain.
pub(super) async fn retire(args: &RetireArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    if let Some(expected) = args.by.if_version {
        let found = hosting.get(&args.domain).await?.current.unwrap_or_default();
        if found != expected {
            let domain = args.domain.clone();
            return Err(of_domains(host::domains::DomainsError::Changed { domain, expected, found }));
        }
    }
    let (now, author) = (hosting.clock.now(), Author::of(&args.by));
    hosting.domains.retire(&args.domain, None, author.by(), now).await.map_err(of_domains)?;
    hosting.show(&args.domain, &args.shown, context).await
}
