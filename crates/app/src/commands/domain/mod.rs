//! `mta-sts domain`.

mod add;
mod drafting;
mod guarding;
mod list;
mod promote;
mod retire;
mod rollback;
mod set;

use super::Context;
use super::hosting::Hosting;
use crate::cli::DomainVerb;
use crate::exit::ExitStatus;

/// Carries out a verb of `domain`.
pub(crate) async fn domain(verb: &DomainVerb, context: &Context) -> anyhow::Result<ExitStatus> {
    match verb {
        DomainVerb::Add(args) => add::add(args, context).await,
        DomainVerb::List(args) => list::list(args, context).await,
        DomainVerb::Show(args) => {
            let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
            hosting.show(&args.domain, &args.shown, context).await
        }
        DomainVerb::Set(args) => set::set(args, context).await,
        DomainVerb::Verify(args) => super::verifying::verify(args, context).await,
        DomainVerb::Promote(args) => promote::promote(args, context).await,
        DomainVerb::Rollback(args) => rollback::rollback(args, context).await,
        DomainVerb::Retire(args) => retire::retire(args, context).await,
    }
}
