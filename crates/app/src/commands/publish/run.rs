//! One run: from what is there to the goal, a step at a time.

use std::time::Duration;

use host::{
    Action, AnnounceError, Announced, Announcement, Announcer, Goal, History, Journal, Live, Present,
    Progress, Shelf, Stage, WantedId, goal, next,
};
use jiff::Timestamp;
use judge::propose::IdWish;
use judge::{Held, noticed};
use outside::{Clock, Families, NotServed, Outside, Served, Stopwatch, Watcher};
use protocol::Domain;
use protocol::observed::{Evidence, Fetch, FetchOutcome, Outcome, Profile};
use protocol::sts::{PolicyText, Record};

use super::{Given, guard, identifier, means};
use crate::cli::{LookArgs, MeansArgs};
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};
use crate::render::{AnnouncedHow, NoticeInterval, Publication, PublicationStatus};
use crate::settings::Look;

/// How long to wait until the policy is served, unless told: web servers answer at once, caches before them may not.
const USUAL_WAIT: Duration = Duration::from_secs(300);
/// The first pause between two looks; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The record's TTL where there is none yet: short, so that senders notice soon (RFC 8461 §3.1 names no value).
const USUAL_TTL: u32 = 300;
/// How long resolvers may keep an answer of which no TTL was seen: what most of them cap at.
const UNKNOWN_TTL: u32 = 86_400;

/// A run, everything opened, nothing changed yet.
pub(super) struct Run<'a> {
    given: Given<'a>,
    clock: Clock,
    outside: Outside,
    shelf: Shelf,
    journal: Journal,
    announcer: Announcer,
}

/// What was there before anything was changed.
struct Before {
    present: Present,
    /// The TTL for the new record: as wished, else as it is at the record's own servers, else as it was looked up.
    ttl: u32,
    /// The policy that all addresses serve.
    body: Option<PolicyText>,
}

/// The way to a goal.
struct Way {
    body: PolicyText,
    back_to: Option<u32>,
    id: String,
    version: Option<u32>,
    served: Option<Served>,
    announced: Option<Announced>,
    live: bool,
    /// Whether anything was changed, or handed out.
    changed: bool,
    /// Whether it was published before the journal knew of it.
    adopted: bool,
    /// Whether the journal learnt only now that the id was announced.
    recorded: bool,
}

impl<'a> Run<'a> {
    /// Opens everything that the command line names, so that what is wrong there is found before anything is changed.
    pub(super) async fn open(
        domain: &'a Domain,
        means: &'a MeansArgs,
        look: &'a LookArgs,
        context: &'a Context,
    ) -> anyhow::Result<Self> {
        let given = Given { domain, means, look, context };
        let clock = Clock::system();
        identifier::wish(means.id.as_deref(), clock.now())?;
        let shelf = means::shelf(means)?;
        let announcer = means::announcer(&given).await?;
        if given.look.profile.is_some() {
            return Err(Stop::usage("--profile has no meaning for publish: it looks at what it needs"));
        }
        let look = Look::resolve(given.look, &context.layers)?;
        let mut settings = look.settings()?;
        // The record, the policy, and which hosts take mail; their sessions do not matter here.
        settings.profile = Profile::Extended;
        // A policy is proven to be served only when every address was asked.
        if settings.families != Families::Both {
            return Err(Stop::usage(
                "publish looks over IPv4 and IPv6, since the policy must be served by every address: leave out -4, -6 and \
                 the setting `family`",
            ));
        }
        let outside = Outside::new(settings, clock.clone()).map_err(|error| look.cannot_begin(error))?;
        let journal = means::journal(means, domain)?;
        Ok(Self { given, clock, outside, shelf, journal, announcer })
    }

    /// The versions so far.
    pub(super) const fn history(&self) -> &History {
        self.journal.history()
    }

    /// Publishes `body`, or makes sure that it is published; `back_to` is the version that a rollback leads back to.
    pub(super) async fn carry_out(
        mut self,
        body: PolicyText,
        back_to: Option<u32>,
    ) -> anyhow::Result<Publication> {
        self.say(format!("{}: looking at what is there", self.given.domain));
        let evidence = self.outside.survey(self.given.domain, &Watcher::none()).await;
        if !self.given.means.allow_mismatch {
            guard::check(body.policy(), &evidence)?;
        }
        let present = self.present(&evidence).await?;
        let looked_up = evidence.record.ttl.filter(|_| !present.texts.is_empty());
        let ttl = present.ttl.or(looked_up).filter(|ttl| *ttl > 0).unwrap_or(USUAL_TTL);
        let before =
            Before { body: served_body(&evidence), present, ttl: self.given.means.ttl.unwrap_or(ttl) };
        let mut way = self.way(body, back_to, &before)?;
        self.walk(&mut way, &before).await?;
        Ok(self.publication(&way, &before))
    }

