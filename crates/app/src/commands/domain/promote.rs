//! `mta-sts domain promote`.

use host::domains::{Change, DomainsError, PolicyVersion};
use judge::propose::Wish;
use judge::{GateStatus, MaxAgeProfile, Readiness, Reports, assess, ready};
use protocol::observed::{Evidence, History, Look, PastPolicy};
use protocol::sts::Mode;

use super::{drafting, guarding};
use crate::cli::{HostingFormat, ProfileWord, PromoteArgs, ScaleArgs};
use crate::commands::Context;
use crate::commands::hosting::{Author, Hosting, of_domains};
use crate::exit::{ExitStatus, Stop};
use crate::render::{readiness_human, readiness_json, write_json};
use crate::settings::Scale;

/// The gates that reports decide.
const ON_REPORTS: [&str; 2] = ["reports_arrive", "reports_clean"];

/// Goes from testing to enforce, if the domain is ready.
pub(super) async fn promote(args: &PromoteArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let hosting = Hosting::open(&args.hosting, &context.layers, false).await?;
    let hosted = hosting.get(&args.domain).await?;
    let Some(current) = hosting.current(&hosted).await? else {
        return Err(of_domains(DomainsError::NoPolicy(args.domain.clone())));
    };
    if current.body.policy().mode == Mode::Enforce {
        context.printer.talk(format!("{} is in mode enforce already: nothing to do", args.domain));
        return hosting.show(&args.domain, &args.shown, context).await;
    }
    let versions = hosting.domains.history(&args.domain).await.map_err(of_domains)?;
    let evidence = guarding::seen(&args.domain, ProfileWord::Full, &args.look, context).await?;
    let readiness = judged(&versions, &evidence, context)?;
    let stands: Vec<&str> = readiness
        .gates
        .iter()
        .filter(|gate| gate.status != GateStatus::Pass)
        .map(|gate| gate.name)
        .filter(|name| !(args.without_reports && ON_REPORTS.contains(name)))
        .filter(|name| !args.despite.iter().any(|given| given == name))
        .collect();
    if let Some(unknown) =
        args.despite.iter().find(|given| readiness.gates.iter().all(|gate| gate.name != *given))
    {
        let names: Vec<&str> = readiness.gates.iter().map(|gate| gate.name).collect();
        let unknown = crate::render::visible(unknown);
        return Err(Stop::usage(format!(
            "--despite: there is no gate {unknown}; the gates are {}",
            names.join(", ")
        )));
    }
    if !stands.is_empty() {
        show(&readiness, &evidence, args, context)?;
        let only_reports = stands.iter().all(|name| ON_REPORTS.contains(name));
        let hint = if only_reports {
            "--without-reports goes on without any".to_owned()
        } else {
            format!("mend what they name, or go on all the same with {}", despite(&stands))
        };
        let message = format!("not ready for enforce, nothing was changed: {}; {hint}", stands.join(", "));
        return Err(Stop { status: ExitStatus::NotReady, message }.into());
    }
    let max_age = args.max_age.unwrap_or_else(|| usual(&current, context));
    let body = drafting::edited(current.body.policy(), &[], Some(Mode::Enforce), Some(max_age))?;
    guarding::checked(body.policy(), &evidence)?;
    let expected = Some(args.by.if_version.unwrap_or(current.number));
    let (now, author) = (hosting.clock.now(), Author::of(&args.by));
    let change = Change { body, expected, back_to: None };
    hosting.domains.change(&args.domain, None, &change, author.by(), now).await.map_err(of_domains)?;
    hosting.show(&args.domain, &args.shown, context).await
}

fn despite(gates: &[&str]) -> String {
    let mut words: Vec<String> = gates
        .iter()
        .map(|name| {
            if ON_REPORTS.contains(name) {
                "--without-reports".to_owned()
            } else {
                format!("--despite {name}")
            }
        })
        .collect();
    words.dedup();
    words.join(" ")
}

/// The gates, with what this host has served as the domain's past.
fn judged(versions: &[PolicyVersion], evidence: &Evidence, context: &Context) -> anyhow::Result<Readiness> {
    let scale = Scale::resolve(&ScaleArgs::default(), &context.layers)?;
    let history = History { looks: past(versions), vantages: Vec::new() };
    let assessment = assess(evidence, &history, evidence.taken_at, scale.yardstick());
    Ok(ready(evidence, &history, &assessment, Reports::NotGiven, evidence.taken_at))
}

/// What senders could see, as of each time at which an id was announced.
fn past(versions: &[PolicyVersion]) -> Vec<Look> {
    let look = |version: &PolicyVersion| {
        let policy = version.body.policy();
        Some(Look {
            taken_at: version.announced?,
            id: Some(version.id.clone()),
            record_absent: false,
            policy: Some(PastPolicy {
                sha256: version.body.body_sha256().iter().map(|octet| format!("{octet:02x}")).collect(),
                mode: policy.mode,
                max_age: policy.max_age,
            }),
        })
    };
    versions.iter().filter_map(look).collect()
}

/// `max_age` in enforce: by the advice in force, or as before if that is longer.
fn usual(current: &PolicyVersion, context: &Context) -> u64 {
    let max_age_profile: MaxAgeProfile =
        context.layers.max_age_profile(None).map(|setting| setting.value).unwrap_or_default();
    let wish = Wish { mode: Mode::Enforce, max_age_profile, ..Wish::default() };
    wish.max_age().max(current.body.policy().max_age)
}

fn show(
    readiness: &Readiness,
    evidence: &Evidence,
    args: &PromoteArgs,
    context: &Context,
) -> anyhow::Result<()> {
    let text = match args.shown.format.unwrap_or(HostingFormat::Human) {
        HostingFormat::Human => {
            readiness_human(readiness, context.printer.paint(None), context.printer.quiet)
        }
        HostingFormat::Json => {
            write_json(&readiness_json(readiness, evidence), args.shown.json_pretty)? + "\n"
        }
    };
    context.printer.put(None, &text)
}
