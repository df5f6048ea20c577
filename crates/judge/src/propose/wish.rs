//! What the owner of a domain asks for.

use protocol::sts::Mode;
use protocol::{Domain, MxPattern};

use super::id::{IdStrategy, IdWish};
use super::targets::Target;
use crate::MaxAgeProfile;

/// `max_age` in mode none, in seconds: a day, which RFC 8461 §8.3 names for the policy that withdraws another one.
const WITHDRAWN_MAX_AGE: u64 = 86_400;

/// How long resolvers may keep the proposed records, in seconds: an hour, so that a new id is soon known.
pub const RECORD_TTL: u32 = 3_600;

/// What the owner of a domain asks for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What senders shall do when a host fails.
    pub mode: Mode,
    /// How long senders may keep the policy, in seconds; `None`: what `max_age_profile` wants in that mode.
    pub max_age: Option<u64>,
    /// Whose advice on `max_age` counts. By the usual one it is a day in mode testing, so that a slip is forgotten a day
    /// after its mend, while less than a day helps nobody; and a week in enforce, the shortest that keeps its protection
    /// over a long weekend (R18, R20, C16).
    pub max_age_profile: MaxAgeProfile,
    /// The patterns, as they shall stand in the policy; empty: from the live MX records.
    pub mx: Vec<MxPattern>,
    /// Where the id comes from.
    pub id: IdWish,
    /// The id that is in use, where the look cannot tell.
    pub previous_id: Option<String>,
    /// Where reports shall go.
    pub targets: Vec<Target>,
    /// The time to live of the records, in seconds.
    pub ttl: u32,
    /// The zone of a provider to which both names become aliases (RFC 8461 §8.2): `_mta-sts.` and `mta-sts.` in it.
    pub delegate: Option<Domain>,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            mode: Mode::Testing,
            max_age: None,
            max_age_profile: MaxAgeProfile::default(),
            mx: Vec::new(),
            id: IdWish::Made(IdStrategy::Timestamp),
            previous_id: None,
            targets: Vec::new(),
            ttl: RECORD_TTL,
            delegate: None,
        }
    }
}

impl Wish {
    /// The `max_age` in force, in seconds.
    #[must_use]
    pub fn max_age(&self) -> u64 {
        self.max_age.unwrap_or(match self.mode {
            Mode::None => WITHDRAWN_MAX_AGE,
            mode => self.max_age_profile.wanted(mode),
        })
    }
}