    /// Which version is to be brought about.
    fn way(&mut self, body: PolicyText, back_to: Option<u32>, before: &Before) -> anyhow::Result<Way> {
        let now = self.clock.now();
        let live_id = before.present.id();
        let live = Live { id: live_id.as_deref(), body: before.body.as_ref().map(PolicyText::as_str) };
        let wish = identifier::wish(self.given.means.id.as_deref(), now)?;
        let made = match &wish {
            IdWish::Made(strategy) => {
                identifier::fresh(*strategy, self.history(), live_id.as_deref(), body.bytes(), now)?
            }
            IdWish::Given(id) => id.clone(),
        };
        let wanted = match &wish {
            IdWish::Made(_) => WantedId::Fresh(&made),
            IdWish::Given(_) => WantedId::Given(&made),
        };
        let goal = goal(self.history(), body.as_str(), wanted, live)
            .map_err(|refused| Stop::usage(format!("--id: {refused}")))?;
        let adopted = matches!(goal, Goal::Adopt { .. });
        let (id, version) = match goal {
            Goal::Continue { version } => {
                let id = self.history().version(version).map(|known| known.id.clone());
                (id.unwrap_or(made), Some(version))
            }
            Goal::Adopt { id } => {
                let version = self.journal.found(&id, body.as_str(), now)?;
                (id, Some(version))
            }
            Goal::Begin { id } => {
                // What was there before the first version is where a rollback leads.
                if let (None, Some(found), Some(text)) = (self.history().last(), &live_id, &before.body) {
                    self.journal.found(found, text.as_str(), now)?;
                }
                (id, None)
            }
        };
        let live = live_id.as_deref() == Some(&id);
        Ok(Way {
            body,
            back_to,
            id,
            version,
            served: None,
            announced: None,
            live,
            changed: false,
            adopted,
            recorded: false,
        })
    }

    async fn walk(&mut self, way: &mut Way, before: &Before) -> anyhow::Result<()> {
        loop {
            let known = way.version.and_then(|number| self.history().version(number));
            let progress = Progress {
                noted: known.is_some(),
                placed: self.shelf.holds(way.body.bytes()),
                confirmed: way.served.is_some(),
                live: way.live,
                recorded: known.is_some_and(|known| matches!(known.stage, Stage::Announced(_))),
            };
            match next(&progress) {
                Action::Note => {
                    let now = self.clock.now();
                    let version = self.journal.placing(&way.id, way.body.as_str(), way.back_to, now)?;
                    way.version = Some(version);
                    way.changed = true;
                }
                Action::Place => {
                    self.shelf.place(way.body.bytes()).map_err(|fault| Stop {
                        status: ExitStatus::CouldNotCheck,
                        message: format!("{fault}; the id is as it was"),
                    })?;
                    way.changed = true;
                    self.say("placed; waiting until it is served everywhere");
                }
                Action::Confirm => way.served = Some(self.confirm(way.body.bytes()).await?),
                Action::Announce => {
                    self.announce(way, before).await?;
                    way.changed = true;
                    let number = way.version.unwrap_or_default();
                    if matches!(self.announcer, Announcer::Printed) {
                        self.journal.printed(number, self.clock.now())?;
                        return Ok(());
                    }
                    way.live = true;
                }
                Action::Record => {
                    self.journal.announced(way.version.unwrap_or_default(), self.clock.now())?;
                    // A run that was cut off before this line did it.
                    way.changed = true;
                    way.recorded = true;
                }
                Action::Done => return Ok(()),
            }
        }
    }

