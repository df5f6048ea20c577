//! Flags that say how to judge.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

/// How to judge.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Judging")]
pub(crate) struct JudgingArgs {
    /// Severities: `default`, `strict`, `relaxed`, or a file with lines such as `mta_sts_missing = "HIGH"`
    #[arg(long, value_name = "default|strict|relaxed|FILE")]
    pub(crate) severity: Option<String>,
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
