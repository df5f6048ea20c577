//! `mta-sts scan`.

mod again;
mod comparison;
mod diff;
mod export;
mod flatten;
mod lab;
mod lines;
mod lists;
mod manner;
mod opening;
mod progress;
mod rows;
mod run;
mod summary;
mod tally;
mod verdicts;
mod words;

pub(crate) use comparison::{Change, Compared};
pub(crate) use run::run;
pub(crate) use tally::{Share, Shares, Tally};

use super::{Context, until_interrupted};
use crate::cli::ScanVerb;
use crate::exit::ExitStatus;

/// Makes something of a scan.
pub(crate) async fn of_scan(verb: &ScanVerb, context: &Context) -> anyhow::Result<ExitStatus> {
    until_interrupted(async {
        match verb {
            ScanVerb::Export(args) => export::export(args, context).await,
            ScanVerb::Judge(args) => export::rejudge(args, context).await,
            ScanVerb::Summary(args) => summary::summary(args, context).await,
            ScanVerb::Diff(args) => diff::diff(args, context).await,
        }
    })
    .await
}
