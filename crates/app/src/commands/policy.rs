//! `mta-sts policy`.

use host::domains::{PolicyVersion, differences};

use super::Context;
use super::hosting::{Hosting, of_domains};
use crate::cli::{HistoryArgs, HostingFormat, PolicyDiffArgs, PolicyVerb};
use crate::exit::{ExitStatus, Stop};
use crate::render::{differences_human, differences_json, history_human, history_json, write_json};

/// Carries out a verb of `policy`.
pub(crate) async fn policy(verb: &PolicyVerb, context: &Context) -> anyhow::Result<ExitStatus> {
    match verb {
        PolicyVerb::History(args) => history(args, context).await,
        PolicyVerb::Diff(args) => diff(args, context).await,
    }
}

async fn history(args: &HistoryArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    let hosted = hosting.get(&args.domain).await?;
    let versions = hosting.domains.history(&args.domain).await.map_err(of_domains)?;
    let text = match args.shown.format.unwrap_or(HostingFormat::Human) {
        HostingFormat::Human => history_human(&hosted, &versions, context.printer.paint(None)),
        HostingFormat::Json => write_json(&history_json(&hosted, &versions), args.shown.json_pretty)? + "\n",
    };
    context.printer.put(None, &text)?;
    Ok(ExitStatus::Good)
}

async fn diff(args: &PolicyDiffArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    let hosted = hosting.get(&args.domain).await?;
    let versions = hosting.domains.history(&args.domain).await.map_err(of_domains)?;
    let (earlier, later) = pair(&versions, hosted.current, args)?;
    let differences = differences(earlier.body.as_str(), later.body.as_str());
    let text = match args.shown.format.unwrap_or(HostingFormat::Human) {
        HostingFormat::Human => {
            differences_human(&hosted, earlier, later, &differences, context.printer.paint(None))
        }
        HostingFormat::Json => {
            let document = differences_json(&hosted, earlier, later, &differences);
            write_json(&document, args.shown.json_pretty)? + "\n"
        }
    };
    context.printer.put(None, &text)?;
    Ok(ExitStatus::Good)
}

/// The two versions that are meant.
fn pair<'a>(
    versions: &'a [PolicyVersion],
    current: Option<u32>,
    args: &PolicyDiffArgs,
) -> anyhow::Result<(&'a PolicyVersion, &'a PolicyVersion)> {
    let find = |number: u32| {
        versions.iter().find(|version| version.number == number).ok_or_else(|| {
            Stop::usage(format!("{} has no version {number}; it has {}", args.domain, versions.len()))
        })
    };
    let Some(later) = args.later.or(current) else {
        return Err(Stop::usage(format!("{} has no policy yet", args.domain)));
    };
    match args.earlier.or(later.checked_sub(1)) {
        Some(0) | None => {
            Err(Stop::usage(format!("there is nothing before version {later} of {}", args.domain)))
        }
        Some(earlier) => Ok((find(earlier)?, find(later)?)),
    }
}
