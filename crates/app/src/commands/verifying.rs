//! One look at a hosted domain, and what follows from it: by `domain verify` now, by `serve` when its time comes.

use std::time::Duration;

use host::domains::{DomainsError, Due, HostedDomain, Seen, Step, TOKEN_LABEL, Task, step};
use jiff::SignedDuration;
use outside::{Outside, Watcher};
use protocol::observed::{Answer, Txt};

use super::Context;
use super::hosting::{Hosting, of_domains};
use super::progress::Progress;
use crate::cli::{LookArgs, ProfileWord, VerifyArgs};
use crate::exit::{ExitStatus, Stop};
use crate::settings::Look;

/// Nodes that have said nothing for so long serve nobody any more.
const NODE_SILENCE: SignedDuration = SignedDuration::from_secs(60);
/// How often `domain verify` looks again when something that it began changes what is seen.
const ROUNDS: u32 = 3;
/// The pause between these looks: a running `serve` takes changes up within a second.
const PAUSE: Duration = Duration::from_secs(2);

/// Looks at a domain now.
pub(crate) async fn verify(args: &VerifyArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    hosting.get(&args.domain).await?;
    let outside = outside(&args.look, &hosting, context)?;
    let progress = Progress::begin(&context.printer, 1);
    for round in 1..=ROUNDS {
        let now = hosting.clock.now();
        // Also a running `serve` looks now, and sees to what only it can do.
        hosting.domains.wake(&args.domain, now).await.map_err(of_domains)?;
        let due = hosting.domains.due_one(&args.domain).await.map_err(of_domains)?;
        let done = look_at(&hosting, &outside, &due).await.map_err(of_domains)?;
        if !done.announced || round == ROUNDS {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    progress.end();
    hosting.show(&args.domain, &args.shown, context).await
}

/// What looks at hosted domains: the record, the policy, and which hosts take mail.
pub(crate) fn outside(look: &LookArgs, hosting: &Hosting, context: &Context) -> anyhow::Result<Outside> {
    if look.profile.is_some() {
        return Err(Stop::usage("--profile has no meaning here: what is looked at is what serving needs"));
    }
    let flags = LookArgs { profile: Some(ProfileWord::Extended), ..look.clone() };
    let look = Look::resolve(&flags, &context.layers)?;
    Outside::new(look.settings()?, hosting.clock.clone()).map_err(|error| look.cannot_begin(error))
}

/// What one look led to.
#[derive(Debug)]
pub(crate) struct Looked {
    /// What was decided.
    pub(crate) step: Step,
    /// Whether an id was announced: the next look sees something else.
    pub(crate) announced: bool,
}

/// Looks at one domain, keeps what is decided, and announces what may be announced.
pub(crate) async fn look_at(hosting: &Hosting, outside: &Outside, due: &Due) -> Result<Looked, DomainsError> {
    let hosted = &due.hosted;
    let current = match hosted.current {
        Some(number) => Some(hosting.domains.version(&hosted.domain, number).await?),
        None => None,
    };
    let none = Watcher::none();
    let (evidence, token) = tokio::join!(outside.survey(&hosted.domain, &none), token(outside, hosted));
    let body = current.as_ref().map(|version| &version.body);
    let seen = Seen::of(hosted, body, &hosting.names, &evidence, token.as_ref());
    let now = hosting.clock.now();
    let step = step(hosted, current.as_ref(), &seen, now);
    let mut announced = false;
    if hosting.domains.stepped(due, &step, now).await? {
        for task in &step.tasks {
            announced |= match task {
                Task::Announce { version } => announce(hosting, outside, due, *version).await?,
                Task::NoteAnnounced { version } => {
                    hosting.domains.note_announced(&hosted.domain, *version, now).await?
                }
                // Whoever holds the account with the certificate authority sees to it.
                Task::Certificate => false,
            };
        }
    }
    Ok(Looked { step, announced })
}

/// What is at the name of the domain's token; `None` when nobody needs to know.
async fn token(outside: &Outside, hosted: &HostedDomain) -> Option<Answer<Txt>> {
    if hosted.owner.is_operator() {
        return None;
    }
    Some(outside.texts(TOKEN_LABEL, &hosted.domain).await)
}

/// Confirms that a version is served by every address and every node, and only then lets our DNS answer its id.
async fn announce(
    hosting: &Hosting,
    outside: &Outside,
    due: &Due,
    version: u32,
) -> Result<bool, DomainsError> {
    let domain = &due.hosted.domain;
    let since = hosting.clock.now().checked_sub(NODE_SILENCE).unwrap_or_default();
    if !hosting.domains.is_everywhere(domain, since).await? {
        return Ok(false);
    }
    let body = hosting.domains.version(domain, version).await?.body;
    match outside.confirm_served(domain, body.bytes(), &Watcher::none()).await {
        Ok(served) => hosting.domains.announce(&served, domain, version, hosting.clock.now()).await,
        Err(why) => {
            tracing::info!(domain = domain.as_str(), %why, "the id is not announced yet");
            Ok(false)
        }
    }
}
