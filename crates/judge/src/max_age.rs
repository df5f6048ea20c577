//! Which lifetimes of a policy are short or long. RFC 8461 sets a maximum and expects weeks; how much less is a fault is a
//! matter of judgement (C16).

use std::fmt;
use std::str::FromStr;

use protocol::sts::Mode;

use crate::catalogue::PerMode;

/// A day, in seconds.
const DAY: u64 = 86_400;
/// A week, in seconds.
const WEEK: u64 = 7 * DAY;
/// Longer than half a year: senders that fetch rarely keep an old policy that long (rule 50).
const VERY_LONG: u64 = 180 * DAY;

/// Whose thresholds for `max_age` to judge by (`--max-age-profile seed|ncsc|rfc`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MaxAgeProfile {
    /// The usual advice: less than a day is short, and in mode enforce less than a week is worth a word.
    #[default]
    Seed,
    /// That of the UK's National Cyber Security Centre: two weeks in mode enforce, a day in testing.
    Ncsc,
    /// RFC 8461 §3.2 to the letter, "weeks or greater", in both modes: less than two weeks is worth a word, less than one
    /// is short.
    Rfc,
}

/// What there is to say of a `max_age`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxAgeAdvice {
    /// It is less than the profile asks for.
    Short {
        /// Whether it is the milder degree of `mta_sts_max_age_short`.
        is_mild: bool,
        /// What the profile asks for in this mode, in seconds.
        wanted: u64,
    },
    /// It is legal, and so long that changes take long.
    VeryLong,
}

/// A word that is no [`MaxAgeProfile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the profiles for max_age are `seed`, `ncsc` and `rfc`")]
pub struct UnknownMaxAgeProfile;

impl MaxAgeProfile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Seed, Self::Ncsc, Self::Rfc];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Ncsc => "ncsc",
            Self::Rfc => "rfc",
        }
    }

    /// What to say of a legal `max_age`, in seconds; `None` when it is as it should be. A policy that is being retired has
    /// a short life on purpose (RFC 8461 §8.3).
    #[must_use]
    pub fn advice(self, mode: Mode, max_age: u64) -> Option<MaxAgeAdvice> {
        if mode == Mode::None {
            return None;
        }
        let enforce = mode == Mode::Enforce;
        let (short, wanted) = (self.short().pick(enforce), self.wanted(mode));
        match max_age {
            seconds if seconds < wanted => Some(MaxAgeAdvice::Short { is_mild: seconds >= short, wanted }),
            seconds if seconds > VERY_LONG => Some(MaxAgeAdvice::VeryLong),
            _ => None,
        }
    }

    /// What a policy of that mode should have at least, in seconds.
    #[must_use]
    pub const fn wanted(self, mode: Mode) -> u64 {
        match (self, mode) {
            (Self::Seed, Mode::Enforce) => WEEK,
            (Self::Ncsc, Mode::Enforce) => 2 * WEEK,
            (Self::Seed | Self::Ncsc, _) => DAY,
            // RFC 8461 §3.2: "weeks" is more than one.
            (Self::Rfc, _) => 2 * WEEK,
        }
    }

    /// Below this it is the graver degree, in seconds.
    const fn short(self) -> PerMode<u64> {
        match self {
            Self::Seed => PerMode { enforce: DAY, otherwise: DAY },
            Self::Ncsc => PerMode { enforce: 2 * WEEK, otherwise: DAY },
            Self::Rfc => PerMode { enforce: WEEK, otherwise: WEEK },
        }
    }
}

impl fmt::Display for MaxAgeProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for MaxAgeProfile {
    type Err = UnknownMaxAgeProfile;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == word).ok_or(UnknownMaxAgeProfile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R18, C16: each bound and the second below it.
    #[test]
    fn thresholds() {
        use MaxAgeProfile::{Ncsc, Rfc, Seed};
        use Mode::{Enforce, None as Retired, Testing};
        let short = |is_mild, wanted| Some(MaxAgeAdvice::Short { is_mild, wanted });
        for (profile, mode, seconds, advice) in [
            (Seed, Enforce, 0, short(false, 604_800)),
            (Seed, Enforce, 86_399, short(false, 604_800)),
            (Seed, Enforce, 86_400, short(true, 604_800)),
            (Seed, Enforce, 604_799, short(true, 604_800)),
            (Seed, Enforce, 604_800, None),
            (Seed, Testing, 86_399, short(false, 86_400)),
            (Seed, Testing, 86_400, None),
            (Ncsc, Enforce, 1_209_599, short(false, 1_209_600)),
            (Ncsc, Enforce, 1_209_600, None),
            (Ncsc, Testing, 86_399, short(false, 86_400)),
            (Ncsc, Testing, 86_400, None),
            (Rfc, Enforce, 604_799, short(false, 1_209_600)),
            (Rfc, Testing, 604_800, short(true, 1_209_600)),
            (Rfc, Testing, 1_209_599, short(true, 1_209_600)),
            (Rfc, Enforce, 1_209_600, None),
            (Seed, Enforce, 15_552_000, None),
            (Ncsc, Enforce, 15_552_001, Some(MaxAgeAdvice::VeryLong)),
            (Rfc, Testing, 31_557_600, Some(MaxAgeAdvice::VeryLong)),
            (Seed, Retired, 0, None),
            (Rfc, Retired, 31_557_600, None),
        ] {
            assert_eq!(profile.advice(mode, seconds), advice, "{profile} {mode} {seconds}");
        }
    }

    #[test]
    fn what_is_wanted_gives_no_advice() {
        for profile in MaxAgeProfile::ALL {
            for mode in [Mode::Enforce, Mode::Testing] {
                assert_eq!(profile.advice(mode, profile.wanted(mode)), None, "{profile} {mode}");
            }
            assert_eq!(profile.as_str().parse(), Ok(profile));
        }
        assert_eq!("NCSC".parse::<MaxAgeProfile>(), Err(UnknownMaxAgeProfile));
    }
}
