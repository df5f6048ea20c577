//! Where a look goes: the internet, or the lab on this machine.

use jiff::{SignedDuration, Timestamp};
use lab::{Lab, Scenario, View};
use outside::{Clock, Outside, Watcher};
use protocol::Domain;
use protocol::observed::{Evidence, History};

use super::scenario::scenario_names;
use crate::settings::Look;

/// Where a look goes.
pub(crate) struct Site {
    outside: Outside,
    lab: Option<LabSite>,
}

/// The lab, running, with its earlier state and its other vantage point.
struct LabSite {
    lab: Lab,
    before: Outside,
    elsewhere: Outside,
}

/// What a look brought.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The evidence.
    pub(crate) evidence: Evidence,
    /// What a lab scenario adds of an earlier time and another place; empty on the internet.
    pub(crate) history: History,
}

impl Site {
    /// The internet.
    pub(crate) fn internet(look: &Look, now: Option<Timestamp>) -> anyhow::Result<Self> {
        Ok(Self {
            outside: Outside::new(look.settings()?, clock(now)).map_err(|error| look.cannot_begin(error))?,
            lab: None,
        })
    }

    /// A running lab.
    pub(crate) fn lab(look: &Look, now: Option<Timestamp>, lab: Lab) -> anyhow::Result<Self> {
        let outside = |view: View| -> anyhow::Result<Outside> {
            let mut settings = look.in_lab(&lab, view)?;
            if matches!(view, View::Elsewhere) {
                settings.vantage = "elsewhere".to_owned();
            }
            Outside::new(settings, clock(now)).map_err(|error| look.cannot_begin(error))
        };
        let (now, before, elsewhere) =
            (outside(View::Now)?, outside(View::Before)?, outside(View::Elsewhere)?);
        Ok(Self { outside: now, lab: Some(LabSite { lab, before, elsewhere }) })
    }

    /// The internet or, if `in_lab`, a lab started for these domains.
    pub(crate) async fn open(
        look: &Look,
        now: Option<Timestamp>,
        in_lab: bool,
        domains: &[Domain],
    ) -> anyhow::Result<Self> {
        if !in_lab {
            return Self::internet(look, now);
        }
        Self::lab(look, now, start_lab(scenario_names(domains)?).await?)
    }

    /// The same place, looked at in another way.
    pub(crate) fn otherwise(&self, look: &Look) -> anyhow::Result<Option<Outside>> {
        let Some(site) = &self.lab else { return Ok(None) };
        let settings = look.in_lab(&site.lab, View::Now)?;
        Ok(Some(Outside::new(settings, Clock::system()).map_err(|error| look.cannot_begin(error))?))
    }

    /// Looks at a domain; in the lab also at its earlier state and from elsewhere where its scenario has these.
    pub(crate) async fn look(&self, domain: &Domain, watcher: &Watcher) -> Seen {
        self.look_through(&self.outside, domain, watcher).await
    }

    /// The same with another way of looking at the present state.
    pub(crate) async fn look_through(&self, outside: &Outside, domain: &Domain, watcher: &Watcher) -> Seen {
        let evidence = outside.survey(domain, watcher).await;
        let mut history = History::default();
        if let Some(site) = &self.lab
            && let Some(scenario) = site.lab.scenarios().iter().find(|s| s.domain == domain.as_str())
        {
            if let Some(before) = &scenario.before {
                let earlier = site.before.survey(domain, &Watcher::none()).await;
                let mut earlier = judge::look(&earlier);
                let ago = SignedDuration::from_hours(24 * i64::from(before.days_ago));
                earlier.taken_at = evidence.taken_at.checked_sub(ago).unwrap_or(evidence.taken_at);
                history.looks.push(earlier);
            }
            if scenario.elsewhere {
                history.vantages.push(site.elsewhere.survey(domain, &Watcher::none()).await);
            }
        }
        Seen { evidence, history }
    }

    /// The lab's scenarios; none on the internet.
    pub(crate) fn scenarios(&self) -> &[Scenario] {
        self.lab.as_ref().map(|site| site.lab.scenarios()).unwrap_or_default()
    }
}

/// Starts the lab with these scenarios; none: all.
pub(crate) async fn start_lab(only: Vec<String>) -> anyhow::Result<Lab> {
    Ok(Lab::start(lab::Options { only, delay: std::time::Duration::ZERO }).await?)
}

fn clock(now: Option<Timestamp>) -> Clock {
    now.map_or_else(Clock::system, Clock::fixed)
}