    /// Looks until the policy is served everywhere, or the patience is at its end.
    async fn confirm(&self, body: &[u8]) -> anyhow::Result<Served> {
        let patience = self.given.means.wait.unwrap_or(USUAL_WAIT);
        let watch: Stopwatch = self.clock.stopwatch();
        let mut pause = FIRST_PAUSE;
        let mut told: Option<NotServed> = None;
        loop {
            match self.outside.confirm_served(self.given.domain, body, &Watcher::none()).await {
                Ok(served) => return Ok(served),
                Err(why) if watch.elapsed() + pause >= patience => return Err(not_served(&why, patience)),
                Err(why) => {
                    if told.as_ref() != Some(&why) {
                        self.say(format!("not yet: {why}"));
                        told = Some(why);
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn announce(&self, way: &mut Way, before: &Before) -> anyhow::Result<()> {
        let Before { present, ttl, .. } = before;
        let Some(served) = &way.served else { return Ok(()) };
        let announcement = Announcement {
            domain: self.given.domain.clone(),
            name: self.record_name()?,
            body_sha256: way.body.body_sha256(),
            record: Record {
                id: way.id.clone(),
                extensions: present.record().map(|record| record.extensions).unwrap_or_default(),
            },
            ttl: *ttl,
        };
        let announced = self.announcer.announce(served, &announcement, present, self.clock.now()).await;
        way.announced = Some(announced.map_err(|error| Stop {
            status: ExitStatus::CouldNotCheck,
            message: format!("the policy is served, but its id was not announced: {error}"),
        })?);
        Ok(())
    }

    /// The TXT records as their own servers have them; where nobody can ask there, as they were looked up.
    async fn present(&self, evidence: &Evidence) -> anyhow::Result<Present> {
        let name = self.record_name()?;
        // RFC 1034 §3.6.2: no other record can stand beside an alias.
        if let (None, Some(target)) = (&self.given.means.at, evidence.record.aliases.last()) {
            let error = AnnounceError::Alias { name, target: target.trim_end_matches('.').to_owned() };
            let message = format!("{error}; nothing was changed");
            return Err(Stop { status: ExitStatus::CouldNotCheck, message }.into());
        }
        let asked = self.announcer.present(&name).await.map_err(|error| Stop {
            status: ExitStatus::CouldNotCheck,
            message: format!("{error}; nothing was changed"),
        })?;
        if let Some(present) = asked {
            return Ok(present);
        }
        match &evidence.record.outcome {
            Outcome::Records(texts) => {
                // What a resolver says of the TTL is only what is left of it.
                Ok(Present { texts: texts.clone(), ttl: None, negative_ttl: None })
            }
            Outcome::NoData | Outcome::NxDomain => Ok(Present::default()),
            Outcome::Failed(_) | Outcome::NotTested(_) => Err(Stop {
                status: ExitStatus::CouldNotCheck,
                message: format!("the record at {name} could not be looked up; nothing was changed"),
            }
            .into()),
        }
    }

    fn record_name(&self) -> anyhow::Result<String> {
        let usual = || Ok(format!("_mta-sts.{}", self.given.domain.as_str()));
        self.given.means.at.as_deref().map_or_else(usual, means::name)
    }

    fn say(&self, words: impl std::fmt::Display) {
        self.given.context.printer.talk(crate::render::visible(&words.to_string()));
    }

    fn publication(&self, way: &Way, before: &Before) -> Publication {
        let was_served = before.body.as_ref().is_some_and(|body| body.as_str() == way.body.as_str());
        // Files in their place, a line in the journal: senders see none of that.
        let same = was_served && before.present.id().as_deref() == Some(&way.id) && !way.recorded;
        let status = match (way.changed, &self.announcer) {
            _ if same && (way.adopted || way.changed) => PublicationStatus::Adopted,
            (false, _) => PublicationStatus::Unchanged,
            (true, Announcer::Printed) if !way.live => PublicationStatus::Printed,
            (true, _) if way.back_to.is_some() => PublicationStatus::RolledBack,
            (true, _) => PublicationStatus::Published,
        };
        let now = self.clock.now();
        let record = Record {
            id: way.id.clone(),
            extensions: before.present.record().map(|record| record.extensions).unwrap_or_default(),
        };
        Publication::new(
            self.given.domain,
            status,
            way.version.unwrap_or_default(),
            &way.body,
            self.shelf.files(),
            way.served.as_ref(),
            AnnouncedHow {
                name: self.record_name().unwrap_or_else(|_| format!("_mta-sts.{}", self.given.domain)),
                record: record.to_string(),
                ttl: before.ttl,
                by: way.announced.as_ref().map(|announced| announced.by),
            },
            (!matches!(status, PublicationStatus::Unchanged | PublicationStatus::Adopted))
                .then(|| self.notice(way, before, now)),
        )
    }

    /// When senders notice: by what they may have of the record, and of every policy that was served before.
    fn notice(&self, way: &Way, before: &Before, now: Timestamp) -> NoticeInterval {
        let record_ttl =
            if before.present.texts.is_empty() { before.present.negative_ttl } else { before.present.ttl };
        let mut policies: Vec<(Timestamp, u64)> = Vec::new();
        let versions = self.history().versions();
        for (index, version) in versions.iter().enumerate() {
            let until = versions.get(index + 1).map_or(now, |following| following.since);
            if version.body != way.body.as_str()
                && let Ok(text) = PolicyText::read(version.body.as_bytes())
            {
                policies.push((until, text.policy().max_age));
            }
        }
        if let Some(text) = before.body.as_ref().filter(|text| text.as_str() != way.body.as_str()) {
            policies.push((now, text.policy().max_age));
        }
        let held = Held { record_ttl: record_ttl.unwrap_or(UNKNOWN_TTL), policies };
        let longest = held.policies.iter().map(|(_, max_age)| *max_age).max();
        NoticeInterval {
            times: noticed(&held, now),
            record_ttl,
            had_record: !before.present.texts.is_empty(),
            longest_max_age: longest,
        }
    }
}

fn not_served(why: &NotServed, patience: Duration) -> anyhow::Error {
    let status = if why.is_our_trouble() { ExitStatus::CouldNotCheck } else { ExitStatus::NotReady };
    Stop {
        status,
        message: format!(
            "after {} s: {why}. The id is as it was, so that senders go on with what they have; mend it and run this \
             again",
            patience.as_secs_f64()
        ),
    }
    .into()
}

/// The policy that all addresses serve alike.
fn served_body(evidence: &Evidence) -> Option<PolicyText> {
    let asked = |fetch: &&Fetch| !matches!(fetch.outcome, FetchOutcome::NotTested(_));
    let mut bodies = evidence.policy_host.fetches.iter().filter(asked).map(|fetch| match &fetch.outcome {
        FetchOutcome::Response(response) if response.status == 200 => Some(response.body.as_slice()),
        _ => None,
    });
    let first = bodies.next()??;
    if bodies.any(|body| body != Some(first)) {
        return None;
    }
    PolicyText::read(first).ok()
}
