//! `mta-sts domain rollback`.

use host::domains::{Change, DomainsError, PolicyVersion};
use protocol::sts::PolicyText;

use super::{drafting, guarding};
use crate::cli::RollBackArgs;
use crate::commands::Context;
use crate::commands::hosting::{Author, Hosting, of_domains};
use crate::exit::{ExitStatus, Stop};

/// Serves an earlier version again.
pub(super) async fn rollback(args: &RollBackArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    let hosted = hosting.get(&args.domain).await?;
    let history = hosting.domains.history(&args.domain).await.map_err(of_domains)?;
    let Some(current) = history.iter().find(|version| Some(version.number) == hosted.current) else {
        return Err(of_domains(DomainsError::NoPolicy(args.domain.clone())));
    };
    let (body, back_to): (PolicyText, u32) = match (args.to_version, args.mode) {
        (Some(number), _) => {
            let version = hosting.domains.version(&args.domain, number).await.map_err(of_domains)?;
            (version.body, version.back_to.unwrap_or(number))
        }
        (None, Some(mode)) => {
            let body = drafting::edited(current.body.policy(), &[], Some(drafting::mode(mode)), None)?;
            (body, current.number)
        }
        (None, None) => match earlier(&history, current) {
            Some(version) => (version.body.clone(), version.number),
            None => {
                return Err(Stop::usage(format!(
                    "{} has no earlier version to go back to; --mode testing keeps the policy and weakens it",
                    args.domain
                )));
            }
        },
    };
    if !args.allow_mismatch {
        guarding::guard(&args.domain, body.policy(), &args.look, context).await?;
    }
    let expected = Some(args.by.if_version.unwrap_or(current.number));
    let change = Change { body, expected, back_to: Some(back_to) };
    let (now, author) = (hosting.clock.now(), Author::of(&args.by));
    hosting.domains.change(&args.domain, None, &change, author.by(), now).await.map_err(of_domains)?;
    hosting.show(&args.domain, &args.shown, context).await
}

/// Where a rollback without a number leads: before `current`, or to what `current` leads back to already, so that the same
/// command again changes nothing.
fn earlier<'a>(history: &'a [PolicyVersion], current: &PolicyVersion) -> Option<&'a PolicyVersion> {
    let wanted = current.back_to.unwrap_or(current.number.checked_sub(1)?);
    history.iter().find(|version| version.number == wanted)
}
