//! How far the work is, for people who wait.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use outside::Stopwatch;

use crate::{Stage, Standing};

/// How far the work is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// What is done, by all workers.
    pub standing: Standing,
    /// Octets of the list, where that is known.
    pub length: Option<u64>,
    /// Surveys under way here.
    pub surveys: usize,
    /// Names swept in a second, over the last seconds.
    pub rate: f64,
    /// Hits surveyed in a second, over the last seconds.
    pub survey_rate: f64,
    /// How long it will go on if nothing changes; unknown while nothing is done, or before the list is loaded.
    pub time_left: Option<Duration>,
    /// What is being waited for, in plain words.
    pub troubles: Vec<String>,
    /// Resolvers that do not answer.
    pub silent: Vec<SocketAddr>,
}

/// Samples that rates are taken over, one a second.
const SAMPLES: usize = 10;

/// Rates over the last seconds.
#[derive(Debug)]
pub(super) struct Pace {
    since: Stopwatch,
    samples: VecDeque<(f64, u64, u64)>,
}

impl Pace {
    pub(super) const fn new(since: Stopwatch) -> Self {
        Self { since, samples: VecDeque::new() }
    }

    /// Names swept and hits surveyed in a second.
    pub(super) fn rates(&mut self, standing: &Standing) -> (f64, f64) {
        let now = self.since.elapsed().as_secs_f64();
        self.samples.push_back((now, standing.swept, standing.surveyed));
        if self.samples.len() > SAMPLES {
            self.samples.pop_front();
        }
        let Some((then, swept, surveyed)) = self.samples.front().copied() else { return (0.0, 0.0) };
        let span = (now - then).max(0.001);
        let rate =
            |new: u64, old: u64| f64::from(u32::try_from(new.saturating_sub(old)).unwrap_or(u32::MAX)) / span;
        if self.samples.len() < 2 {
            (0.0, 0.0)
        } else {
            (rate(standing.swept, swept), rate(standing.surveyed, surveyed))
        }
    }
}

/// How long both stages go on at these rates. They run at the same time: the slower one counts.
pub(super) fn time_left(standing: &Standing, stage: Stage, rate: f64, survey_rate: f64) -> Option<Duration> {
    if !standing.loaded {
        return None;
    }
    let seconds = |left: u64, rate: f64| match left {
        0 => Some(0.0),
        _ if rate > 0.0 => Some(f64::from(u32::try_from(left).unwrap_or(u32::MAX)) / rate),
        _ => None,
    };
    let names = standing.intake.names.saturating_sub(standing.swept);
    let sweep = seconds(names, rate)?;
    let survey = match stage {
        Stage::Txt => 0.0,
        Stage::Full => {
            // As many hits among the rest as among those before.
            let more = names.saturating_mul(standing.hits).checked_div(standing.swept).unwrap_or(0);
            seconds(
                standing.hits.saturating_sub(standing.surveyed + standing.excluded_hits) + more,
                survey_rate,
            )?
        }
    };
    Duration::try_from_secs_f64(sweep.max(survey)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_stage_counts() {
        let mut standing = Standing { loaded: true, swept: 500, hits: 5, surveyed: 3, ..Standing::default() };
        standing.intake.names = 1_000;
        for (stage, rate, survey_rate, seconds) in [
            (Stage::Txt, 100.0, 0.0, Some(5)),
            (Stage::Full, 100.0, 1.0, Some(7)),
            (Stage::Full, 100.0, 0.0, None),
            (Stage::Full, 0.0, 1.0, None),
        ] {
            assert_eq!(
                time_left(&standing, stage, rate, survey_rate),
                seconds.map(Duration::from_secs),
                "{stage:?} {rate} {survey_rate}"
            );
        }
        standing.loaded = false;
        assert_eq!(time_left(&standing, Stage::Txt, 100.0, 0.0), None);
    }
}
