//! `mta-sts domain set`.

use host::domains::{Change, DomainsError};
use protocol::sts::Policy;

use super::{drafting, guarding};
use crate::cli::SetArgs;
use crate::commands::Context;
use crate::commands::hosting::{Author, Hosting, of_domains};
use crate::exit::{ExitStatus, Stop};

/// Changes a domain's policy.
pub(super) async fn set(args: &SetArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    let hosted = hosting.get(&args.domain).await?;
    let mode = args.mode.map(drafting::mode);
    let edits = !args.mx.is_empty() || mode.is_some() || args.max_age.is_some();
    if !edits && args.policy.is_none() && args.rua.is_empty() {
        return Err(Stop::usage("nothing to change is named: --mx, --mode, --max-age, --policy or --rua"));
    }
    if edits || args.policy.is_some() {
        let current = hosting.current(&hosted).await?;
        let body = match (&args.policy, &current) {
            (Some(path), _) => drafting::from_file(path)?,
            (None, Some(current)) => drafting::edited(current.body.policy(), &args.mx, mode, args.max_age)?,
            (None, None) if args.mx.is_empty() => {
                return Err(of_domains(DomainsError::NoPolicy(args.domain.clone())));
            }
            (None, None) => drafting::edited(&first(context)?, &args.mx, mode, args.max_age)?,
        };
        if !args.allow_mismatch {
            guarding::guard(&args.domain, body.policy(), &args.look, context).await?;
        }
        let expected = args.by.if_version.or_else(|| current.map(|current| current.number));
        let change = Change { body, expected, back_to: None };
        let (now, author) = (hosting.clock.now(), Author::of(&args.by));
        hosting.domains.change(&args.domain, None, &change, author.by(), now).await.map_err(of_domains)?;
    }
    if let Some(text) = drafting::tlsrpt_text(&args.rua)? {
        hosting.domains.set_tlsrpt(&args.domain, None, Some(text)).await.map_err(of_domains)?;
    }
    hosting.show(&args.domain, &args.shown, context).await
}

/// What the first policy of a domain has that is not named.
fn first(context: &Context) -> anyhow::Result<Policy> {
    let wish = judge::propose::Wish {
        max_age_profile: context.layers.max_age_profile(None)?.value,
        ..judge::propose::Wish::default()
    };
    Ok(Policy { mode: wish.mode, max_age: wish.max_age(), mx: Vec::new(), extensions: Vec::new() })
}
