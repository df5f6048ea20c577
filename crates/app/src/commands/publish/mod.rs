//! `mta-sts publish` and `publish rollback`.

mod guard;
mod identifier;
mod means;
mod rollback;
mod run;

#[cfg(test)]
mod proof;

use protocol::Domain;
use protocol::sts::{MAX_POLICY_OCTETS, PolicyText};

use super::Context;
use crate::capsule::read_bounded;
use crate::cli::{LookArgs, MeansArgs, PublishArgs, PublishFormat, PublishVerb};
use crate::exit::{ExitStatus, Stop};
use crate::near::nearest;
use crate::render::{Publication, publication_human, visible, write_json};
use run::Run;

/// Publishes a policy, or goes back to an earlier one.
pub(crate) async fn publish(args: &PublishArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    match &args.verb {
        Some(PublishVerb::Rollback(args)) => {
            let domain = domain(&args.domain)?;
            let run = Run::open(&domain, &args.means, &args.look, context).await?;
            let (body, back_to) = rollback::target(run.history(), args.to_version, args.mode)?;
            finish(run, body, Some(back_to), &args.means, context).await
        }
        None => {
            let (name, path) = match (&args.domain, args.more.first(), &args.policy) {
                (Some(name), None, Some(path)) => (name, path),
                (name, more, _) => return Err(unclear(name.as_deref(), more.map(String::as_str))),
            };
            let domain = domain(name)?;
            let octets = read_bounded(path, MAX_POLICY_OCTETS as u64)
                .map_err(|error| Stop::usage(format!("--policy: {error:#}")))?;
            let body = PolicyText::read(&octets).map_err(|error| Stop {
                status: ExitStatus::Findings,
                message: format!(
                    "{}: senders do not take this policy: {error}; `mta-sts lint {}` says more",
                    path.display(),
                    path.display()
                ),
            })?;
            let run = Run::open(&domain, &args.means, &args.look, context).await?;
            finish(run, body, None, &args.means, context).await
        }
    }
}

async fn finish(
    run: Run<'_>,
    body: PolicyText,
    back_to: Option<u32>,
    means: &MeansArgs,
    context: &Context,
) -> anyhow::Result<ExitStatus> {
    let path = means.output.as_deref();
    let mut output = context.printer.open(path)?;
    let publication: Publication = run.carry_out(body, back_to).await?;
    let text = match means.format.unwrap_or(PublishFormat::Human) {
        PublishFormat::Human => publication_human(&publication, context.printer.paint(path)),
        PublishFormat::Json => write_json(&publication, means.json_pretty)? + "\n",
    };
    output.put(text.as_bytes())?;
    output.finish()?;
    Ok(ExitStatus::Good)
}

/// What is wrong with a command line that does not name one domain and one policy.
fn unclear(name: Option<&str>, more: Option<&str>) -> anyhow::Error {
    let usage = "mta-sts publish DOMAIN --policy FILE --to DIR";
    match (name, more) {
        (Some(name), _) if nearest(name, ["rollback"].into_iter()).is_some() => {
            Stop::usage(format!("`{}` is no verb of publish; did you mean `rollback`?", visible(name)))
        }
        (_, Some(more)) => {
            let more = visible(more);
            Stop::usage(format!("publish takes one domain at a time, and then came `{more}`: {usage}"))
        }
        _ => Stop::usage(format!("a domain and --policy FILE are needed: {usage}")),
    }
}

fn domain(text: &str) -> anyhow::Result<Domain> {
    Domain::parse(text).map_err(|error| Stop::usage(error.to_string()))
}

/// What everything below is given.
struct Given<'a> {
    domain: &'a Domain,
    means: &'a MeansArgs,
    look: &'a LookArgs,
    context: &'a Context,
}
