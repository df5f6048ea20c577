//! Flags that say how to judge.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use judge::MaxAgeProfile;

/// What findings are measured by.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct ScaleArgs {
    /// Severities: `default`, `strict`, `relaxed`, or a file with lines such as `mta_sts_missing = "HIGH"` [default: default; of a
    /// replay what was recorded]
    #[arg(long, value_name = "default|strict|relaxed|FILE")]
    pub(crate) severity: Option<String>,
    /// Which max_age is short: under a day, or a week in enforce (`seed`); two weeks in enforce (`ncsc`); weeks in every mode
    /// (`rfc`) [default: seed; of a replay what was recorded]
    #[arg(long, value_name = "seed|ncsc|rfc")]
    pub(crate) max_age_profile: Option<MaxAgeProfile>,
}

/// How to judge.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct JudgingArgs {
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
    /// An earlier look, recorded with --record: needed by what only memory can tell; may be given several times
    #[arg(long, value_name = "CAPSULE")]
    pub(crate) since: Vec<PathBuf>,
    /// A look of about the same time from another place, recorded with --record; may be given several times
    #[arg(long, value_name = "CAPSULE")]
    pub(crate) with: Vec<PathBuf>,
    /// Judge for this time (RFC 3339) instead of the present
    #[arg(long, value_name = "TIME", value_parser = crate::settings::parse_time)]
    pub(crate) now: Option<Timestamp>,
}
